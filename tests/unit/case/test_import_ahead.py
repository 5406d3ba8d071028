"""What is made ahead: the same things in the same order, one at a time, and its faults where they belong."""

import threading
from contextlib import closing

import pytest

from services.case.imports.ahead import ahead


class BrokenError(Exception):
    """Something in the making went wrong."""


def made(count, notes, *, broken_at=None):
    """Things that note when they are made."""
    for n in range(count):
        if n == broken_at:
            raise BrokenError
        notes.append(n)
        yield n


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_the_same_things_in_the_same_order(count):
    """None among them is a thing like others."""
    assert list(ahead(range(count))) == list(range(count))
    assert list(ahead([None] * count)) == [None] * count


def test_a_fault_is_raised_where_its_thing_would_have_come():
    """After everything before it was given."""
    given = []
    with pytest.raises(BrokenError):
        given.extend(ahead(made(5, [], broken_at=3)))
    assert given == [0, 1, 2]


def test_one_is_made_ahead_and_no_more():
    """However long the one before is used."""
    notes, third = [], threading.Event()

    def watched():
        for n in made(9, notes):
            if n == 2:
                third.set()
            yield n

    with closing(ahead(watched())) as things:
        assert next(things) == 0
        assert not third.wait(0.2)
    assert notes in ([0], [0, 1])
