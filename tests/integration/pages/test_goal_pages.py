"""Goals on the pages: their words, their score, nothing that nobody said, and steps towards them."""

import re

import pytest

from shared.kernel.ids import new_id
from tests.kit.page_browser import words

TYPED = {"area": "HOUSING", "words": "A quiet home", "set_by": "SURVIVOR"}


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


def add(browser, survivor, **typed):
    target = f"/support/{survivor}/goal"
    return browser.send(target, target, **{**TYPED, **typed})


def link(browser, survivor):
    return re.search(rf'href="(/support/{survivor}/goals/[0-9a-f-]+)"', browser.get(f"/support/{survivor}").text)[1]


def goals(host, survivor):
    (episode,) = host.database("case")["episodes"].find({"survivor_id": survivor})
    return host.get(f"/v1/episodes/{episode['_id']}/goals").json["items"]


def test_a_goal_and_what_they_say_of_it_stand_on_their_screen(host, survivor, advocate):
    """Nothing is ticked before they answered."""
    assert add(advocate, survivor).headers["Location"] == f"/support/{survivor}?done=goal"
    assert "A quiet home : Not asked yet" in words(advocate.get(f"/support/{survivor}").text)
    page = link(advocate, survivor)
    assert " checked" not in advocate.get(page).text
    for answer in ("2", "DECLINED_TO_ANSWER", "7"):
        assert advocate.send(page, f"{page}/score", answer=answer, said_by="SURVIVOR").status_code == 303
    assert "A quiet home : 7 of 10, first 2" in words(advocate.get(f"/support/{survivor}").text)
    assert "Declined to answer" in words(advocate.get(page).text).split("What they said so far")[1]


@pytest.mark.parametrize(
    ("typed", "target"),
    [({"area": ""}, "area"), ({"area": "CHESS"}, "area"), ({"words": "x" * 1001}, "words"), ({"set_by": ""}, "set_by"),
     ({"set_by": "ADVOCATE_ONLY"}, "set_by"), ({"episode": ""}, "episode")],
)  # fmt: skip
def test_what_is_to_be_mended_is_said(host, survivor, advocate, typed, target):
    """Nothing is kept."""
    again = add(advocate, survivor, **typed)
    assert again.status_code == 422
    assert f'href="#{target}"' in again.text
    assert goals(host, survivor) == []


@pytest.mark.parametrize(("form", "typed", "target"), [("score", {"said_by": "SURVIVOR"}, "answer"),
    ("score", {"answer": "11", "said_by": "SURVIVOR"}, "answer"), ("score", {"answer": "SCORED", "said_by": "SURVIVOR"}, "answer"),
    ("score", {"answer": "3"}, "said_by"), ("end", {}, "how")])  # fmt: skip
def test_an_answer_that_is_none_is_said(host, survivor, advocate, form, typed, target):
    """And the goal stays as it is."""
    add(advocate, survivor)
    page = link(advocate, survivor)
    again = advocate.send(page, f"{page}/{form}", **typed)
    assert again.status_code == 422
    assert f'href="#{target}"' in again.text
    assert goals(host, survivor)[0]["version"] == 1


def test_it_ends_and_is_taken_up_again(host, survivor, advocate):
    """One form each; no score is asked between."""
    add(advocate, survivor)
    page = link(advocate, survivor)
    advocate.send(page, f"{page}/end", how="NO_LONGER_WANTED")
    assert goals(host, survivor)[0]["state"] == "NO_LONGER_WANTED"
    assert 'name="answer"' not in advocate.get(page).text
    assert advocate.send(page, f"{page}/take-up").status_code == 303
    assert goals(host, survivor)[0]["state"] == "OPEN"


def test_a_step_towards_it_stands_beside_it(host, survivor, advocate):
    """And among what is to be done for them."""
    add(advocate, survivor)
    page = link(advocate, survivor)
    target = f"/support/{survivor}/step"
    goal = page.rsplit("/", 1)[1]
    advocate.send(f"{target}?goal={goal}", target, kind="FOLLOW_UP", what="Ring the council")
    assert "Ring the council" in words(advocate.get(page).text)
    assert "Ring the council" in words(advocate.get(f"/support/{survivor}").text)


def test_another_persons_goal_is_not_there(host, survivor, advocate):
    """Also where both are one's own people; nor is a form that there is not."""
    add(advocate, survivor)
    page = link(advocate, survivor)
    other = host.survivor(advocate_id=host.people["IMSA"])
    assert advocate.get(page.replace(survivor, other)).status_code == 404
    assert advocate.get(f"/support/{survivor}/goals/{new_id()}").status_code == 404
    assert advocate.send(page, f"{page}/end", how="REACHED").status_code == 303
    assert advocate.send(page, f"{page}/take-up").status_code == 303


def test_where_no_support_is_open_the_page_says_what_to_do(host, survivor, advocate):
    """And has no form."""
    (episode,) = host.database("case")["episodes"].find({"survivor_id": survivor})
    host.post(f"/v1/episodes/{episode['_id']}/close", {"reason": "DECEASED"}, If_Match='"1"')
    page = advocate.get(f"/support/{survivor}/goal").text
    assert "ask your supervisor" in words(page)
    assert 'name="area"' not in page
