"""Outcomes and entitlements on the pages: their own view, nothing chosen before, a review by one press."""

import re

import pytest

from shared.kernel.ids import new_id
from tests.kit.page_browser import audited, words

HOME, COURSE = "MSCOS_2_SECURE_SUITABLE_HOUSING", "MSCOS_6_ACCESS_EDUCATION"
SAID = {
    "point": "BASELINE",
    "rated_by": "SURVIVOR",
    "asked": "IN_PERSON",
    "on_day": "4",
    "on_month": "8",
    "on_year": "2026",
}


@pytest.fixture
def survivor(host):
    """Somebody with an episode of the advocate who signs in."""
    host.login("IMSA")
    survivor_id = host.survivor(name="Ida Planted")
    host.episode(survivor_id=survivor_id, advocate_id=host.people["IMSA"])
    return survivor_id


@pytest.fixture
def advocate(host, survivor):
    return host.browser("IMSA")


def write(browser, survivor, one, **typed):
    target = f"/support/{survivor}/{one}"
    return browser.send(target, target, **typed)


def link(browser, survivor, many):
    found = re.findall(
        rf'href="(/support/{survivor}/{many}/[0-9a-f-]+)"', browser.get(f"/support/{survivor}/outcomes").text
    )
    return found[-1]


def kept(host, name):
    return list(host.database("case")[name].find())


def test_what_they_say_stands_on_their_screen_as_a_change(host, survivor, advocate):
    """Several answers at once; what was not talked about is not kept; services stand apart."""
    assert " selected" not in advocate.get(f"/support/{survivor}/outcome").text
    first = {
        **SAID,
        HOME: "A_LITTLE",
        COURSE: "DECLINED_TO_ANSWER",
        "MSCOS_7_COMPASSIONATE_TRAUMA_INFORMED_SERVICES": "FULLY",
    }
    assert (
        write(advocate, survivor, "outcome", **first).headers["Location"]
        == f"/support/{survivor}/outcomes?done=written"
    )
    assert len(kept(host, "outcome_ratings")) == 3
    write(advocate, survivor, "outcome", **{**SAID, "point": "REVIEW", "on_day": "5", HOME: "MOSTLY"})
    page = advocate.get(f"/support/{survivor}/outcomes").text
    theirs, services = words(page).split("How services were to them")
    assert "Mostly, at first a little (more than at first)" in theirs
    assert "Access to education Declined to answer" in theirs
    assert "Compassionate" not in theirs
    assert "than at first" not in services.split("What they gained")[0]
    on_screen = words(advocate.get(f"/support/{survivor}").text)
    assert "Secure and suitable housing: Mostly, at first a little (more than at first)" in on_screen
    assert "Access to education: Declined to answer" in on_screen
    assert audited(host, "case", action="case:outcome:list", object_id=survivor, actor_id=host.people["IMSA"])


@pytest.mark.parametrize(
    ("typed", "target"),
    [({}, "MSCOS_1_LONG_TERM_CONSISTENT_SUPPORT"), ({HOME: "7"}, HOME), ({HOME: "FULLY", "point": ""}, "point"),
     ({HOME: "FULLY", "rated_by": "PARTNER"}, "rated_by"), ({HOME: "FULLY", "asked": "X"}, "asked"),
     ({HOME: "FULLY", "on_month": "13"}, "on"), ({HOME: "FULLY", "on_year": "2199"}, "on"), ({HOME: "FULLY", "episode": ""}, "episode")],
)  # fmt: skip
def test_what_is_to_be_mended_is_said(host, survivor, advocate, typed, target):
    """Nothing is kept, and what was typed stands there again."""
    again = write(advocate, survivor, "outcome", **{**SAID, **typed})
    assert again.status_code == 422
    assert f'href="#{target}"' in again.text
    assert kept(host, "outcome_ratings") == []


def test_it_is_corrected_and_taken_back_in_sight(host, survivor, advocate):
    """A reason is needed; what stood there stays to be seen."""
    write(advocate, survivor, "outcome", **{**SAID, HOME: "FULLY"})
    page = link(advocate, survivor, "outcomes")
    typed = {**SAID, "outcome": HOME, "rating": "PARTLY", "on_day": "", "on_month": "", "on_year": ""}
    assert advocate.send(page, f"{page}/correct", **typed).status_code == 422
    assert advocate.send(page, f"{page}/correct", why="WRITTEN_WRONGLY", **typed).status_code == 303
    shown = words(advocate.get(f"/support/{survivor}/outcomes").text)
    assert "Secure and suitable housing: fully , 4 August 2026" in shown
    assert "Corrected later" in shown
    assert "corrected or taken back already" in words(advocate.get(page).text)
    now = link(advocate, survivor, "outcomes")
    assert advocate.send(now, f"{now}/take-back", why="").status_code == 422
    assert advocate.send(now, f"{now}/take-back", why="ANOTHER_PERSON").status_code == 303
    assert "Secure and suitable housing Not asked yet" in words(advocate.get(f"/support/{survivor}/outcomes").text)


def test_what_they_gained_is_written_down_with_its_goal(host, survivor, advocate):
    """And corrected: the goal is taken away."""
    (episode,) = host.database("case")["episodes"].find({"survivor_id": survivor})
    goal = host.post(f"/v1/episodes/{episode['_id']}/goals", {"area": "HOUSING", "words": "A quiet home"}).json["id"]
    assert write(advocate, survivor, "entitlement", entitlement="", goal_id=goal).status_code == 422
    assert write(advocate, survivor, "entitlement", entitlement="HOUSING", goal_id=new_id()).status_code == 422
    assert write(advocate, survivor, "entitlement", entitlement="HOUSING", goal_id=goal).status_code == 303
    shown = words(advocate.get(f"/support/{survivor}/outcomes").text)
    assert "A safe place to live Goal: A quiet home." in shown
    assert "They gained: a safe place to live." in words(advocate.get(f"/support/{survivor}").text)
    page = link(advocate, survivor, "entitlements")
    said = {"entitlement": "HOUSING", "goal_id": "", "why": "WRITTEN_WRONGLY"}
    assert advocate.send(page, f"{page}/correct", **said).status_code == 303
    assert sorted(str(one["goal_id"]) for one in kept(host, "entitlements")) == sorted([goal, "None"])


def test_a_review_that_is_due_is_put_on_the_list_by_one_press(host, survivor, advocate):
    """Once; then its day stands there instead."""
    page = f"/support/{survivor}/outcomes"
    assert advocate.send(page, f"{page}/review").headers["Location"] == f"{page}?done=review"
    (step,) = kept(host, "steps")
    assert (step["kind"], step["every_weeks"], step["taken_by"]) == ("REVIEW", 12, host.people["IMSA"])
    shown = words(advocate.get(page).text)
    assert "A review is agreed" in shown
    assert "Put it on the list" not in shown


def test_of_two_presses_the_second_is_told_that_one_is_agreed(host, survivor, advocate):
    """The form was open twice."""
    page = f"/support/{survivor}/outcomes"
    supervisor = host.browser("SUPERVISOR")
    form = supervisor.get(page).text
    advocate.send(page, f"{page}/review")
    hidden = dict(re.findall(r'name="(form_check|form_number)" value="([^"]*)"', form))
    again = supervisor.post(f"{page}/review", **hidden)
    assert again.status_code == 422
    assert "A review is agreed already" in again.text
    assert len(kept(host, "steps")) == 1


@pytest.mark.parametrize("suffix", ["outcomes", "outcome", "entitlement", "needs", "need", "risk"])
def test_somebody_elses_person_is_not_there(host, advocate, suffix):
    """Neither to look at nor to write to."""
    other = host.survivor(name="Una Planted")
    assert advocate.get(f"/support/{other}/{suffix}").status_code == 404


@pytest.mark.parametrize("one", ["outcome", "entitlement", "need", "risk"])
def test_a_supervisor_reads_and_does_not_write(host, survivor, one):
    """The page has no link to a form, and the form is not there; it is audited."""
    supervisor = host.browser("SUPERVISOR")
    page = supervisor.get(f"/support/{survivor}/{'outcomes' if one in ('outcome', 'entitlement') else 'needs'}")
    assert page.status_code == 200
    assert f'href="/support/{survivor}/{one}"' not in page.text
    assert supervisor.get(f"/support/{survivor}/{one}").status_code == 404
    assert audited(host, "case", object_id=survivor, outcome="REFUSED", actor_id=host.people["SUPERVISOR"])


def test_another_persons_answer_is_not_there(host, survivor, advocate):
    """Also where both are one's own people."""
    write(advocate, survivor, "outcome", **{**SAID, HOME: "FULLY"})
    page = link(advocate, survivor, "outcomes")
    other = host.survivor(advocate_id=host.people["IMSA"])
    assert advocate.get(page.replace(survivor, other)).status_code == 404
    assert advocate.get(f"/support/{survivor}/outcomes/{new_id()}").status_code == 404
