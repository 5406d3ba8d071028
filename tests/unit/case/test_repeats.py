"""References that repeat are never missed, in memory that does not grow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.case.imports.rules.repeats import Repeats


@given(st.lists(st.lists(st.text(max_size=3), max_size=3), max_size=20))
def test_whatever_stands_on_two_rows_may_repeat(rows):
    """Each form that two rows have; a form that one row has twice is no repeat by itself."""
    repeats = Repeats(rows)
    for forms in rows:
        repeats.note(forms)
    for at, forms in enumerate(rows):
        others = {form for other in (*rows[:at], *rows[at + 1 :]) for form in other}
        if others & set(forms):
            assert repeats.may_repeat(forms)


@pytest.mark.parametrize("rows", [range(100_000), iter(())], ids=["counted", "not counted"])
def test_of_many_different_references_few_are_taken_for_repeated(rows):
    """A hundred thousand of them: less than one in ten thousand, whether it was known how many come or not."""
    repeats = Repeats(rows)
    for n in range(100_000):
        repeats.note([f"ref-{n}"])
    assert sum(repeats.may_repeat([f"ref-{n}"]) for n in range(100_000)) < 10
