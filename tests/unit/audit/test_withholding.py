"""Nothing is left out by one person, of one's own doing, or for ever."""

from datetime import UTC, datetime, timedelta

import pytest

from services.audit.papers.errors import SecondReaderError, WithholdingMisstatedError, WithholdingStateError
from services.audit.papers.withholding import (
    LONGEST,
    SHOWN_AGAIN,
    WAITING,
    WITHHELD,
    Withholding,
    check_end,
    check_not_their_own,
)

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(days=30)


@pytest.fixture
def asked():
    return Withholding(
        id="w", survivor_id="s", entry_ids=("e",), reason="INVESTIGATION", until=UNTIL, asked_by="first", asked_at=NOW,
        updated_at=NOW,
    )  # fmt: skip


def test_it_waits_for_a_second_person_and_ends_by_itself(asked):
    """To the instant, whether or not anybody looks."""
    assert asked.state_at(NOW) == WAITING
    agreed = asked.agreed("second", NOW, did={"third"})
    assert agreed.state_at(UNTIL - timedelta(seconds=1)) == WITHHELD
    assert agreed.state_at(UNTIL) == SHOWN_AGAIN
    assert asked.state_at(UNTIL) == SHOWN_AGAIN


def test_nobody_agrees_with_themself(asked):
    """Nor to what they did."""
    with pytest.raises(SecondReaderError, match="You asked for this"):
        asked.agreed("first", NOW, did=())
    with pytest.raises(SecondReaderError, match="You did some of this yourself"):
        asked.agreed("second", NOW, did={"second"})


def test_nobody_asks_for_what_they_did():
    """Before anything is kept."""
    with pytest.raises(SecondReaderError):
        check_not_their_own("first", {"first", "other"})


def test_what_is_over_stays_over(asked):
    """Neither agreed to nor ended; it is asked for anew."""
    shown = asked.ended("anybody", NOW)
    assert shown.state_at(NOW) == SHOWN_AGAIN
    for one, at in ((shown, NOW), (asked, UNTIL)):
        with pytest.raises(WithholdingStateError):
            one.agreed("second", at, did=())
        with pytest.raises(WithholdingStateError):
            one.ended("second", at)
    with pytest.raises(WithholdingStateError, match="already"):
        asked.agreed("second", NOW, did=()).agreed("third", NOW, did=())


@pytest.mark.parametrize("wait", [timedelta(0), -timedelta(days=1), LONGEST + timedelta(seconds=1)])
def test_an_end_is_near_and_to_come(wait):
    """So nothing is left out for ever by one decision."""
    with pytest.raises(WithholdingMisstatedError):
        check_end(NOW + wait, NOW)
    check_end(NOW + LONGEST, NOW)
