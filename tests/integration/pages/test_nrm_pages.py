"""The NRM on the pages: what is known, by when and why, forms that say what to mend, and who may write."""

import re
from datetime import UTC, datetime

import pytest

from tests.kit.page_browser import fields_of, words

TYPED = {
    "stage": "RG_NEGATIVE", "on_day": "12", "on_month": "10", "on_year": "2026", "told_on_answer": "NOT_KNOWN",
    "told_by": "SUPPORT_PROVIDER", "authority": "SCA", "note": "Planted-note",
}  # fmt: skip
MONDAY = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def survivor(host):
    """Somebody of the advocate who signs in; it is 2 November."""
    host.login("IMSA")
    host.at(MONDAY)
    survivor_id = host.survivor(name="Ida Planted", advocate_id=host.people["IMSA"])
    host.episode(survivor_id=survivor_id, advocate_id=host.people["IMSA"], nation="ENGLAND")
    yield survivor_id
    host.at(None)


@pytest.fixture
def advocate(host, survivor):
    return host.browser("IMSA")


def write(browser, survivor, **typed):
    target = f"/support/{survivor}/nrm/new"
    return browser.send(target, target, **{**TYPED, **typed})


def entries(host, survivor):
    return host.get(f"/v1/survivors/{survivor}/nrm").json["items"]


def test_what_is_known_stands_with_by_when_and_why(host, survivor, advocate):
    """On their screen in a line; on its page with the day, the rule and its source; nothing is chosen beforehand."""
    assert "Nothing is written down. Support does not depend on it." in words(advocate.get(f"/support/{survivor}").text)
    assert " selected" not in advocate.get(f"/support/{survivor}/nrm/new").text
    assert write(advocate, survivor).headers["Location"] == f"/support/{survivor}/nrm?done=written"
    page = words(advocate.get(f"/support/{survivor}/nrm").text)
    for told in (
        "Negative reasonable grounds, since 12 October 2026", "A reconsideration can be asked for: 11 November 2026",
        "30 days from then", "version 4.1", "Only a regulated legal adviser can say what applies.",
        "A lawyer has not confirmed this yet.", "Day they were told Not known", "Told by A support provider", "Planted-note",
    ):  # fmt: skip
        assert told in page, told
    assert "Negative reasonable grounds." in words(advocate.get(f"/support/{survivor}").text)
    assert host.audited(action="case:nrm:list", object_id=survivor, actor_id=host.people["IMSA"])


@pytest.mark.parametrize(
    ("typed", "target"),
    [({"stage": ""}, "stage"), ({"stage": "CHESS"}, "stage"), ({"on_day": "31", "on_month": "2"}, "on"), ({"on_day": "3", "on_month": "11"}, "on"),
     ({"on_answer": "NOT_KNOWN"}, "on"), ({"told_on_day": "1", "told_on_month": "10", "told_on_year": "2026", "told_on_answer": ""}, "told_on"),
     ({"told_on_answer": "SOON"}, "told_on"), ({"told_by": "x"}, "told_by"), ({"authority": "x"}, "authority"), ({"note": "x" * 1001}, "note")],
)  # fmt: skip
def test_what_is_to_be_mended_is_said_and_what_was_typed_stays(host, survivor, advocate, typed, target):
    """A day and an answer in its place are too much; nothing is kept."""
    again = write(advocate, survivor, **typed)
    assert again.status_code == 422
    assert f'href="#{target}"' in again.text
    assert f'id="{target}"' in again.text
    assert ("Planted-note" in again.text) == ("note" not in typed)
    assert entries(host, survivor) == []


def test_a_slip_is_mended_in_sight(host, survivor, advocate):
    """The form holds what stands; what is emptied is taken away; what stood there stays on the page."""
    write(advocate, survivor)
    (row,) = entries(host, survivor)
    page = f"/support/{survivor}/nrm/{row['id']}"
    form = advocate.get(page).text
    assert re.search(r'value="RG_NEGATIVE" selected', form)
    assert "write the new decision down beside it" in form
    again = advocate.send(page, f"{page}/correct", **TYPED)
    assert (again.status_code, 'href="#why"' in again.text) == (422, True)
    mended = {**TYPED, "on_day": "13", "note": "", "told_on_answer": "", "why": "WRITTEN_WRONGLY"}
    assert advocate.send(page, f"{page}/correct", **mended).headers["Location"].endswith("/nrm?done=corrected")
    before, now = entries(host, survivor)
    assert (before["on"], now["on"], now["note"], now["told_on"]) == ("2026-10-12", "2026-10-13", None, None)
    shown = words(advocate.get(f"/support/{survivor}/nrm").text)
    assert "Corrected later" in shown
    assert "Planted-note" in shown
    assert "corrected or taken back already" in words(advocate.get(page).text)


def test_it_is_taken_back_and_counts_no_more(host, survivor, advocate):
    """Why is asked; what stood there stays."""
    write(advocate, survivor)
    (row,) = entries(host, survivor)
    page = f"/support/{survivor}/nrm/{row['id']}"
    assert 'href="#why-back"' in advocate.send(page, f"{page}/take-back").text
    assert advocate.send(page, f"{page}/take-back", why="ANOTHER_PERSON").status_code == 303
    shown = words(advocate.get(f"/support/{survivor}/nrm").text)
    assert "Nothing is written down yet, and nothing has to be." in shown
    assert "Not of this person" in shown
    assert "No time runs by what is written down." in shown


def test_a_time_is_put_on_the_list_by_one_press(host, survivor, advocate):
    """Its page says so afterwards; a time that does not run is said to be gone."""
    write(advocate, survivor)
    (row,) = entries(host, survivor)
    page, target = f"/support/{survivor}/nrm", f"/support/{survivor}/nrm/{row['id']}/plan"
    assert advocate.send(page, target, kind="RECONSIDERATION").headers["Location"] == f"/support/{survivor}?done=step"
    assert "Ask whether they want a reconsideration" in words(advocate.get(f"/support/{survivor}").text)
    assert "It is on the list of what is to be done." in words(advocate.get(page).text)
    again = advocate.send(page, target, kind="RECOVERY")
    assert (again.status_code, 'href="#times"' in again.text) == (422, True)
    assert advocate.send(page, target, kind="CHESS").status_code == 404


def test_what_is_over_is_said_plainly(host, survivor, advocate):
    """On both pages; and where the day is not known, what to look for."""
    write(advocate, survivor, on_month="8")
    assert "1 day is over" in words(advocate.get(f"/support/{survivor}").text)
    assert "The usual time is over. There are exceptions." in words(advocate.get(f"/support/{survivor}/nrm").text)
    write(advocate, survivor, on_day="", on_month="", on_year="", on_answer="DECLINED_TO_ANSWER")
    page = words(advocate.get(f"/support/{survivor}/nrm").text)
    assert "2 December 2026 at the latest" in page
    assert "look for the day in the letter" in page


def test_a_supervisor_reads_and_plans_and_others_do_neither(host, survivor, advocate):
    """No form is offered to a supervisor, and none is taken; to everybody else the address is not there."""
    write(advocate, survivor)
    (row,) = entries(host, survivor)
    page = f"/support/{survivor}/nrm"
    supervisor = host.browser("SUPERVISOR")
    shown = supervisor.get(page).text
    assert "Their advocate writes here." in shown
    assert "Correct this" not in shown
    for path in (f"{page}/new", f"{page}/{row['id']}"):
        assert supervisor.get(path).status_code == 404
    hidden = fields_of(shown, f"{page}/{row['id']}/plan")
    for target in (f"{page}/new", f"{page}/{row['id']}/correct", f"{page}/{row['id']}/take-back"):
        assert supervisor.post(target, **hidden, **TYPED, why="WRITTEN_TWICE").status_code == 404
    assert supervisor.send(page, f"{page}/{row['id']}/plan", kind="RECONSIDERATION").status_code == 303
    for role in ("HOST_DPO", "SAFEGUARDING_LEAD"):
        assert host.browser(role).get(page).status_code in (403, 404)
    host.post(f"/v1/survivors/{survivor}/advocates", {"advocate_ids": []})
    assert advocate.get(page).status_code == 404
    assert len(entries(host, survivor)) == 1
