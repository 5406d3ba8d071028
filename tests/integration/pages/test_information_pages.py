"""The pages of requests from outside: what to say, taken down by many, judged and answered by one."""

import re

import pytest

from services.case.information_requests.commands import AnswerInformationRequest, TakeInformationRequest
from shared.codelists.periods import london_day
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from tests.integration.pages.test_rights_pages import form_of
from tests.kit.page_browser import audited, words

PAGE, TAKE = "/information-requests", "/information-requests/new"


@pytest.fixture
def survivor(host):
    """Somebody whose advocate is the one who signs in."""
    host.database("case")["information_requests"].delete_many({})
    host.login("IMSA")
    return host.survivor("IMSA", name="Zlatan-Name", safe_contact="Tuesdays at noon")


def judging():
    today = london_day(real_now())
    return {
        "legal_power": "COURT_ORDER", "relevant": "MET", "necessary": "MET", "proportionate": "MET", "counselling": "NO",
        "probative": "NOT_JUDGED", "counsel_day": today.day, "counsel_month": today.month, "counsel_year": today.year,
    }  # fmt: skip


@pytest.mark.parametrize("role", ["IMSA", "SUPERVISOR", "HOST_DPO", "SAFEGUARDING_LEAD", "HOST_ADMIN"])
def test_the_page_says_what_to_say_and_takes_it_down(host, survivor, role):
    """The default answer and the technical fact stand there; nobody is named by it."""
    taker = host.browser(role)
    page = words(taker.get(TAKE).text)
    for told in ("referred to our counsel", "cannot read it alone", "not whether you know the person"):
        assert told in page
    sent = taker.send(TAKE, TAKE, person=survivor, asked_by="POLICE_REQUEST", words="Zlatan-Words")
    assert sent.headers["Location"] == f"{TAKE}?done=taken"
    (one,) = host.get("/v1/information-requests", "HOST_DPO").json["items"]
    assert (one["survivor_id"], one["outcome"]) == (survivor, "REFERRED_TO_COUNSEL")
    assert audited(host, "case", action=TakeInformationRequest.action, actor_id=host.people[role])


def test_it_is_judged_told_and_answered_on_its_page(host, survivor):
    """Nothing leaves before; the safe contact stands there."""
    host.browser("IMSA").send(TAKE, TAKE, person=survivor, asked_by="COURT_ORDER")
    dpo = host.browser("HOST_DPO")
    (path,) = re.findall(r'href="(/information-requests/[0-9a-f-]{36})"', dpo.get(PAGE).text)
    assert "Tuesdays at noon" in words(dpo.get(path).text)
    early = dpo.post(path, **form_of(dpo, path, "answer"), outcome="COMPLIED", left="SUPPORT_PLAN")
    assert (early.status_code, "Counsel has not been heard" in words(early.text)) == (422, True)
    done = f"{path}?done=yes"
    assert dpo.post(path, **form_of(dpo, path, "judge"), **judging()).headers["Location"] == done
    assert '<option value="COURT_ORDER" selected>' in dpo.get(path).text
    assert dpo.post(path, **form_of(dpo, path, "notice"), notice="TOLD_IN_PRIVATE").headers["Location"] == done
    sent = dpo.post(path, **form_of(dpo, path, "answer"), outcome="COMPLIED", left="SUPPORT_PLAN", words="Here.")
    assert sent.headers["Location"] == done
    assert "What left" in words(dpo.get(path).text)
    assert "None waits for an answer." in words(dpo.get(PAGE).text)
    assert audited(host, "case", action=AnswerInformationRequest.action, actor_id=host.people["HOST_DPO"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"asked_by": ""}, "Choose who asks"), ({"person": new_id()}, "Nobody with this"),
        ({"person": "", "words": "x"}, "keeps no words"), ({"words": "x" * 4001}, "at most 4000"),
        ({"received_day": "31", "received_month": "2", "received_year": "2026"}, "Write the day"),
        ({"received_day": "1", "received_month": "1", "received_year": "2099"}, "Give the day"),
    ],
)  # fmt: skip
def test_what_is_missing_is_asked_for_again(host, survivor, change, told):
    """And nothing is kept."""
    answer = host.browser("IMSA").send(TAKE, TAKE, **{"person": survivor, "asked_by": "CORONER", **change})
    assert (answer.status_code, told in words(answer.text)) == (422, True)
    assert host.get("/v1/information-requests", "HOST_DPO").json["items"] == []


def test_a_form_that_is_not_whole_changes_nothing(host, survivor):
    """Nor one that was changed on its way."""
    host.browser("IMSA").send(TAKE, TAKE, person=survivor, asked_by="COURT_ORDER")
    dpo = host.browser("HOST_DPO")
    (path,) = re.findall(r'href="(/information-requests/[0-9a-f-]{36})"', dpo.get(PAGE).text)
    for verb, said in (
        ("judge", {**judging(), "necessary": "PERHAPS"}), ("judge", {**judging(), "counsel_month": "13"}),
        ("notice", {"notice": "X"}), ("answer", {"outcome": "X"}), ("answer", {"outcome": "REFUSED", "refusals": "X"}),
        ("answer", {"outcome": "COMPLIED", "left": "X"}), ("judge", {**judging(), "version": "x"}),
        ("judge", {**judging(), "verb": "forget"}),
    ):  # fmt: skip
        assert dpo.post(path, **{**form_of(dpo, path, verb), **said}).status_code == 422, said
    assert host.get("/v1/information-requests", "HOST_DPO").json["items"][0]["version"] == 1


@pytest.mark.parametrize("role", ["IMSA", "SUPERVISOR", "HOST_DATA_LEAD"])
def test_nobody_else_finds_what_was_asked(host, survivor, role):
    """Neither the list nor the request."""
    taken = host.post("/v1/information-requests", {"survivor_id": survivor, "asked_by": "CORONER"}, "HOST_DPO")
    other = host.browser(role)
    assert other.get(PAGE).status_code == 404
    assert other.get(f"{PAGE}/{taken.json['id']}").status_code == 404
