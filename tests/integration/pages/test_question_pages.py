"""The pages of questions: a supervisor acknowledges or asks, the advocate answers."""

import pytest

from shared.kernel.ids import new_id
from tests.kit.page_browser import fields_of, words

CONTACT = {"mode": "PHONE", "interpreter": "NONE_NEEDED", "minutes": 5}


@pytest.fixture
def contact(host):
    """Somebody of the advocate, and a contact with them; gives both addresses."""
    host.login("IMSA")
    advocate = host.people["IMSA"]
    survivor = host.survivor(name="Ida", advocate_id=advocate)
    episode = host.episode(survivor_id=survivor, advocate_id=advocate)["id"]
    found = host.post(f"/v1/episodes/{episode}/contacts", CONTACT).json["id"]
    return f"/support/{survivor}", f"/support/{survivor}/contacts/{found}/look"


def test_a_question_is_found_on_my_people_answered_and_kept_in_sight(host, contact):
    """From the person's screen to the answer."""
    person, look = contact
    supervisor, advocate = host.browser("SUPERVISOR"), host.browser("IMSA")
    assert "Acknowledge or ask" in words(supervisor.get(person).text)
    assert "Acknowledge or ask" not in words(advocate.get(person).text)
    answer = supervisor.send(look, f"{look}/ask", words="Was a <doctor> asked?")
    assert answer.headers["Location"] == f"{person}?done=look"
    assert "A question is open" in words(supervisor.get(person).text)
    assert "1 question of your supervisor waits for your answer" in words(advocate.get("/support").text)
    assert "Was a <doctor> asked?" in words(advocate.get("/questions").text)
    empty = advocate.send(look, f"{look}/answer", words=" ")
    assert empty.status_code == 422
    assert "Say it in a few words" in words(empty.text)
    answer = advocate.send(look, f"{look}/answer", words="On Monday.")
    assert answer.headers["Location"] == "/questions?done=answer"
    for browser in (advocate, supervisor):
        page = words(browser.get("/questions").text)
        assert "No question is open" in page
        assert "Answer: On Monday." in page
    assert "waits for your answer" not in words(advocate.get("/support").text)


def test_a_contact_is_acknowledged_once(host, contact):
    """A second supervisor is told; the advocate sees that it was seen."""
    person, look = contact
    supervisor, advocate = host.browser("SUPERVISOR"), host.browser("IMSA")
    form = fields_of(supervisor.get(look).text, f"{look}/acknowledge")
    assert supervisor.post(f"{look}/acknowledge", **form).status_code == 303
    again = supervisor.post(f"{look}/acknowledge", **{**form, "form_number": new_id()})
    assert again.status_code == 422
    assert "acknowledged this contact, or asked about it, already" in words(again.text)
    assert "Acknowledged by a supervisor" in words(advocate.get(person).text)
    assert "A supervisor acknowledged it" in words(advocate.get(look).text)


def test_an_advocate_asks_nothing_and_a_stranger_finds_nothing(host, contact):
    """By the same 404."""
    look = contact[1]
    advocate = host.browser("IMSA")
    form = fields_of(advocate.get("/start").text, "/sign-out")
    for verb in ("ask", "acknowledge"):
        assert advocate.post(f"{look}/{verb}", **form, form_number=new_id(), words="x").status_code == 404
    host.database("case")["survivors"].update_many({}, {"$set": {"advocate_ids": []}})
    assert advocate.get(look).status_code == 404
    assert advocate.post(f"{look}/answer", **form, form_number=new_id(), words="x").status_code == 404
    assert host.browser("HOST_DPO").get("/questions").status_code == 404
