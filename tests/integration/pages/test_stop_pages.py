"""The pages of stops: one press on the person's screen, what came of it in plain words, and lifting it."""

import re

import pytest

from services.consent.stops.commands import LiftStop, StopEverything
from shared.kernel.ids import new_id
from tests.kit.page_browser import audited, words
from tests.kit.tenant_place import WORDING

PAGE = "/consents/stops"


@pytest.fixture
def survivor(host):
    """Somebody of the advocate who signs in, who said yes to statistics."""
    host.login("IMSA")
    host.know_words(WORDING)
    survivor = host.survivor(name="Ida Planted", advocate_id=host.people["IMSA"])
    assert host.give(survivor).status_code == 201
    return survivor


def test_an_advocate_stops_everything_with_one_press_on_the_persons_screen(host, survivor):
    """What was stopped, what has gone, what waits; the screen then says to contact them nowhere."""
    advocate = host.browser("IMSA")
    person = f"/support/{survivor}"
    sent = advocate.send(person, PAGE)
    path = re.fullmatch(rf"({PAGE}/[0-9a-f-]{{36}})\?done=stopped", sent.headers["Location"])[1]
    page = words(advocate.get(sent.headers["Location"]).text)
    for sentence in (
        "Contact them nowhere and by no way", "What was stopped", "cannot be called back", "A supervisor speaks with them.",
        "Statistics that were sealed before",
    ):  # fmt: skip
        assert sentence in page
    assert "Contact them nowhere" in words(advocate.get(person).text)
    assert "Lift it" not in page
    assert advocate.get(PAGE).status_code == 404
    assert advocate.post(path, why="OTHER").status_code in (403, 404)
    assert audited(host, "consent", action=StopEverything.action, actor_id=host.people["IMSA"])


def test_a_supervisor_speaks_with_them_and_lifts_it(host, survivor):
    """With a reason; no permission comes back, and the screen says no more."""
    supervisor = host.browser("SUPERVISOR")
    where = supervisor.send(f"/support/{survivor}", PAGE).headers["Location"]
    path = where.partition("?")[0]
    assert f'href="{path}"' in supervisor.get(PAGE).text
    unsaid = supervisor.send(path, path, why="")
    assert (unsaid.status_code, "Choose what came of" in words(unsaid.text)) == (422, True)
    assert supervisor.send(path, path, why="WAS_MADE_TO_SAY_IT").headers["Location"] == f"{path}?done=lifted"
    assert "No permission came back" in words(supervisor.get(f"{path}?done=lifted").text)
    assert "Contact them nowhere" not in words(supervisor.get(f"/support/{survivor}").text)
    found = host.post("/v1/consents/search", {"survivor_id": survivor}).json["items"]
    assert [one["status"] for one in found] == ["WITHDRAWN"]
    assert audited(host, "consent", action=LiftStop.action, actor_id=host.people["SUPERVISOR"])


@pytest.mark.parametrize("role", ["SAFEGUARDING_LEAD", "HOST_ADMIN", "HOST_DPO"])
def test_it_is_said_to_somebody_other_than_the_advocate(host, survivor, role):
    """By their number; a number of nobody stops nothing, in a sentence."""
    other = host.browser(role)
    unknown = other.send(PAGE, PAGE, survivor=new_id())
    assert (unknown.status_code, "Nobody with this number" in words(unknown.text)) == (422, True)
    assert other.send(PAGE, PAGE, survivor="me").status_code == 422
    assert other.send(PAGE, PAGE, survivor=survivor.upper()).status_code == 303
    found = host.post("/v1/consents/search", {"survivor_id": survivor}).json["items"]
    assert [one["status"] for one in found] == ["WITHDRAWN"]


def test_another_advocates_person_is_not_there(host, survivor):
    """Neither to stop nor to see."""
    advocate, other = host.browser("IMSA"), host.survivor()
    form = {"form_check": re.search(r'name="form_check" value="([^"]+)"', advocate.get(f"/support/{survivor}").text)[1]}
    assert advocate.post(PAGE, **form, form_number=new_id(), survivor=other).status_code == 404
    stop_id = host.post("/v1/stops", {"survivor_id": other}).json["id"]
    assert advocate.get(f"{PAGE}/{stop_id}").status_code == 404
