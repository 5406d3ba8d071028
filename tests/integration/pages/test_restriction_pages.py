"""The pages of restrictions: the officer begins and lifts one; others see one sentence, and what keeps somebody safe."""

import re

import pytest

from services.case.restrictions.commands import LiftRestriction, OpenForLife, Restrict
from tests.kit.page_browser import audited, words

PAGE, LIFE = "/restrictions", "/restrictions/life"


@pytest.fixture
def survivor(host):
    """Somebody of the advocate who signs in."""
    host.login("IMSA")
    return host.survivor(name="Ida Planted", safe_contact="Only on Tuesdays", advocate_id=host.people["IMSA"])


def restricted(host, survivor):
    """Where the officer sees the restriction that they began on the page of a request."""
    body = {"survivor_id": survivor, "kind": "RESTRICTION", "channel": "IN_PERSON"}
    case_id = host.post("/v1/rights-cases", body).json["id"]
    officer = host.browser("HOST_DPO")
    assert f'href="{PAGE}/new/{case_id}"' in officer.get(f"/rights/{case_id}").text
    form = f"{PAGE}/new/{case_id}"
    assert officer.send(form, form, ground="", told="").status_code == 422
    sent = officer.send(form, form, ground="ACCURACY", told="IN_PERSON_PRIVATE", words="Planted words")
    return re.fullmatch(rf"({PAGE}/[0-9a-f-]{{36}})\?done=yes", sent.headers["Location"])[1], officer


def test_an_advocate_meets_one_sentence_and_opens_what_keeps_them_safe(host, survivor):
    """With a reason, for themselves; the officer sees it first, and says that they have."""
    _, officer = restricted(host, survivor)
    advocate = host.browser("IMSA")
    person = advocate.get(f"/support/{survivor}")
    assert person.status_code == 409
    page = words(person.text)
    assert "Ask your data protection officer" in page
    assert "Ida Planted" not in page
    assert "Restricted: ask your data protection officer" in words(advocate.get("/support").text)
    unsaid = advocate.send(LIFE, LIFE, person=survivor, why="")
    assert unsaid.status_code == 422
    opened = advocate.send(LIFE, LIFE, person=survivor, why="MISSING").headers["Location"]
    shown = words(advocate.get(opened).text)
    assert "Only on Tuesdays" in shown
    assert "Nobody wrote any down" in shown
    assert host.browser("SUPERVISOR").get(opened).status_code == 404
    assert "They are missing" in words(officer.get(PAGE).text)
    seen = f"{PAGE}/seen/{opened.rpartition('/')[2]}"
    assert officer.send(PAGE, seen).status_code == 303
    assert "They are missing" not in words(officer.get(PAGE).text)
    assert advocate.get(PAGE).status_code == 404
    assert audited(host, "case", action=OpenForLife.action, actor_id=host.people["IMSA"])


def test_the_officer_lifts_it_after_the_person_was_told(host, survivor):
    """Or says why that is not safe; then it is as before."""
    path, officer = restricted(host, survivor)
    assert "Ida Planted" in words(officer.get(path).text)
    refused = officer.send(path, path, why="CHECKED", told="", untold="")
    assert (refused.status_code, "Say how they were told" in words(refused.text)) == (422, True)
    assert officer.send(path, path, why="CHECKED", untold="NO_SAFE_WAY").headers["Location"] == f"{path}?done=yes"
    assert "It was lifted" in words(officer.get(path).text)
    assert "Ida Planted" in words(host.browser("IMSA").get(f"/support/{survivor}").text)
    for action in (Restrict.action, LiftRestriction.action):
        assert audited(host, "case", action=action, actor_id=host.people["HOST_DPO"])


@pytest.mark.parametrize("person", ["me", "", "00000000-0000-4000-8000-000000000000"])
def test_nobody_is_opened_by_a_number_that_is_nobodys(host, survivor, person):
    """In a sentence."""
    advocate = host.browser("IMSA")
    sent = advocate.send(LIFE, LIFE, person=person, why="MISSING")
    assert (sent.status_code, "Nobody with this number" in words(sent.text)) == (422, True)
    not_held = advocate.send(LIFE, LIFE, person=survivor, why="MISSING")
    assert (not_held.status_code, "is not restricted" in words(not_held.text)) == (422, True)
