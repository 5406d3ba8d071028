"""When it is proven that everything up to an instant has arrived: consent's own word, and case's before it."""

from datetime import timedelta

import pytest

from services.reporting.periods.readiness import consent_is_proven, may_be_signed
from shared.kernel.streams import Progress, from_document, to_document
from tests.unit.reporting.episodes import SEAL, task

DAY = timedelta(days=1)


def stored(progress):
    """Progress as it is read back from the database."""
    return from_document(to_document("consent", progress))


def streams(*, consent, case):
    """What reporting keeps of consent's stream, after a mark through so many days from the seal."""
    applied = {} if case is None else {"case": SEAL + case * DAY}
    return stored(Progress().with_mark(SEAL + consent * DAY, 0, applied))


class TestProof:
    def test_both_must_have_come_so_far(self):
        """Consent says what it recorded, and how much of case it had applied by then."""
        assert consent_is_proven(streams(consent=0, case=0), SEAL)
        assert consent_is_proven(streams(consent=1, case=2), SEAL)

    @pytest.mark.parametrize(("consent", "case"), [(1, -1), (-1, 1), (1, None)])
    def test_one_alone_proves_nothing(self, consent, case):
        """A consent that has not heard case knows no facts and no import's withdrawals: silence is not completeness."""
        assert not consent_is_proven(streams(consent=consent, case=case), SEAL)

    def test_nothing_heard_proves_nothing(self):
        """No mark, no proof."""
        assert not consent_is_proven(from_document(None), SEAL)
        assert not consent_is_proven(stored(Progress()), SEAL)

    def test_a_number_that_is_missing_proves_nothing(self):
        """A mark counts once every number up to its last is committed; a parked one is not."""
        waiting = Progress().with_committed([1, 3]).with_mark(SEAL, 3, {"case": SEAL})
        assert not consent_is_proven(stored(waiting), SEAL)
        assert consent_is_proven(stored(waiting.with_committed([2])), SEAL)


def test_a_signature_needs_a_proof_of_at_most_ten_minutes_ago():
    """And of the whole period, which has ended."""
    now = SEAL - timedelta(days=5)
    one = task("2026-Q3")
    fresh, stale = (now - SEAL - timedelta(minutes=m) for m in (9, 11))
    assert may_be_signed(streams(consent=fresh / DAY, case=fresh / DAY), one, now)
    assert not may_be_signed(streams(consent=stale / DAY, case=stale / DAY), one, now)
    assert not may_be_signed(streams(consent=fresh / DAY, case=stale / DAY), one, now)
