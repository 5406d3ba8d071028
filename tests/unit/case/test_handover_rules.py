"""Who has read a hand-over, and for whom a note is: plain rules."""

from datetime import UTC, date, datetime

import pytest

from services.case.handing_over.errors import NothingToReadError
from services.case.handing_over.rules import (
    COVER,
    GIVE,
    OVER,
    READ,
    WAITING,
    Handover,
    Note,
    first_note_of,
    next_note,
    standing,
    told_by,
)

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
TODAY = date(2026, 10, 20)


def handover(giver="ann", taker="ben", **values):
    about = {"id": "h", "survivor_id": "s", "move_id": "m", "kind": GIVE, "given_at": NOW, "updated_at": NOW}
    return Handover(**{**about, "from_id": giver, "to_id": taker, **values})


def note(note_id, **values):
    about = {"survivor_id": "s", "part_of": "ann", "words": "x", "actor_id": "ann", "role": "IMSA"}
    return Note(id=note_id, **about, recorded_at=NOW, updated_at=NOW, **values)


def test_it_is_read_once_with_when():
    """And says so."""
    read = handover().read(TODAY, at=NOW)
    assert (read.state, read.read_at) == (READ, NOW)
    with pytest.raises(NothingToReadError):
        read.read(TODAY, at=NOW)


@pytest.mark.parametrize(
    ("last_on", "state", "waits"),
    [(None, WAITING, True), (date(2026, 10, 20), WAITING, True), (date(2026, 10, 19), WAITING, False),
     (None, OVER, False)],
)  # fmt: skip
def test_a_cover_that_is_over_is_not_to_be_read(last_on, state, waits):
    """Up to its last day it is."""
    one = handover(kind=COVER, last_on=last_on, state=state)
    assert one.waits(TODAY) is waits
    if not waits:
        with pytest.raises(NothingToReadError):
            one.read(TODAY, at=NOW)


def test_of_an_author_the_last_note_stands():
    """What was replaced, and what was taken back, does not."""
    first = first_note_of("s", "ann")
    second, third = next_note(first), next_note(next_note(first))
    written = [note(first), note(second, corrects=first)]
    assert [one.id for one in standing(written)] == [second]
    assert standing([*written, note(third, corrects=second, taken_back=True)]) == []
    assert first_note_of("s", None) not in {first, first_note_of("t", "ann")}


def test_a_note_is_for_whoever_took_over_and_not_for_a_colleague_beside_them():
    """Through several hands; a cover lasts as long as it holds, and is one's part on that day."""
    given = [handover(), handover("ben", "cat"), handover("dan", "eve"), handover("dan", "ben", kind=COVER)]
    assert told_by(given, {"cat"}) == {"cat", "ben", "ann"}
    assert told_by(given, {"ben"}) == {"ben", "ann"}
    assert told_by(given, {"ann"}) == {"ann"}
    assert told_by(given, {"fay", "eve"}) == {"fay", "eve", "dan"}
    assert told_by([handover("ann", "ben"), handover("ben", "ann")], {"ben"}) == {"ann", "ben"}
