"""Contacts on the pages: written in one form, read with what was corrected, and mended in sight."""

import re

import pytest

from shared.codelists.periods import london_day
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from tests.kit.page_browser import audited, fields_of, words

DAY = {"on_day": "4", "on_month": "8", "on_year": "2026"}
SAYS = {
    "mode": "PHONE", "minutes": "20", "interpreter": "PROFESSIONAL", "areas": ["HOUSING", "NRM"], **DAY,
    "next_step": "Ring the council", "note": "Prefers mornings\r\nNot Fridays",
}  # fmt: skip


@pytest.fixture
def survivor(host):
    """Somebody with an episode, whose advocate is the one who signs in."""
    host.login("IMSA")
    survivor_id = host.survivor(name="Planted Name", safe_contact="Knock twice")
    host.episode(survivor_id=survivor_id, advocate_id=host.people["IMSA"])
    return survivor_id


@pytest.fixture
def advocate(host, survivor):
    return host.browser("IMSA")


def page_of(survivor):
    return f"/support/{survivor}/contact"


def record(browser, survivor, **changes):
    return browser.send(page_of(survivor), page_of(survivor), **{**SAYS, **changes})


def kept(host, survivor):
    (episode,) = host.database("case")["episodes"].find({"survivor_id": survivor})
    return host.get(f"/v1/episodes/{episode['_id']}/contacts").json["items"]


def first_link(page, survivor):
    return re.search(rf'href="(/support/{survivor}/contacts/[0-9a-f-]+)"', page)[1]


def mend(browser, link, suffix, **form):
    return browser.send(link, f"{link}/{suffix}", **form)


class TestWriting:
    def test_today_stands_there_and_nothing_else_is_chosen(self, advocate, survivor):
        """What nobody said is not said for them."""
        page = advocate.get(page_of(survivor)).text
        assert (
            f'name="on_year" type="text" inputmode="numeric" autocomplete="off" maxlength="4" value="{london_day(real_now()).year}"'
            in page
        )
        assert not re.search(r"<option value=\"[^\"]+\" selected", page)
        assert " checked" not in page

    def test_what_was_written_is_kept_and_shown_on_the_persons_screen(self, host, survivor, advocate):
        """One form, one answer, and back where the person is."""
        done = record(advocate, survivor)
        assert done.headers["Location"] == f"/support/{survivor}?done=contact"
        (row,) = kept(host, survivor)
        assert (row["on"], row["mode"], row["minutes"], row["interpreter"]) == (
            "2026-08-04",
            "PHONE",
            20,
            "PROFESSIONAL",
        )
        assert (row["areas"], row["next_step"], row["note"]) == (
            ["HOUSING", "NRM"], "Ring the council", "Prefers mornings\nNot Fridays",
        )  # fmt: skip
        shown = words(advocate.get(done.headers["Location"]).text)
        for said in ("Saved", "4 August 2026 : Telephone", "Ring the council", "Housing, National Referral Mechanism"):
            assert said in shown
        assert audited(host, "case", action="case:contact:record", actor_id=host.people["IMSA"])

    def test_a_form_that_is_sent_twice_writes_one(self, host, survivor, advocate):
        """A thumb taps twice."""
        form = {**fields_of(advocate.get(page_of(survivor)).text, page_of(survivor)), **SAYS}
        for _ in range(2):
            assert advocate.post(page_of(survivor), **form).status_code == 303
        assert len(kept(host, survivor)) == 1

    @pytest.mark.parametrize(
        ("name", "value", "target"),
        [("mode", "", "mode"), ("mode", "PIGEON", "mode"), ("minutes", "many", "minutes"), ("minutes", "1441", "minutes"),
         ("interpreter", "", "interpreter"), ("areas", ["CHESS"], "areas"), ("on_day", "32", "on"), ("on_year", "2199", "on"),
         ("on_day", "", "on"), ("next_step", "x" * 501, "next_step"), ("note", "x" * 4001, "note"), ("episode", "", "episode")],
    )  # fmt: skip
    def test_what_is_to_be_mended_is_said_and_what_was_typed_stays(self, host, survivor, advocate, name, value, target):
        """Nothing is written, and nobody types it all again."""
        again = record(advocate, survivor, **{name: value})
        assert again.status_code == 422
        assert f'href="#{target}"' in again.text
        if name != "note":
            assert "Not Fridays" in again.text
        assert kept(host, survivor) == []

    def test_where_two_supports_are_open_somebody_chooses(self, host, survivor, advocate):
        """None is chosen for them; another person's is not taken."""
        second = host.episode(survivor_id=survivor, advocate_id=host.people["IMSA"])
        other = host.episode(advocate_id=host.people["IMSA"])
        for wrong in ("", other["id"]):
            assert record(advocate, survivor, episode=wrong).status_code == 422
        assert record(advocate, survivor, episode=second["id"]).status_code == 303
        rows = host.database("case")["contacts"].find({"survivor_id": survivor})
        assert [row["episode_id"] for row in rows] == [second["id"]]

    def test_where_no_support_is_open_the_page_says_what_to_do(self, host, survivor, advocate):
        """And has no form."""
        (episode,) = host.database("case")["episodes"].find({"survivor_id": survivor})
        host.post(f"/v1/episodes/{episode['_id']}/close", {"reason": "DECEASED"}, If_Match='"1"')
        page = advocate.get(page_of(survivor)).text
        assert "ask your supervisor" in words(page)
        assert 'name="mode"' not in page


class TestMending:
    def test_a_correction_stands_beside_what_it_corrects(self, host, survivor, advocate):
        """What was emptied on the form is taken away; the rest stays."""
        record(advocate, survivor)
        link = first_link(advocate.get(f"/support/{survivor}").text, survivor)
        (row,) = kept(host, survivor)
        typed = {**SAYS, "note": "", "minutes": "25"}
        done = mend(advocate, link, "correct", **typed, why="WRITTEN_WRONGLY")
        assert done.headers["Location"] == f"/support/{survivor}/contacts?done=corrected"
        before, now = kept(host, survivor)
        assert {**before, "corrected_by": None} == row
        assert (now["minutes"], now["note"], now["next_step"], now["on"]) == (
            25,
            None,
            "Ring the council",
            "2026-08-04",
        )
        shown = words(advocate.get(done.headers["Location"]).text)
        assert "Corrected later" in shown
        assert "Not Fridays" in shown
        assert "Why: i wrote it wrongly" in shown

    def test_taken_back_it_stays_to_be_seen_and_is_no_last_contact(self, host, survivor, advocate):
        """The person's screen has none any more, the whole list has both."""
        record(advocate, survivor)
        link = first_link(advocate.get(f"/support/{survivor}").text, survivor)
        assert mend(advocate, link, "take-back", why="").status_code == 422
        assert mend(advocate, link, "take-back", why="ANOTHER_PERSON").status_code == 303
        assert "No contact is written down yet." in words(advocate.get(f"/support/{survivor}").text)
        assert "It was with somebody else".lower() in words(advocate.get(f"/support/{survivor}/contacts").text)
        assert "was corrected or taken back already" in words(advocate.get(link).text)
        assert len(kept(host, survivor)) == 2

    @pytest.mark.parametrize(
        ("form", "target"), [({"why": ""}, "why"), ({"mode": ""}, "mode"), ({"on_year": "2199"}, "on")]
    )
    def test_what_is_to_be_mended_in_a_correction_is_said(self, host, survivor, advocate, form, target):
        """Nothing is kept."""
        record(advocate, survivor)
        link = first_link(advocate.get(f"/support/{survivor}").text, survivor)
        typed = {**SAYS, "why": "WRITTEN_WRONGLY"}
        again = mend(advocate, link, "correct", **{**typed, **form})
        assert again.status_code == 422
        assert f'href="#{target}"' in again.text
        assert len(kept(host, survivor)) == 1

    @pytest.mark.parametrize("form", ["correct", "take-back"])
    def test_each_time_the_words_are_shown_is_in_the_audit_log(self, host, survivor, advocate, form):
        """Also where a form is shown again because something is to be mended."""
        record(advocate, survivor)
        link = first_link(advocate.get(f"/support/{survivor}").text, survivor)
        hidden = fields_of(advocate.get(link).text, f"{link}/{form}")
        reads = {"service": "case", "action": "case:contact:read", "object_id": link.rsplit("/", 1)[1]}
        before = len(audited(host, **reads))
        again = advocate.post(f"{link}/{form}", **{**hidden, **SAYS, "why": ""})
        assert again.status_code == 422
        assert "Not Fridays" in again.text
        assert len(audited(host, **reads)) == before + 1

    def test_a_colleagues_contact_can_be_read_and_not_mended(self, host, survivor, advocate):
        """The page says whom to ask."""
        (episode,) = host.database("case")["episodes"].find({"survivor_id": survivor})
        body = {"mode": "PHONE", "interpreter": "NONE_NEEDED"}
        host.post(f"/v1/episodes/{episode['_id']}/contacts", body)
        link = first_link(advocate.get(f"/support/{survivor}").text, survivor)
        page = advocate.get(link).text
        assert "Somebody else wrote this contact" in words(page)
        assert "/take-back" not in page

    def test_another_persons_contact_is_not_there(self, host, survivor, advocate):
        """Also where both are one's own people."""
        record(advocate, survivor)
        other = host.survivor()
        host.episode(survivor_id=other, advocate_id=host.people["IMSA"])
        contact = first_link(advocate.get(f"/support/{survivor}").text, survivor).rsplit("/", 1)[1]
        assert advocate.get(f"/support/{other}/contacts/{contact}").status_code == 404
        assert advocate.get(f"/support/{survivor}/contacts/{new_id()}").status_code == 404
