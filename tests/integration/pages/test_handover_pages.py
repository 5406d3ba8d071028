"""The pages of hand-overs: one screen for whoever takes over, their word that they read it, and who has not."""

import pytest

from shared.kernel.ids import new_id
from tests.kit.page_browser import audited, fields_of, words


@pytest.fixture
def ida(host):
    """Somebody whom a colleague had; gives her page, and who gave her."""
    host.login("IMSA")
    ben = new_id()
    host.database("case")["staff"].insert_one({"_id": ben, "is_advocate": True, "version": 1})
    survivor = host.survivor(name="Ida", safe_contact="Ring on <Tuesdays>", advocate_id=ben)
    episode = host.episode(survivor_id=survivor, advocate_id=ben)["id"]
    contact = {"mode": "PHONE", "interpreter": "NONE_NEEDED", "on": "2026-10-12", "note": "Planted words"}
    host.post(f"/v1/episodes/{episode}/contacts", contact)
    host.post(f"/v1/survivors/{survivor}/steps", {"what": "Go with her", "due_on": "2199-01-01"})
    yield survivor, ben
    host.database("case")["staff"].delete_one({"_id": ben})


def given(host, ida):
    survivor, ben = ida
    host.post("/v1/caseload/give", {"from_id": ben, "to_id": host.people["IMSA"], "survivor_ids": [survivor]})
    host.pump()


def test_whoever_takes_over_finds_it_reads_it_and_the_supervisor_sees_that(host, ida):
    """Safe contact before anything else; the words of a contact are not on it; each visit is audited."""
    given(host, ida)
    page = f"/support/{ida[0]}/handover"
    advocate, supervisor = host.browser("IMSA"), host.browser("SUPERVISOR")
    assert "1 person was handed over to you" in words(advocate.get("/support").text)
    assert "Ida" in words(supervisor.get("/handovers").text)
    text = advocate.get(page).text
    shown = words(text)
    assert shown.index("Ring on <Tuesdays>") < shown.index("Who takes over") < shown.index("Next dates")
    for sentence in ("Go with her", "12 October 2026", "They have not been asked about anything yet", "Not read yet"):
        assert sentence in shown
    assert "Planted words" not in shown
    handover = host.database("case")["handovers"].find_one({"survivor_id": ida[0]})["_id"]
    target = f"{page}/{handover}/read"
    form = fields_of(text, target)
    assert advocate.post(target, **form).headers["Location"] == "/handovers?done=read"
    assert "You have read every hand-over" in words(advocate.get("/handovers").text)
    assert "Every hand-over was read" in words(supervisor.get("/handovers").text)
    assert "Read 2" in words(supervisor.get(page).text)
    again = advocate.post(target, **{**form, "form_number": new_id()})
    assert again.status_code == 422
    assert "does not wait to be read" in words(again.text)
    assert audited(host, "case", action="case:handover:read", object_id=ida[0], actor_id=host.people["IMSA"])


def test_a_note_is_written_changed_and_taken_back(host, ida):
    """What was typed stays where it does not fit; a colleague's page changed meanwhile says so."""
    given(host, ida)
    page = f"/support/{ida[0]}/handover"
    supervisor = host.browser("SUPERVISOR")
    target = f"{page}/note"
    empty = supervisor.send(page, target, words=" ")
    assert empty.status_code == 422
    assert "Say it in a few words" in words(empty.text)
    old = fields_of(supervisor.get(page).text, target)
    assert supervisor.post(target, **old, words="Ask for <Una>").headers["Location"] == f"{page}?done=note"
    assert "Ask for <Una>" in words(host.browser("IMSA").get(page).text)
    stale = supervisor.post(target, **{**old, "form_number": new_id()}, words="Something else")
    assert stale.status_code == 422
    assert "Something else" in words(stale.text)
    assert supervisor.send(page, target, words="Ask for Eve").status_code == 303
    assert "Una" not in words(supervisor.get(page).text)
    assert supervisor.send(page, target, take_back="yes").headers["Location"] == f"{page}?done=taken-back"
    assert "Nobody has written a note" in words(supervisor.get(page).text)


def test_a_stranger_finds_nothing(host, ida):
    """By the same 404; nor does another role."""
    page = f"/support/{ida[0]}/handover"
    advocate = host.browser("IMSA")
    form = fields_of(advocate.get("/start").text, "/sign-out")
    assert advocate.get(page).status_code == 404
    for target in (f"{page}/note", f"{page}/{new_id()}/read"):
        assert advocate.post(target, **form, form_number=new_id(), words="x").status_code == 404
    assert host.browser("HOST_DPO").get("/handovers").status_code == 404
