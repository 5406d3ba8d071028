"""A notice's versions: what is filled in, what may be shown in which language, and what never changes; no database."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.consent.notices.errors import (
    NotATranslationError,
    NoticeReplacedError,
    OtherWordsReviewedError,
    PlaceholdersDifferError,
    PlaceholderUnknownError,
    TranslationReviewedError,
)
from services.consent.notices.rules import NONE, REVIEWED, SOURCE, Notice, notice_id, placeholders_of, text_of
from services.consent.purposes.register import PURPOSES

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
FILLED = {"controller": "Host Rowan", "contact": "Desk 4", "keeps_months": "84"}
ENGLISH = text_of("en", "{controller} asks: may we count you?", None, FILLED, review=SOURCE, by="d", at=NOW)
NOTICE = Notice(
    id="n", purpose="AGGREGATE_STATISTICS", recipient_class="PROJECT_BOARD", number=1, filled=FILLED,
    holds=("controller",), texts=(ENGLISH,), published_by="d", published_at=NOW,
)  # fmt: skip


def polish(notice=NOTICE, text="{controller} pyta: tak czy nie?", **values):
    return notice.translated("pl", text, values.get("easy"), by="t", at=NOW)


def reviewed(notice, language="pl"):
    return notice.reviewed(language, notice.text_in(language).text_hash, by="r", at=NOW)


class TestFilling:
    def test_what_was_stated_takes_the_place_of_the_braces(self):
        """And what is shown is what is hashed; easy words likewise."""
        assert ENGLISH.text == "Host Rowan asks: may we count you?"
        told = text_of("en", "Ask {contact}.", "{contact}", FILLED, review=SOURCE, by="d", at=NOW)
        assert (told.text, told.easy) == ("Ask Desk 4.", "Desk 4")
        other = text_of("en", "Ask {contact}.", None, {**FILLED, "contact": "X"}, review=SOURCE, by="d", at=NOW)
        assert other.text_hash != told.text_hash

    def test_what_stands_in_for_braces_is_not_read_again(self):
        """A controller's name may hold braces of its own."""
        odd = {**FILLED, "controller": "{contact}"}
        assert text_of("en", "{controller}", None, odd, review=SOURCE, by="d", at=NOW).text == "{contact}"

    @pytest.mark.parametrize(
        "template", ["{name}", "{}", "{ controller }", "{controller", "controller}", "{{contact}}"]
    )
    def test_braces_that_nothing_fills_are_refused(self, template):
        """Nobody is shown a form with a gap."""
        with pytest.raises(PlaceholderUnknownError):
            placeholders_of(template)

    def test_easy_words_hold_nothing_that_was_not_stated_when_it_was_published(self):
        """A demonstration may publish before it states its basis."""
        bare = replace(NOTICE, filled={}, holds=(), texts=(replace(ENGLISH, text="May we count you?"),))
        with pytest.raises(PlaceholderUnknownError, match="Leave the braces out"):
            polish(bare, "Tak?", easy="{contact}")


class TestShowing:
    def test_what_nobody_reviewed_is_shown_in_english(self):
        """Outside a demonstration; and so is a language in which there are no words."""
        notice = polish()
        assert notice.shown("pl", demo=False) == ENGLISH
        assert notice.shown("vi", demo=True) == ENGLISH
        assert notice.shown("pl", demo=True).language == "pl"

    def test_what_was_reviewed_is_shown(self):
        """With who reviewed it, and when."""
        text = reviewed(polish()).shown("pl", demo=False)
        assert (text.text, text.review, text.reviewed_by, text.reviewed_at) == (
            "Host Rowan pyta: tak czy nie?", REVIEWED, "r", NOW,
        )  # fmt: skip


class TestTranslating:
    def test_an_unreviewed_translation_may_be_put_right(self):
        """The other words take its place."""
        again = polish(polish(), "{controller}: tak?")
        assert [one.language for one in again.texts] == ["en", "pl"]
        assert again.text_in("pl").text == "Host Rowan: tak?"
        assert again.text_in("pl").review == NONE

    def test_a_reviewed_translation_stays(self):
        """People may have decided by it."""
        with pytest.raises(TranslationReviewedError):
            polish(reviewed(polish()))
        with pytest.raises(TranslationReviewedError):
            reviewed(reviewed(polish()))

    @pytest.mark.parametrize("text", ["Tak?", "{controller} {contact}"])
    def test_it_says_neither_less_nor_more_than_the_english_words(self, text):
        """As far as a machine can see."""
        with pytest.raises(PlaceholdersDifferError):
            polish(text=text)

    @pytest.mark.parametrize("language", ["en", "bfi"])
    def test_english_and_sign_language_are_no_translations(self, language):
        """The first is the notice, the second has no written words."""
        with pytest.raises(NotATranslationError):
            NOTICE.translated(language, "{controller}", None, by="t", at=NOW)

    @pytest.mark.parametrize(("language", "text_hash"), [("pl", "0" * 64), ("vi", "0" * 64), ("en", ENGLISH.text_hash)])
    def test_only_the_words_that_stand_there_are_reviewed(self, language, text_hash):
        """Not others that stood there a moment ago, not those of no language, and not the English ones."""
        with pytest.raises(OtherWordsReviewedError):
            polish().reviewed(language, text_hash, by="r", at=NOW)

    def test_nothing_is_added_to_a_version_that_was_replaced(self):
        """Nobody reads it out any more."""
        old = replace(polish(), replaced_at=NOW)
        with pytest.raises(NoticeReplacedError):
            polish(old)
        with pytest.raises(NoticeReplacedError):
            reviewed(old)


def test_every_versions_name_is_a_code_of_words():
    """At most 80 characters, whatever the purpose and the recipients."""
    names = [notice_id(code, one, 9_999) for code, purpose in PURPOSES.items() for one in purpose.recipients]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 80
