"""The page on which two people of a host state that it takes everything along."""

import pytest

from tests.kit.page_browser import audited, words

PAGE = "/leaving"
KEY = "age1" + "q" * 58


@pytest.fixture
def empty(host):
    host.database("case")["leavings"].delete_many({})
    return host


def test_one_asks_and_another_agrees(empty):
    """On their own pages; the second one is told to compare the key."""
    dpo, admin = empty.browser("HOST_DPO"), empty.browser("HOST_ADMIN")
    before = words(dpo.get(PAGE).text)
    assert "Nobody has asked for it." in before
    assert "Published figures: sums of several organisations" in before
    assert dpo.send(PAGE, PAGE, recipient=f"  {KEY} ").headers["Location"] == f"{PAGE}?done=yes"
    page = admin.get(PAGE).text
    assert KEY in page
    assert "Compare the key with the officer" in words(page)
    assert "Agree, as the second person" not in words(dpo.get(PAGE).text)
    assert admin.send(PAGE, f"{PAGE}/agree").headers["Location"] == f"{PAGE}?done=yes"
    assert "An administrator agreed on" in words(dpo.get(PAGE).text)
    assert audited(empty, "case", action="case:leaving:agree", actor_id=empty.people["HOST_ADMIN"])
    assert admin.send(PAGE, f"{PAGE}/take-back").status_code == 303
    assert "Taken back" in words(dpo.get(PAGE).text)


def test_that_everything_is_deleted_is_ticked_and_agreed_to_in_words(empty):
    """Nobody agrees to it unseen."""
    empty.browser("HOST_DPO").send(PAGE, PAGE, recipient=KEY, deletes="yes")
    admin = empty.browser("HOST_ADMIN")
    assert "You agree too that everything here is deleted afterwards, for good." in words(admin.get(PAGE).text)
    assert admin.send(PAGE, f"{PAGE}/agree").status_code == 303
    assert empty.database("case")["leavings"].find_one()["deletes"] is True
    assert "alongside tenant delete" in words(admin.get(PAGE).text)


@pytest.mark.parametrize("recipient", ["", "age1", "AGE-SECRET-KEY-1" + "Q" * 58, "x" * 500])
def test_what_is_no_key_is_refused_in_a_sentence_and_never_shown(empty, recipient):
    """It might be the secret half."""
    dpo = empty.browser("HOST_DPO")
    answer = dpo.send(PAGE, PAGE, recipient=recipient)
    assert (answer.status_code, "This is not the public key" in words(answer.text)) == (422, True)
    assert "QQQQ" not in answer.text
    assert empty.database("case")["leavings"].count_documents({}) == 0


@pytest.mark.parametrize("verb", ["agree", "take-back"])
def test_a_version_that_is_none_changes_nothing(empty, verb):
    """In a sentence."""
    empty.browser("HOST_DPO").send(PAGE, PAGE, recipient=KEY)
    admin = empty.browser("HOST_ADMIN")
    answer = admin.send(PAGE, f"{PAGE}/{verb}", version="x")
    assert (answer.status_code, "There is a problem" in words(answer.text)) == (422, True)
    assert empty.database("case")["leavings"].find_one()["version"] == 1


@pytest.mark.parametrize("role", ["IMSA", "SUPERVISOR", "HOST_DATA_LEAD", "SAFEGUARDING_LEAD"])
def test_nobody_else_finds_it(empty, role):
    """Neither the page nor its forms."""
    assert empty.browser(role).get(PAGE).status_code == 404
