"""The pages of breaches: anybody says what happened, and one person deals with it."""

import re
from datetime import datetime, timedelta

import pytest

from services.case.breaches.commands import CloseBreach, TakeBreach
from shared.codelists.periods import london_day
from shared.kernel.clock import real_now
from shared.web.pages.dates import first_instant
from tests.integration.pages.test_rights_pages import form_of
from tests.kit.page_browser import audited, words

PAGE, TAKE = "/breaches", "/breaches/new"


@pytest.fixture
def empty(host):
    host.database("case")["breaches"].delete_many({})
    host.login("IMSA")
    return host


@pytest.mark.parametrize("role", ["IMSA", "SUPERVISOR", "HOST_DPO", "SAFEGUARDING_LEAD", "HOST_ADMIN"])
def test_anybody_says_that_something_went_wrong(empty, role):
    """By the API's own command, audited as such."""
    taker = empty.browser(role)
    sent = taker.send(TAKE, TAKE, kind="DEVICE_OR_PAPER_LOST", contents="CONTACT")
    assert sent.headers["Location"] == f"{TAKE}?done=taken"
    (one,) = empty.get("/v1/breaches", "HOST_DPO").json["items"]
    assert (one["kind"], one["contents"], one["stands_at"]) == ("DEVICE_OR_PAPER_LOST", ["CONTACT"], "HIGH")
    assert audited(empty, "case", action=TakeBreach.action, actor_id=empty.people[role])


def test_it_is_dealt_with_on_its_page(empty):
    """Judged, people named and told safely, reported, closed."""
    survivor = empty.survivor("IMSA", name="Zlatan-Name", safe_contact="Tuesdays at noon")
    empty.browser("IMSA").send(TAKE, TAKE, kind="OTHER")
    dpo = empty.browser("HOST_DPO")
    (path,) = re.findall(r'href="(/breaches/[0-9a-f-]{36})"', dpo.get(PAGE).text)
    done = f"{path}?done=yes"
    judged = dpo.post(path, **form_of(dpo, path, "judge"), risk="HIGH", contents="CONTACT")
    assert judged.headers["Location"] == done
    assert dpo.post(path, **form_of(dpo, path, "people"), person=survivor).headers["Location"] == done
    page = words(dpo.get(path).text)
    assert "Zlatan-Name" in page
    assert "Tuesdays at noon" in page
    early = dpo.post(path, **form_of(dpo, path, "close"), remedies="TAUGHT")
    assert (early.status_code, "The ICO has not been told" in words(early.text)) == (422, True)
    assert dpo.post(path, **form_of(dpo, path, "report"), also_told="PARTNERS").headers["Location"] == done
    assert dpo.post(path, **form_of(dpo, path, "told"), told="TOLD_IN_PRIVATE").headers["Location"] == done
    assert dpo.post(path, **form_of(dpo, path, "close"), remedies="TAUGHT").headers["Location"] == done
    assert "None is open." in words(dpo.get(PAGE).text)
    assert audited(empty, "case", action=CloseBreach.action, actor_id=empty.people["HOST_DPO"])


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("judge", {"risk": "X"}), ("judge", {"contents": "X"}), ("judge", {"version": "x"}), ("judge", {"verb": "forget"}),
        ("judge", {"risk": "UNLIKELY", "contents": "CONTACT"}), ("people", {"person": "R-999"}), ("people", {"person": ""}),
        ("report", {"late": "X"}), ("report", {"late": "OTHER"}), ("report", {"also_told": "X"}), ("close", {}),
        ("close", {"remedies": "X"}),
    ],
)  # fmt: skip
def test_a_form_that_is_not_whole_changes_nothing(empty, verb, said):
    """In a sentence."""
    empty.browser("IMSA").send(TAKE, TAKE, kind="OTHER")
    dpo = empty.browser("HOST_DPO")
    (path,) = re.findall(r'href="(/breaches/[0-9a-f-]{36})"', dpo.get(PAGE).text)
    whole = {"judge": {"risk": "HIGH", "contents": "CONTACT"}}.get(verb, {})
    answer = dpo.post(path, **{**form_of(dpo, path, verb), **whole, **said})
    assert (answer.status_code, "There is a problem" in words(answer.text)) == (422, True)
    assert empty.get("/v1/breaches", "HOST_DPO").json["items"][0]["version"] == 1


def test_the_hours_count_from_the_day_on_which_somebody_first_knew(empty):
    """From its beginning, so that what is written down a day later is not due a day later."""
    day = london_day(real_now()) - timedelta(days=1)
    typed = {"aware_day": str(day.day), "aware_month": str(day.month), "aware_year": str(day.year)}
    assert empty.browser("IMSA").send(TAKE, TAKE, kind="OTHER", **typed).status_code == 303
    (one,) = empty.get("/v1/breaches", "HOST_DPO").json["items"]
    known, due = (datetime.fromisoformat(one[name]) for name in ("aware_at", "ico_due_at"))
    assert (known, due - known) == (first_instant(day), timedelta(hours=72))


@pytest.mark.parametrize(
    "said",
    [
        {"kind": ""}, {"kind": "X"}, {"kind": "OTHER", "contents": "X"},
        {"kind": "OTHER", "aware_day": "31", "aware_month": "2", "aware_year": "2026"},
        {"kind": "OTHER", "aware_day": "1", "aware_month": "2", "aware_year": "2099"},
    ],
)  # fmt: skip
def test_what_happened_is_chosen(empty, said):
    """Nothing else is taken."""
    assert empty.browser("IMSA").send(TAKE, TAKE, **said).status_code == 422
    assert empty.get("/v1/breaches", "HOST_DPO").json["items"] == []


@pytest.mark.parametrize("role", ["IMSA", "SUPERVISOR", "HOST_DATA_LEAD"])
def test_nobody_else_finds_it(empty, role):
    """Neither the list nor the breach."""
    breach = empty.post("/v1/breaches", {"kind": "OTHER", "contents": []}, "HOST_DPO").json["id"]
    other = empty.browser(role)
    assert other.get(PAGE).status_code == 404
    assert other.get(f"{PAGE}/{breach}").status_code == 404
