"""Words about released figures: change only where chance and rounding cannot explain it, shares only from 100."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.board.releases.wording import NO_CLEAR_CHANGE, change, people_to_date, share

counts = st.integers(2, 200).map(lambda n: 5 * n)


@given(counts, counts)
def test_a_change_is_named_only_beyond_chance_and_rounding(earlier, later):
    """Named if, and only if, |difference| >= 2 * sqrt(a + b) + 5, and in the right direction."""
    words = change(earlier, later)
    if (abs(later - earlier) - 5) ** 2 >= 4 * (earlier + later) and abs(later - earlier) >= 5:
        assert words.startswith("more" if later > earlier else "fewer")
    else:
        assert words == NO_CLEAR_CHANGE


@pytest.mark.parametrize(("part", "whole", "words"), [(50, 100, "about 50 %"), (45, 95, None), (10, 600, "about 2 %")])
def test_a_share_needs_a_hundred(part, whole, words):
    """Below 100 people no share is said."""
    assert share(part, whole) == words


def test_overlapping_periods_are_counted_once():
    """The longest period counts, what lies inside it does not."""
    releases = [
        {"covers": ["2026-Q1"], "people": 40},
        {"covers": ["2026"], "people": 135},
        {"covers": ["2027-Q1", "2027-Q2"], "people": 60},
        {"covers": ["2027-Q3"], "people": None},
    ]
    assert people_to_date(releases) == 195
