"""A finding: who sees it, how it grows, how it is closed and opened again."""

from datetime import timedelta

import pytest

from services.audit.unusual.errors import FindingClosedError
from services.audit.unusual.finding import CLOSED, KEPT_FIRST, MOST_CLOSINGS, MOST_IDS, OPEN, Closing, Finding
from services.audit.unusual.rules import GUESSING
from tests.unit.audit.test_unusual_rules import NOON, seen

LATER = NOON + timedelta(days=1)


def finding(*entries):
    return Finding.raised("f", GUESSING, entries or (seen(1),), NOON)


def closing(at=LATER, reason="MISTAKE"):
    return Closing(by="dpo", at=at, reason=reason, words=b"sealed")


def test_a_flood_is_one_finding_whose_first_and_newest_entries_stay():
    """Whoever knows that cannot push the first ones out; how often is counted on."""
    grown = finding(*(seen(n) for n in range(300))).grown([seen(900, LATER)], LATER)
    assert (grown.times, len(grown.entry_ids)) == (301, MOST_IDS)
    assert grown.entry_ids[:KEPT_FIRST] == tuple(f"entry-{n}" for n in range(KEPT_FIRST))
    assert grown.entry_ids[-1] == "entry-900"
    assert (grown.first_at, grown.last_at) == (NOON, LATER)


def test_it_is_closed_once_and_opened_again_by_what_comes_later():
    """It counts anew, and keeps what was said."""
    closed = finding(seen(1), seen(2)).closed(closing())
    assert closed.state == CLOSED
    with pytest.raises(FindingClosedError):
        closed.closed(closing())
    again = closed.grown([seen(3, LATER)], LATER)
    assert (again.state, again.times, again.entry_ids, again.first_at) == (OPEN, 1, ("entry-3",), LATER)
    assert [one.reason for one in again.closings] == ["MISTAKE"]


def test_the_newest_judgements_are_kept():
    """Somebody who is looked into again and again fills no database."""
    one = finding()
    for n in range(MOST_CLOSINGS + 3):
        at = LATER + timedelta(days=n)
        one = one.closed(closing(at)).grown([seen(n, at)], at)
    assert len(one.closings) == MOST_CLOSINGS
    assert one.closings[-1].at == LATER + timedelta(days=MOST_CLOSINGS + 2)


@pytest.mark.parametrize(
    ("of_role", "who", "role", "may"),
    [
        ("IMSA", "dpo", "HOST_DPO", True),
        ("IMSA", "a", "HOST_DPO", False),
        ("IMSA", "admin", "HOST_ADMIN", False),
        ("HOST_DPO", "admin", "HOST_ADMIN", True),
        ("HOST_DPO", "a", "HOST_DPO", False),
        ("HOST_DPO", "a", "HOST_ADMIN", False),
        ("HOST_DPO", "other", "HOST_DPO", True),
        ("HOST_ADMIN", "dpo", "HOST_DPO", True),
        ("HOST_ADMIN", "other", "HOST_ADMIN", False),
        ("IMSA", "s", "SUPERVISOR", False),
    ],
)
def test_nobody_judges_their_own_and_the_administrator_an_officers_alone(of_role, who, role, may):
    """Also in another role that they have besides."""
    assert finding(seen(1, role=of_role)).may_be_judged_by(who, role) == may


def test_odd_hours_are_counted_beside_it():
    """Of each entry that fits."""
    assert finding(seen(1), seen(2, NOON + timedelta(hours=12))).odd_hours == 1
