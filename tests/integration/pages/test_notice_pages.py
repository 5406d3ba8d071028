"""Notices over API and pages: published, translated, reviewed, shown in the conversation, and replaced."""

import re
from functools import partial

import pytest

from services.consent.notices.commands import PublishNotice, ReviewTranslation, publish_notice
from services.consent.purposes.commands import BasisNotStatedError
from shared.kernel.ids import new_id
from shared.outbox.commands import Command
from tests.kit.page_browser import audited, fields_of, words

PATH, API, PEOPLE = "/consents/notices", "/v1/consent-notices", "/consents/people"
STATISTICS = "AGGREGATE_STATISTICS"
BODY = {
    "purpose": STATISTICS,
    "recipient_class": "PROJECT_BOARD",
    "text": "May we count you?",
    "easy": "Count you? Yes or no.",
}
HOW = {"method": "VERBAL_IN_PERSON", "interpreter": "NONE_NEEDED", "setting": "PRIVATE", "capacity": "PRESUMED"}
BASIS = {
    "article6": "CONSENT_6_1_A", "article9": "NOTHING_SPECIAL", "controller": "Host Rowan", "contact": "Desk 4",
    "keeps_months": 84,
}  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_published(host):
    """No notice, none of its words and no basis of another test stands there."""
    for name in ("notices", "purpose_bases"):
        host.database("consent")[name].delete_many({})
    host.database("consent")["wordings"].delete_many({"_id": {"$regex": r"\.v[0-9]+$"}})


def publish(host, **values):
    return host.post(API, {**BODY, **values}, "HOST_DPO")


def translate(host, code, **values):
    return host.post(f"{API}/{code}/translations", {"language": "pl", "text": "Tak czy nie?", **values}, "HOST_DPO")


class TestPublishing:
    def test_its_words_may_be_read_out_at_once(self, host):
        """Under the version's own name, in English, and with what stands in for the braces."""
        assert host.post(f"/v1/consent-purposes/{STATISTICS}/basis", BASIS, "HOST_DPO").status_code == 201
        told = publish(host, text="{controller} asks. {contact}, {keeps_months} months.")
        assert told.status_code == 201
        assert told.json["id"] == f"{STATISTICS}.PROJECT_BOARD.v1"
        kept = host.database("consent")["wordings"].find_one({"_id": told.json["id"]})
        assert [one["text"] for one in kept["texts"]] == ["Host Rowan asks. Desk 4, 84 months."]
        assert kept["registrations"][0]["languages"] == ["en"]
        row = host.get(f"{API}/{told.json['id']}", "IMSA").json
        assert (row["number"], row["replaced_at"], row["texts"][0]["review"]) == (1, None, "SOURCE")
        assert row["holds"] == ["controller", "contact", "keeps_months"]

    def test_the_next_version_closes_the_one_before(self, host):
        """With the day; what was decided by it stays what it was."""
        first = publish(host).json["id"]
        second = publish(host, text="May we count you, please?").json["id"]
        assert second.endswith(".v2")
        assert host.get(f"{API}/{first}").json["replaced_at"] is not None
        kept = host.database("consent")["wordings"].find_one({"_id": first})
        assert [one["valid_to"] is None for one in kept["registrations"]] == [False]
        late = translate(host, first)
        assert (late.status_code, late.json["code"]) == (409, "notice-replaced")

    @pytest.mark.parametrize(
        ("values", "status", "code"),
        [
            ({"text": "{name}"}, 422, "placeholder-unknown"), ({"easy": "{"}, 422, "placeholder-unknown"),
            ({"text": "{contact}"}, 409, "basis-not-stated"), ({"easy": "{contact}"}, 409, "basis-not-stated"),
            ({"text": ""}, 422, "invalid-input"), ({"text": "x" * 10_001}, 422, "invalid-input"),
            ({"purpose": "NOTHING"}, 422, "invalid-input"), ({"recipient_class": "NOBODY"}, 422, "invalid-input"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_published_is_refused(self, host, values, status, code):
        """Nothing is published, and no words are registered."""
        answer = publish(host, **values)
        assert (answer.status_code, answer.json["code"]) == (status, code)
        assert host.get(API).json["items"] == []

    def test_a_notices_words_are_registered_by_it_alone(self, host):
        """Nobody else's words stand under its name."""
        answer = host.register_wording(publish(host).json["id"])
        assert (answer.status_code, answer.json["code"]) == (409, "wording-of-notice")

    def test_words_that_bore_the_next_name_before_do_not_become_a_notices(self, host):
        """Nobody reviewed them: the version takes another number, and they stay what they are."""
        taken = f"{STATISTICS}.PROJECT_BOARD.v1"
        assert host.register_wording(taken).status_code == 201
        told = publish(host)
        assert (told.status_code, told.json["id"]) == (201, f"{STATISTICS}.PROJECT_BOARD.v2")
        kept = host.database("consent")["wordings"].find_one({"_id": taken})
        assert len(kept["registrations"]) == 1
        assert publish(host).json["id"] == f"{STATISTICS}.PROJECT_BOARD.v3"
        assert host.database("consent")["wordings"].find_one({"_id": taken})["registrations"] == kept["registrations"]

    def test_a_live_host_states_the_basis_first(self, host):
        """As for any words."""
        command = PublishNotice(**BODY, actor_id="d")
        with pytest.raises(BasisNotStatedError):
            host.contexts["consent"].committer.execute(Command(run=partial(publish_notice, command, demo=False)))

    @pytest.mark.parametrize("role", ["IMSA", "SUPERVISOR", "HOST_DATA_LEAD", "SAFEGUARDING_LEAD"])
    def test_the_data_protection_officer_publishes(self, host, role):
        """Others read, or do not find it."""
        assert host.post(API, BODY, role).status_code == 404


class TestTranslating:
    def test_a_translation_is_reviewed_and_stays(self, host):
        """The review names the words that were read."""
        code = publish(host).json["id"]
        added = translate(host, code).json["text_hash"]
        wrong = host.post(f"{API}/{code}/reviews", {"language": "pl", "text_hash": "0" * 64}, "HOST_DPO")
        assert (wrong.status_code, wrong.json["code"]) == (409, "other-words-reviewed")
        done = host.post(f"{API}/{code}/reviews", {"language": "pl", "text_hash": added}, "HOST_DPO")
        assert done.status_code == 200
        again = translate(host, code, text="Nie czy tak?")
        assert (again.status_code, again.json["code"]) == (409, "translation-reviewed")
        assert [one["review"] for one in host.get(f"{API}/{code}").json["texts"]] == ["SOURCE", "REVIEWED"]

    def test_outside_demonstrations_it_may_be_read_out_only_then(self, host, monkeypatch):
        """Before its review no yes in that language can be recorded."""
        host.post(f"/v1/consent-purposes/{STATISTICS}/basis", BASIS, "HOST_DPO")
        code = publish(host).json["id"]
        settings = host.contexts["consent"].settings
        monkeypatch.setattr(type(settings), "demo", property(lambda _self: False), raising=False)
        added = translate(host, code).json["text_hash"]
        kept = host.database("consent")["wordings"].find_one({"_id": code})
        assert [one["languages"] for one in kept["registrations"]] == [["en"]]
        assert "Tak czy nie?" not in host.browser("IMSA").get(f"{PATH}/{code}?language=pl").text
        host.post(f"{API}/{code}/reviews", {"language": "pl", "text_hash": added}, "HOST_DPO")
        kept = host.database("consent")["wordings"].find_one({"_id": code})
        assert [one["languages"] for one in kept["registrations"]] == [["en"], ["pl"]]
        assert "Tak czy nie?" in host.browser("IMSA").get(f"{PATH}/{code}?language=pl").text


class TestPages:
    def test_a_notice_is_published_translated_and_reviewed(self, host):
        """With the API's commands, under the person who sent the forms."""
        dpo = host.browser("HOST_DPO")
        assert dpo.send(f"{PATH}/publish", f"{PATH}/publish", **BODY).headers["Location"] == f"{PATH}?done=yes"
        code = f"{STATISTICS}.PROJECT_BOARD.v1"
        page = f"{PATH}/{code}"
        sent = dpo.send(page, f"{page}/translations", language="pl", text="Tak czy\r\nnie?", easy="")
        assert sent.headers["Location"] == f"{page}?language=pl"
        shown = dpo.get(f"{page}?language=pl").text
        assert "Nobody has reviewed this translation yet" in shown
        dpo.post(f"{page}/reviews", **fields_of(shown, f"{page}/reviews"))
        told = words(dpo.get(PATH).text)
        assert "Polish: reviewed" in told
        assert "In use" in told
        actor = host.people["HOST_DPO"]
        for action in (PublishNotice.action, ReviewTranslation.action):
            assert audited(host, "consent", action=action, actor_id=actor)

    @pytest.mark.parametrize("typed", [{"text": ""}, {"text": "{name}"}, {"text": "x" * 10_001}, {"purpose": "ANY"}])
    def test_what_was_typed_stays_where_something_is_to_be_mended(self, host, typed):
        """With a sentence beside it."""
        answer = host.browser("HOST_DPO").send(f"{PATH}/publish", f"{PATH}/publish", **{**BODY, **typed})
        assert answer.status_code == 422
        assert "There is a problem" in answer.text
        assert "Count you? Yes or no." in answer.text

    @pytest.mark.parametrize("typed", [{"language": ""}, {"text": ""}, {"text": "{contact}"}])
    def test_a_translation_that_cannot_be_added_is_told(self, host, typed):
        """What was typed stays."""
        page = f"{PATH}/{publish(host).json['id']}"
        said = {"language": "pl", "text": "Tak", "easy": "Tak?", **typed}
        answer = host.browser("HOST_DPO").send(page, f"{page}/translations", **said)
        assert answer.status_code == 422
        assert "Tak?" in answer.text

    def test_the_page_to_print_names_no_help(self, host):
        """A paper can be found."""
        code = publish(host).json["id"]
        page = host.browser("IMSA").get(f"{PATH}/{code}").text
        assert "Before you decide" in words(page)
        assert "In easy words" in words(page)
        assert "slavery" not in words(page).lower()
        assert host.browser("IMSA").get(f"{PATH}/nothing").status_code == 404

    def test_it_is_shown_where_somebody_is_asked_and_stands_in_the_line(self, host):
        """The version, the language, and the very text are facts of the decision."""
        host.login("IMSA")
        survivor = host.episode(advocate_id=host.people["IMSA"])["survivor_id"]
        code = publish(host).json["id"]
        advocate, target = host.browser("IMSA"), f"{PEOPLE}/{survivor}/{STATISTICS}"
        shown = advocate.send(target, target, **HOW, language="en")
        told = words(shown.text)
        assert "May we count you?" in told
        assert "In easy words Count you? Yes or no." in told
        assert re.search(rf'href="{PATH}/{re.escape(code)}\?language=en"', shown.text)
        advocate.post(target, **{**fields_of(shown.text, target), "decision": "GIVEN", "explained": "EASY_READ"})
        found = host.post("/v1/consents/search", {"survivor_id": survivor}).json["items"]
        (line,) = found[0]["history"]
        text = host.get(f"{API}/{code}").json["texts"][0]
        assert (line["wording_code"], line["text_hash"], line["explained"]) == (code, text["text_hash"], "EASY_READ")

    def test_nobody_else_finds_them(self, host):
        """Whoever asks nobody needs no notice."""
        assert host.get(API, "SAFEGUARDING_LEAD").status_code == 404
        assert host.browser("SAFEGUARDING_LEAD").get(PATH).status_code == 404
        assert host.get(f"{API}/{new_id()}", "IMSA").status_code == 404
