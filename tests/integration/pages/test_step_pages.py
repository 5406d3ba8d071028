"""What is due, on the pages: first what is past its day, of one's own people; and what can be done about it."""

import re
from datetime import UTC, datetime

import pytest

from services.case.steps import pages as step_pages
from shared.kernel.ids import new_id
from tests.kit.page_browser import words

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
DUE = {"due_day": "4", "due_month": "9", "due_year": "2026"}


@pytest.fixture
def survivor(host):
    """Somebody of the advocate who signs in; it is 1 September."""
    host.login("IMSA")
    host.at(NOW)
    yield host.survivor(name="Ida Planted", advocate_id=host.people["IMSA"])
    host.at(None)


@pytest.fixture
def advocate(host, survivor):
    return host.browser("IMSA")


def add(browser, survivor, **typed):
    target = f"/support/{survivor}/step"
    return browser.send(target, target, **{"kind": "FOLLOW_UP", "what": "Ring the council", **DUE, **typed})


def steps(host, survivor):
    return host.get(f"/v1/survivors/{survivor}/steps").json["items"]


def link(browser, survivor):
    return re.search(rf'href="(/support/{survivor}/steps/[0-9a-f-]+)"', browser.get(f"/support/{survivor}").text)[1]


def test_what_is_added_stands_on_the_persons_screen_and_among_what_is_due(host, survivor, advocate):
    """By its day; past its day it comes first, and on the list of people too."""
    assert add(advocate, survivor, mine="yes").headers["Location"] == f"/support/{survivor}?done=step"
    (row,) = steps(host, survivor)
    assert (row["what"], row["due_on"], row["taken_by"]) == ("Ring the council", "2026-09-04", host.people["IMSA"])
    assert "Ring the council , by 4 September 2026 , you do it" in words(advocate.get(f"/support/{survivor}").text)
    due = words(advocate.get("/due").text)
    assert "Coming Ring the council 4 September 2026 , Ida Planted . You do it." in due
    assert "Next: 4 September 2026" in words(advocate.get("/support").text)
    host.at(datetime(2026, 9, 5, 12, tzinfo=UTC))
    browser = host.browser("IMSA")
    assert "1 thing is past its day" in words(browser.get("/due").text)
    assert "1 thing is past its day" in words(browser.get("/support").text)


@pytest.mark.parametrize(
    ("form", "wanted"),
    [("done", {"state": "DONE"}), ("take", {"state": "OPEN"}), ("move", {"due_on": "2026-09-10"}),
     ("drop", {"state": "DROPPED", "why": "SURVIVOR_DECIDED"})],
)  # fmt: skip
def test_what_can_be_done_about_it(host, survivor, advocate, form, wanted):
    """Each with a form of its own."""
    add(advocate, survivor)
    page = link(advocate, survivor)
    typed = {"drop": {"why": "SURVIVOR_DECIDED"}, "move": {**DUE, "due_day": "10"}}.get(form, {})
    done = advocate.send(page, f"{page}/{form}", **typed)
    assert done.headers["Location"] == f"/support/{survivor}?done={form}"
    (row,) = steps(host, survivor)
    assert {name: row[name] for name in wanted} == wanted
    assert "Saved" in words(advocate.get(done.headers["Location"]).text)


@pytest.mark.parametrize(
    ("typed", "target"),
    [({"what": ""}, "what"), ({"what": "x" * 501}, "what"), ({"due_day": "32"}, "due"), ({"due_month": "8"}, "due"),
     ({"kind": ""}, "kind"), ({"kind": "REVIEW", "weeks": "many"}, "weeks"), ({"kind": "REVIEW", "weeks": "99"}, "weeks"),
     ({"kind": "REVIEW", "due_day": "", "due_month": "", "due_year": ""}, "due")],
)  # fmt: skip
def test_what_is_to_be_mended_is_said(host, survivor, advocate, typed, target):
    """And nothing is added."""
    again = add(advocate, survivor, **typed)
    assert again.status_code == 422
    assert f'href="#{target}"' in again.text
    assert steps(host, survivor) == []


@pytest.mark.parametrize(("form", "typed", "target"), [("drop", {}, "why"), ("move", {**DUE, "due_month": "8"}, "due"),
                                                      ("move", {**DUE, "due_day": "x"}, "due")])  # fmt: skip
def test_what_cannot_be_done_is_said(host, survivor, advocate, form, typed, target):
    """And it stays as it is."""
    add(advocate, survivor)
    page = link(advocate, survivor)
    again = advocate.send(page, f"{page}/{form}", **typed)
    assert again.status_code == 422
    assert f'href="#{target}"' in again.text
    assert steps(host, survivor)[0]["version"] == 1


def test_a_review_is_agreed_and_comes_again(host, survivor, advocate):
    """On their rhythm; the person's screen says where none is agreed."""
    assert "No review is agreed." in words(advocate.get(f"/support/{survivor}").text)
    add(advocate, survivor, kind="REVIEW", what="", weeks="4")
    assert "No review is agreed." not in words(advocate.get(f"/support/{survivor}").text)
    second = add(advocate, survivor, kind="REVIEW", what="", weeks="4")
    assert second.status_code == 422
    assert "A review is agreed already" in words(second.text)
    page = link(advocate, survivor)
    advocate.send(page, f"{page}/done")
    assert sorted((row["state"], row["due_on"]) for row in steps(host, survivor)) == [
        ("DONE", "2026-09-04"), ("OPEN", "2026-09-29"),
    ]  # fmt: skip


def test_a_contacts_next_step_has_its_day(host, survivor, advocate):
    """Written in the same form."""
    host.episode(survivor_id=survivor, advocate_id=host.people["IMSA"])
    target = f"/support/{survivor}/contact"
    typed = {"mode": "PHONE", "interpreter": "NONE_NEEDED", "on_day": "1", "on_month": "9", "on_year": "2026"}
    by = {"by_day": "4", "by_month": "9", "by_year": "2026"}
    for wrong in ({**by, "next_step": ""}, {**by, "by_month": "8", "next_step": "Ring"}, {**by, "by_day": "x"}):
        assert advocate.send(target, target, **typed, **wrong).status_code == 422
    assert advocate.send(target, target, **typed, **by, next_step="Ring").status_code == 303
    (row,) = steps(host, survivor)
    assert (row["what"], row["due_on"]) == ("Ring", "2026-09-04")


def test_a_supervisor_sees_the_teams_with_who_does_it(host, survivor, advocate):
    """An advocate sees nobody else's."""
    add(advocate, survivor, mine="yes")
    other = host.survivor(name="Una Planted")
    host.post(f"/v1/survivors/{other}/steps", {"what": "Find an advocate", "due_on": "2026-09-02"})
    team = words(host.browser("SUPERVISOR").get("/due").text)
    assert "Ida Planted . Pat Imsa does it." in team
    assert "Una Planted . Nobody has taken it yet." in team
    assert "Una" not in words(advocate.get("/due").text)


def test_another_persons_step_is_not_there(host, survivor, advocate):
    """Also where both are one's own people; nor is one that has ended, or a form that there is not."""
    add(advocate, survivor)
    page = link(advocate, survivor)
    other = host.survivor(advocate_id=host.people["IMSA"])
    assert advocate.get(page.replace(survivor, other)).status_code == 404
    assert advocate.get(f"/support/{survivor}/steps/{new_id()}").status_code == 404
    assert advocate.send(page, f"{page}/done").status_code == 303
    assert advocate.get(page).status_code == 404


def test_what_is_left_of_an_erased_person_hides_nobody_elses(host, survivor, advocate, monkeypatch):
    """It is past its day for ever, and comes before everything else; nobody can end it any more."""
    monkeypatch.setattr(step_pages, "MOST", 2)
    add(advocate, survivor)
    gone = host.survivor(advocate_id=host.people["IMSA"])
    for _ in range(2):
        host.post(f"/v1/survivors/{gone}/steps", {"what": "Earlier", "due_on": "2026-09-02"})
    host.contexts["case"].survivor_keys.forget(gone)
    for browser in (advocate, host.browser("SUPERVISOR")):
        assert "Ring the council 4 September 2026" in words(browser.get("/due").text)


@pytest.mark.parametrize("role", ["HOST_DPO", "HOST_DATA_LEAD", "HOST_ADMIN", "SAFEGUARDING_LEAD"])
def test_to_others_nothing_is_due(host, role):
    """The role table: casework is for advocates and supervisors."""
    assert host.browser(role).get("/due").status_code == 404
