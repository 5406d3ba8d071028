"""The steps of an erasure: two people, nothing that holds it back, and each step after the one before."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.case.erasures.errors import (
    ErasureStateError,
    HeldBackError,
    NoErasureAskedError,
    NotLookedForError,
    SecondPersonError,
)
from services.case.erasures.rules import Erasure, check_may_begin, ended_by
from services.case.rights.decisions import Decision
from services.case.rights.errors import ErasureUnderWayError, NotToldError
from services.case.rights.rules import CLOSED, RightsCase

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
ASKED = Erasure(
    id="r", survivor_id="s", state="ASKED", asked_by="dpo", asked_at=AT, told="IN_PERSON_PRIVATE", updated_at=AT
)
CASE = RightsCase(
    id="r", survivor_id="s", kind="ERASURE", channel="LETTER", received_on=date(2026, 11, 1), taken_by="a",
    taken_role="IMSA", taken_at=AT, nation="ENGLAND", calendar_version=1, due_on=date(2026, 12, 1), updated_at=AT,
    words="w",
)  # fmt: skip
WAYS = {
    "taken_back": lambda one: one.taken_back(),
    "confirmed": lambda one: one.confirmed("other", AT),
    "key_destroyed": lambda one: one.key_destroyed(AT),
    "never_known": lambda one: one.never_known(),
    "erased": lambda one: one.erased(2, AT),
    "backups_closed": lambda one: one.backups_closed("dpo", AT),
}
MAY = {
    "ASKED": {"taken_back", "confirmed"}, "TAKEN_BACK": set(), "CONFIRMED": {"key_destroyed", "never_known"},
    "KEY_DESTROYED": {"erased"}, "ERASED": {"backups_closed"}, "NEVER_KNOWN": set(),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("state", MAY)
def test_each_step_follows_the_one_before(state, way):
    """And no other; what is confirmed is not taken back."""
    one = replace(ASKED, state=state)
    if way in MAY[state]:
        assert WAYS[way](one) != one
    else:
        with pytest.raises(ErasureStateError):
            WAYS[way](one)


def test_the_second_person_is_another_one():
    """Whoever asked cannot confirm."""
    with pytest.raises(SecondPersonError):
        ASKED.confirmed("dpo", AT)
    assert ASKED.confirmed("other", AT).confirmed_by == "other"


def test_the_third_date_is_noted_once():
    """By whom, and when."""
    noted = replace(ASKED, state="ERASED").backups_closed("dpo", AT)
    assert (noted.backups_closed_by, noted.backups_closed_at) == ("dpo", AT)
    with pytest.raises(ErasureStateError):
        noted.backups_closed("dpo", AT)


def test_it_begins_where_somebody_asked_and_nothing_holds_it_back():
    """Unknown is no leave, and any hold is a no."""
    check_may_begin(CASE, holds=(), looked_for_holds=True, told="SAFE_CONTACT")
    with pytest.raises(HeldBackError):
        check_may_begin(CASE, holds=("COURT_ORDER",), looked_for_holds=True, told="SAFE_CONTACT")
    with pytest.raises(NotLookedForError):
        check_may_begin(CASE, holds=(), looked_for_holds=False, told="SAFE_CONTACT")
    with pytest.raises(NotToldError):
        check_may_begin(CASE, holds=(), looked_for_holds=True, told="NOT_SAFE_YET")
    other = [replace(CASE, kind="ACCESS"), replace(CASE, state=CLOSED), replace(CASE, stopped_on=date(2026, 11, 2))]
    for case in other:
        with pytest.raises(NoErasureAskedError):
            check_may_begin(case, holds=(), looked_for_holds=True, told="SAFE_CONTACT")


def test_it_ends_its_case_as_met_without_a_word():
    """By whom it was confirmed; nothing that was said stays."""
    ended = ended_by(CASE, replace(ASKED, confirmed_by="other"), AT)
    assert (ended.state, ended.outcome, ended.told, ended.closed_by) == (CLOSED, "MET", "IN_PERSON_PRIVATE", "other")
    assert (ended.words, ended.answer, ended.erasing) == (None, None, None)


@pytest.mark.parametrize("outcome", ["TAKEN_BACK", "REFUSED", "MET"])
def test_while_one_is_asked_for_its_case_is_not_ended_otherwise(outcome):
    """It is taken back first, so that nobody confirms what was refused."""
    with pytest.raises(ErasureUnderWayError):
        replace(CASE, erasing="ASKED").decided(Decision(outcome=outcome, told="SAFE_CONTACT"), by="d", at=AT)
