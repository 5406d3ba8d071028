"""How far a stream is committed: no gap is skipped, and a mark counts when everything before it is there."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.streams import Progress, from_document, to_document

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


def test_a_gap_is_a_gap_until_it_is_filled():
    """Numbers above it wait."""
    gap = Progress().with_committed([1, 2, 4, 6])
    assert (gap.contiguous, gap.above) == (2, ((4, 4), (6, 6)))
    assert gap.with_committed([3]).contiguous == 4
    assert gap.with_committed([5, 3]).contiguous == 6


def test_a_mark_counts_once_every_number_up_to_its_last_is_committed():
    """Parked, retried or held is not committed."""
    waiting = Progress().with_committed([1, 3]).with_mark(NOON, 3, {"case": NOON})
    assert waiting.applied_through is None
    done = waiting.with_committed([2])
    assert (done.applied_through, done.source_applied) == (NOON, {"case": NOON})


def test_an_older_mark_takes_nothing_back():
    """Marks may overtake each other on their way."""
    newer = Progress().with_mark(NOON, 0, {"case": NOON})
    assert newer.with_mark(NOON - timedelta(hours=1), 0).applied_through == NOON


def test_what_is_missing_lies_before_something_that_came():
    """What was sent last may still be on its way; a mark that came says that it should be here."""
    came = Progress().with_committed([1, 2, 5, 6, 9])
    assert came.missing() == ((3, 4), (7, 8))
    assert came.with_mark(NOON, 9).missing() == ((3, 4), (7, 8))
    assert came.with_mark(NOON, 11).missing() == ((3, 4), (7, 8), (10, 11))
    assert came.with_committed([3, 4, 7, 8]).missing() == ()
    assert Progress().with_mark(NOON, 2).missing() == ((1, 2),)
    assert Progress().missing() == ()


@given(st.permutations(range(1, 12)), st.integers(0, 11))
def test_in_whatever_order_numbers_are_committed(order, so_many):
    """Contiguous and above name exactly what was committed."""
    progress = Progress()
    for number in order[:so_many]:
        progress = progress.with_committed([number])
    told = {*range(1, progress.contiguous + 1), *(n for low, high in progress.above for n in range(low, high + 1))}
    assert told == set(order[:so_many])
    assert progress.contiguous + 1 not in told
    assert from_document(to_document("case", progress)) == progress
