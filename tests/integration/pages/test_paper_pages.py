"""The pages of the paper, over the real audit, case and identity."""

import re
from datetime import timedelta

import pytest

from tests.kit.page_browser import audited, words

PAPER, LEFT_OUT = "/who-saw", "/who-saw/left-out"
SAFE = {"in_private": "yes", "safe": "yes"}


@pytest.fixture
def survivor(host):
    """Somebody whose record was read, of which audit has heard."""
    host.deaf = ("integrations",)
    host.login("SUPERVISOR")
    survivor_id = host.survivor()
    host.get(f"/v1/survivors/{survivor_id}")
    host.pump()
    yield survivor_id
    host.deaf = type(host).deaf


def text(page):
    """What somebody reads of a page without the layout."""
    return words(page.text)


def test_a_paper_is_shown_when_both_questions_are_answered_with_yes(host, survivor):
    """It names nobody and no software, has no id, and its making is audited."""
    answer = host.browser("HOST_DPO").send(PAPER, PAPER, survivor=survivor, **SAFE)
    assert answer.status_code == 200
    said = text(answer)
    assert "They read your record. Supervisors do this to see that you are supported well." in said
    assert "Host <Rowan> & Co" in said
    assert "Pat" not in said
    assert survivor not in answer.text
    assert not re.search(r"\d:\d\d", said)
    assert audited(host, "audit", action="audit:paper:read", object_id=survivor)


def test_a_copy_to_keep_names_neither_the_software_nor_the_organisation(host, survivor):
    """Nothing of them in what is seen or printed; the style sheets' addresses are not printed."""
    answer = host.browser("HOST_DPO").send(PAPER, PAPER, survivor=survivor, nameless="yes", **SAFE)
    said = re.sub(r"<(link|!--)[^>]*>", "", answer.text)
    assert "Alongside" not in said
    assert "Rowan" not in said
    assert "<title>Who saw my record, and why</title>" in said


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"in_private": "no", "safe": "yes"}, "Nothing is shown now."),
        ({"in_private": "yes", "safe": "no"}, "Nothing is shown now."),
        ({"in_private": "yes"}, "Answer both questions first."),
        ({"survivor": "Jane", **SAFE}, "Write their number here"),
        ({"survivor": "00000000-0000-4000-8000-000000000000", **SAFE}, "Nobody with this number"),
    ],
)
def test_nothing_is_shown_where_it_is_not_safe_or_not_said(host, survivor, form, said):
    """And the sentence says what to do."""
    answer = host.browser("HOST_DPO").send(PAPER, PAPER, **{"survivor": survivor, **form})
    assert answer.status_code == 422
    assert said in text(answer)
    assert "They read your record" not in answer.text


def test_the_screen_of_a_person_leads_there(host, survivor):
    """Their number stands in the form already; nobody has to look for it in an address."""
    supervisor = host.browser("SUPERVISOR")
    (link,) = re.findall(r'href="(/who-saw[^"]*)"', supervisor.get(f"/support/{survivor}").text.partition("<main")[2])
    assert f'value="{survivor}"' in supervisor.get(link).text


def test_an_advocate_finds_their_own_people_alone(host, survivor):
    """For anybody else's there is no such page, which is audited."""
    imsa = host.browser("IMSA")
    assert imsa.send(PAPER, PAPER, survivor=survivor, **SAFE).status_code == 404
    assert audited(host, "audit", action="audit:paper:read", object_id=survivor, outcome="REFUSED")
    own = host.survivor("IMSA")
    host.pump()
    assert imsa.send(PAPER, PAPER, survivor=own, **SAFE).status_code == 200


@pytest.mark.usefixtures("survivor")
def test_the_officer_asks_and_once_a_supervisor_agrees_the_paper_has_no_such_line(host):
    """Not before; and one of the two alone shows it again."""
    own = host.survivor("IMSA")
    host.get(f"/v1/survivors/{own}", "IMSA")
    host.pump()
    looked = {"object_id": own, "action": "case:survivor:read", "role": "IMSA"}
    entry = host.database("audit")["entries"].find_one(looked)["_id"]
    dpo, supervisor = host.browser("HOST_DPO"), host.browser("SUPERVISOR")
    until = host.contexts["audit"].clock.now() + timedelta(days=30)
    day = {"until_day": until.day, "until_month": until.month, "until_year": until.year}

    def stands_on_it():
        made = supervisor.send(PAPER, PAPER, survivor=own, **SAFE)
        return "They read your record. Advocates do this to support you." in text(made)

    assert stands_on_it()
    asked = dpo.send(LEFT_OUT, LEFT_OUT, entries=entry, reason="INVESTIGATION", **day)
    assert asked.status_code == 303
    assert stands_on_it()
    kept = host.database("audit")["withholdings"].find_one({"entry_ids": entry})["_id"]
    assert supervisor.send(LEFT_OUT, f"{LEFT_OUT}/{kept}", verb="agree").status_code == 303
    assert not stands_on_it()
    assert dpo.send(LEFT_OUT, f"{LEFT_OUT}/{kept}", verb="end").status_code == 303
    assert stands_on_it()


def test_what_cannot_be_left_out_is_said(host, survivor):
    """An end that is over, what the officer did, and a form that is not whole."""
    dpo = host.browser("HOST_DPO")
    dpo.get(f"/audit?object_id={survivor}")
    host.pump()
    # Beside each entry stands a link; the newest is the officer's own look.
    entries = re.findall(r"left-out\?entry=([0-9a-f-]+)", dpo.get(f"/audit?object_id={survivor}").text)
    asked = {"reason": "INVESTIGATION", "until_day": "1", "until_month": "1", "until_year": "2001"}
    past = dpo.send(f"{LEFT_OUT}?entry={entries[-1]}", LEFT_OUT, entries=entries[-1], **asked)
    assert "Choose an end that is still to come" in text(past)
    until = host.contexts["audit"].clock.now() + timedelta(days=30)
    day = {"until_day": until.day, "until_month": until.month, "until_year": until.year}
    own = dpo.send(LEFT_OUT, LEFT_OUT, entries=entries[0], reason="INVESTIGATION", **day)
    assert own.status_code == 422
    assert "You did some of this yourself" in text(own)
    assert text(dpo.send(LEFT_OUT, LEFT_OUT, entries="", **asked)).count("Answer each question of this form") == 1


def test_only_the_officer_asks_and_states_names(host, survivor):
    """A supervisor sees the list without the forms."""
    page = host.browser("SUPERVISOR").get(LEFT_OUT)
    assert "Ask for it" not in text(page)
    assert "Names of staff" not in text(page)
    dpo = host.browser("HOST_DPO")
    stated = dpo.send(LEFT_OUT, "/who-saw/names", names_shown="yes")
    assert stated.status_code == 303
    shown = text(host.browser("SUPERVISOR").send(PAPER, PAPER, survivor=survivor, **SAFE))
    assert "A supervisor of advocates" in shown
    assert dpo.send(LEFT_OUT, "/who-saw/names", names_shown="no").status_code == 303
    for role in ("HOST_ADMIN", "HOST_DATA_LEAD", "HUB_TRIAGE"):
        assert host.browser(role).get(PAPER).status_code == 404
        assert host.browser(role).get(LEFT_OUT).status_code == 404
