"""Whom to ask again, why, and from when; no database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.consent.again.rules import AskAgain, judge
from services.consent.again.words import SENTENCES, sentence_of
from services.consent.ledger.asking import ASK_AGAIN_AFTER, MOST_ASKED_AGAIN, asked_from
from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import (
    CLOCK,
    DEFERRED,
    DIRECT,
    EXPIRED,
    GIVEN,
    IMPORT,
    REFUSED,
    REQUESTED,
    REVOKED,
    Entry,
)
from services.consent.ledger.statements import Statement
from services.consent.ledger.terms import Terms
from services.consent.wordings.rules import Wording
from shared.contracts.consent import VALIDITY

DAY = datetime(2026, 6, 1, 9, tzinfo=UTC)
NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
WORDS = Wording(
    code="w-1", purpose="AGGREGATE_STATISTICS", recipient_class="PROJECT_BOARD", languages=("en",),
    valid_from=datetime(2026, 1, 1, tzinfo=UTC), valid_to=None,
)  # fmt: skip
SAID = Statement(
    stated="GIVEN", said_at=DAY, wording_code="w-1", language="en", method="VERBAL_IN_PERSON", setting_private=True
)
EMPTY = Consent(id="c", survivor_id="s", purpose="AGGREGATE_STATISTICS")


def entry(status, at, source=DIRECT):
    return Entry(status=status, said_at=at, recorded_at=at, actor_id="a", source=source)


def of_a_file(wordings=(), **changes):
    said = replace(SAID, **changes)
    return EMPTY.weighed(said, wordings, entry("UNKNOWN", DAY, IMPORT))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, ("WORDS_UNKNOWN",)),
        ({"said_at": None}, ("NO_DATE", "WORDS_UNKNOWN")),
        ({"language": None}, ("NO_LANGUAGE", "WORDS_UNKNOWN")),
        ({"method": None}, ("NO_METHOD", "WORDS_UNKNOWN")),
        ({"setting_private": None}, ("NOT_PRIVATE", "WORDS_UNKNOWN")),
        ({"setting_private": False}, ("NOT_PRIVATE", "WORDS_UNKNOWN")),
        ({"wording_code": None}, ("NO_WORDS",)),
        ({"stated": "RENEWED"}, ("NOT_CLEAR",)),
    ],
)
def test_each_gap_of_a_file_is_a_reason(changes, why):
    """Whoever asks again sees what to write down this time."""
    assert judge(of_a_file(**changes), [], NOW) == AskAgain(why=why)


def test_words_that_do_not_cover_the_day_or_the_language_are_named_as_such():
    """They are registered, so registering them again would help nobody."""
    for changes in ({"said_at": datetime(2025, 12, 1, tzinfo=UTC)}, {"language": "vi"}):
        assert judge(of_a_file([WORDS], **changes), [WORDS], NOW).why == ("WORDS_DO_NOT_FIT",)


def test_a_yes_that_counts_and_a_no_are_on_no_list():
    """Nor is somebody of whom nothing was ever said."""
    assert judge(of_a_file([WORDS]), [WORDS], NOW) is None
    assert judge(EMPTY, [], NOW) is None
    for no in ("REFUSED", "WITHDRAWN"):
        assert judge(of_a_file(stated=no), [], NOW) is None


def test_after_a_year_one_asks_after_90_days_and_twice_at_most():
    """The day is that of the ledger's own rule, and so is the end of asking."""
    ended = DAY + VALIDITY
    expired = replace(EMPTY, entries=(entry(GIVEN, DAY), entry(EXPIRED, ended, CLOCK)))
    first = ended + ASK_AGAIN_AFTER
    assert judge(expired, [], ended + timedelta(days=1)) == AskAgain(why=("YEAR_PASSED",), not_before=first)
    assert judge(expired, [], first) == AskAgain(why=("YEAR_PASSED",))
    asked = expired
    for number in range(1, MOST_ASKED_AGAIN + 1):
        asked = replace(asked, entries=(*asked.entries, entry(REQUESTED, ended + number * ASK_AGAIN_AFTER)))
    back = replace(asked, entries=(*asked.entries, entry(EXPIRED, ended + 4 * ASK_AGAIN_AFTER, CLOCK)))
    assert asked.status == REQUESTED
    assert judge(asked, [], ended + 9 * ASK_AGAIN_AFTER) is None
    assert back.status in (REQUESTED, EXPIRED)


def test_what_the_host_ended_may_be_asked_again_at_once():
    """The survivor said no to nothing."""
    ended = replace(EMPTY, entries=(entry(GIVEN, DAY), entry(REVOKED, NOW)))
    assert judge(ended, [], NOW) == AskAgain(why=("ENDED_BY_HOST",))


def test_whoever_named_a_day_stands_on_the_list_with_it():
    """Put off before their year passed, and written down after it: their day is told, and the others' rows are too."""
    put_off = replace(entry(DEFERRED, DAY - timedelta(days=1)), terms=Terms(ask_from=NOW + timedelta(days=200)))
    for before in (of_a_file(), replace(EMPTY, entries=(entry(GIVEN, DAY - VALIDITY), entry(EXPIRED, NOW, CLOCK)))):
        consent = replace(before, entries=(*before.entries, put_off))
        told = judge(consent, [], NOW + timedelta(days=1))
        assert told is not None
        assert told.not_before == NOW + timedelta(days=200)


def test_each_reason_has_its_sentence():
    """And one of a newer version is shown all the same."""
    assert len(SENTENCES) == len(set(SENTENCES.values())) == 10
    assert sentence_of("SOMETHING_NEW") == "Something new."


@pytest.mark.parametrize(("source", "days", "peace"), [(IMPORT, 0, True), (IMPORT, 1, False), (DIRECT, 0, False)])
def test_a_files_yes_of_the_very_day_of_a_no_ends_no_peace(source, days, peace):
    """It is no yes, since a file gives days and no times."""
    lines = [entry(REFUSED, DAY, IMPORT), entry(GIVEN, DAY + timedelta(days=days), source)]
    assert asked_from(lines, DAY + timedelta(days=2)) == (DAY + ASK_AGAIN_AFTER if peace else None, False)
