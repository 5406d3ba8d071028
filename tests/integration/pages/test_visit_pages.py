"""The pages of visits: planned before going, one press on the way, and alarms for those who look after them."""

import re
from datetime import UTC, datetime

import pytest

from services.case.visits.commands import PlanVisit, SaySafe
from services.case.visits.forms import TypedVisit
from tests.kit.page_browser import audited, words

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 9, 1, 16, tzinfo=UTC)
TYPED = {
    "on_day": "1", "on_month": "9", "on_year": "2026", "from": "14:00", "until": "15:30", "every": "",
    "place": "7 Planted Row", "what_if": "Ring her sister", "told": "SUPERVISORS",
}  # fmt: skip


@pytest.fixture
def survivor(host):
    """Somebody of the advocate who signs in; it is one o'clock in London on 1 September."""
    host.login("IMSA")
    host.at(NOW)
    yield host.survivor(name="Ida Planted", advocate_id=host.people["IMSA"])
    host.at(None)


@pytest.fixture
def advocate(host, survivor):
    return host.browser("IMSA")


def plan(browser, survivor, **typed):
    target = f"/support/{survivor}/visit"
    return browser.send(target, target, **{**TYPED, **typed})


def only(host):
    (visit,) = host.get("/v1/visits", "IMSA").json["items"]
    return visit


def test_one_plans_goes_and_comes_back(host, survivor, advocate):
    """From the person's page; on the way each is one press, and the page of the way names nobody and no place."""
    assert f"/support/{survivor}/visit" in advocate.get(f"/support/{survivor}").text
    assert plan(advocate, survivor).headers["Location"] == "/visits?done=planned"
    visit = only(host)
    assert (visit["from_at"], visit["until_at"]) == ("2026-09-01T13:00:00Z", "2026-09-01T14:30:00Z")
    assert "say that you are safe" in words(advocate.get("/support").text)
    page = words(advocate.get("/visits").text)
    assert "Ring 999" in page
    assert "Planted" not in page
    for verb, typed in (("safe", {}), ("longer", {"minutes": "60"}), ("help", {}), ("end", {})):
        sent = advocate.send("/visits", f"/visits/{visit['id']}/{verb}", **typed)
        assert sent.headers["Location"] == f"/visits?done={verb}"
    assert (only(host)["state"], only(host)["alarm"]) == ("ENDED", "HELP_ASKED")
    assert audited(host, "case", action=SaySafe.action, actor_id=host.people["IMSA"])


def test_a_supervisor_looks_after_an_alarm(host, survivor, advocate):
    """Their first page says it; where she went stands on a page of its own, only while the alarm stands."""
    plan(advocate, survivor)
    visit = only(host)["id"]
    supervisor = host.browser("SUPERVISOR")
    assert "Pat Imsa: from 1 September 2026, 14:00" in words(supervisor.get("/visit-alarms").text)
    assert supervisor.get(f"/visit-alarms/{visit}").status_code == 404
    host.at(LATER)
    supervisor = host.browser("SUPERVISOR")
    assert "1 visit alarm stands" in words(supervisor.get("/support").text)
    page = words(supervisor.get("/visit-alarms").text)
    assert "Has not said that they are safe" in page
    assert "Planted" not in page
    where = words(supervisor.get(f"/visit-alarms/{visit}").text)
    assert ("7 Planted Row" in where, "Ring her sister" in where) == (True, True)
    taken = supervisor.send("/visit-alarms", f"/visit-alarms/{visit}/take")
    assert taken.headers["Location"] == "/visit-alarms?done=take"
    unsaid = supervisor.send("/visit-alarms", f"/visit-alarms/{visit}/close", found="")
    assert (unsaid.status_code, "Choose what was found" in words(unsaid.text)) == (422, True)
    closed = supervisor.send("/visit-alarms", f"/visit-alarms/{visit}/close", found="SAFE_AND_BACK")
    assert closed.headers["Location"] == "/visit-alarms?done=close"
    assert "Nobody is overdue." in words(supervisor.get("/visit-alarms").text)
    assert supervisor.get(f"/visit-alarms/{visit}").status_code == 404
    assert audited(host, "case", action="case:visit:read", actor_id=host.people["SUPERVISOR"])


@pytest.mark.parametrize("role", ["HOST_ADMIN", "SAFEGUARDING_LEAD"])
def test_others_see_who_it_is_and_never_where(host, survivor, advocate, role):
    """Once nobody answered."""
    plan(advocate, survivor)
    visit = only(host)["id"]
    host.at(LATER)
    other = host.browser(role)
    page = words(other.get("/visit-alarms").text)
    assert ("Pat Imsa" in page, "Show where" in page) == (True, False)
    assert other.get(f"/visit-alarms/{visit}").status_code == 404


@pytest.mark.parametrize(
    ("typed", "target"),
    [
        ({"on_day": "32"}, "on"), ({"on_day": "", "on_month": "", "on_year": ""}, "on"), ({"from": "25:00"}, "from"),
        ({"from": "soon"}, "from"), ({"until": "13:30"}, "until"), ({"until": ""}, "until"), ({"every": "many"}, "every"),
        ({"every": "5"}, "every"), ({"place": " "}, "place"), ({"place": "x" * 501}, "place"),
        ({"what_if": "x" * 2001}, "what_if"), ({"told": "X"}, "told"), ({"from": "09:00"}, "from"),
        ({"from": "13:00", "until": "13:00"}, "until"),
    ],
)  # fmt: skip
def test_what_is_to_be_mended_is_said(host, survivor, advocate, typed, target):
    """And nothing is planned."""
    again = plan(advocate, survivor, **typed)
    assert again.status_code == 422
    assert f'href="#{target}"' in again.text
    assert host.get("/v1/visits", "IMSA").json["items"] == []


@pytest.mark.parametrize(
    ("on", "clock", "wanted"),
    [
        (("30", "3", "2026"), "14.30", datetime(2026, 3, 30, 13, 30, tzinfo=UTC)),
        (("29", "3", "2026"), "01:30", None),
        (("25", "10", "2026"), "0130", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (("1", "12", "2026"), "9:05", datetime(2026, 12, 1, 9, 5, tzinfo=UTC)),
    ],
)
def test_a_time_of_the_clock_is_londons(on, clock, wanted):
    """One that does not come is refused; of one that comes twice it is the first, so that no alarm is late."""
    day = dict(zip(("day", "month", "year"), on, strict=True))
    said, wrong = TypedVisit(on=day, begins=clock, ends="23:59", place="x", told="SUPERVISORS").read()
    assert (said["from_at"], "from" in wrong) == (wanted, wanted is None)


def test_nobody_else_presses_or_plans(host, survivor, advocate):
    """Neither another advocate nor a supervisor says for somebody that they are safe."""
    plan(advocate, survivor)
    visit = only(host)
    supervisor = host.browser("SUPERVISOR")
    form = re.search(r'name="form_check" value="([^"]+)"', supervisor.get(f"/support/{survivor}/visit").text)[1]
    sent = supervisor.post(f"/visits/{visit['id']}/safe", form_check=form, form_number=visit["id"])
    assert sent.status_code == 404
    assert only(host)["version"] == visit["version"]
    assert host.browser("HOST_DPO").get("/visits").status_code == 404
    assert audited(host, "case", action=PlanVisit.action, actor_id=host.people["IMSA"])
