"""A person who is handed over, and what is told to whoever takes over: plain rules, no database and no clock.

Promise: only whoever takes over says that they have read it, once; a note is never written over, and of one author one
note stands at most; a note is for whoever took the person over from its author, and not for a colleague beside them.
Shown by tests/unit/case/test_handover_rules.py. Source: ADR 0062.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid5

from services.case.handing_over.errors import NothingToReadError

GIVE, COVER = "GIVE", "COVER"
KINDS = (GIVE, COVER)
WAITING, READ, OVER = "WAITING", "READ", "OVER"
STATES = (WAITING, READ, OVER)
"""Nobody has read it yet; it was read; whoever should have read it has the person no more."""
LONGEST = 2000
MOST_NOTES = 100
"""Notes about one person, replaced ones too; beyond it one can only be taken back."""
MOST_READ = 2 * MOST_NOTES
MOST_HANDOVERS = 200
"""Hand-overs of one person that are looked through, the newest first; far more than anybody has."""

_HANDOVERS = UUID("f4f5a2c1-6c0f-4a07-9d0c-8b2f0f6d1e35")
_NOTES = UUID("2c7e6b1d-90a4-4f4e-8a53-1f5d7c3b6e98")


@dataclass(frozen=True, kw_only=True)
class Handover:
    """One person who was given to another advocate, or is covered by one.

    Attributes:
        move_id: The supervisor's act that it came with.
        from_id: Who has them, or had them.
        to_id: Who takes over, and has to read what there is to know.
        first_on, last_on: Of a cover, its days; None of what is for good.
        read_at: When they said that they have read it.
    """

    id: str
    survivor_id: str
    move_id: str
    kind: str
    from_id: str
    to_id: str
    state: str = WAITING
    first_on: date | None = None
    last_on: date | None = None
    given_at: datetime
    read_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    def waits(self, today: date) -> bool:
        """Whether it is still to be read; that of a cover is not any more once the cover is over."""
        return self.state == WAITING and (self.last_on is None or self.last_on >= today)

    def read(self, today: date, *, at: datetime) -> "Handover":
        """Say that it was read.

        Raises:
            NothingToReadError: It was read already, or is over.
        """
        if not self.waits(today):
            raise NothingToReadError
        return replace(self, state=READ, read_at=at, updated_at=at)


@dataclass(frozen=True, kw_only=True)
class Note:
    """What somebody would tell whoever works with a person next.

    Attributes:
        part_of: The advocate whose work it tells of, who wrote it first; None of the supervisors'.
        words: None of one that is taken back.
        corrects: The note that it replaces or takes back; None for a first writing.
        actor_id, role: Who wrote it.
    """

    id: str
    survivor_id: str
    part_of: str | None
    words: str | None
    corrects: str | None = None
    taken_back: bool = False
    actor_id: str
    role: str
    recorded_at: datetime
    updated_at: datetime
    version: int = 0


def handover_of(move_id: str, survivor_id: str) -> str:
    """Give the id of a person's hand-over: a move has one of each person."""
    return str(uuid5(_HANDOVERS, f"{move_id} {survivor_id}"))


def first_note_of(survivor_id: str, part_of: str | None) -> str:
    """Give the id of an author's first note about a person."""
    return str(uuid5(_NOTES, f"{survivor_id} {part_of or 'supervisors'}"))


def next_note(note_id: str) -> str:
    """Give the id of what follows a note: it follows from the note, so that there is never a second one."""
    return str(uuid5(_NOTES, note_id))


def newest(notes: Iterable[Note]) -> list[Note]:
    """Give what was written last of each author, a taking back too."""
    all_known = list(notes)
    ids = {one.id for one in all_known}
    return [one for one in all_known if next_note(one.id) not in ids]


def standing(notes: Iterable[Note]) -> list[Note]:
    """Leave out of a person's notes what was replaced or taken back."""
    return [one for one in newest(notes) if not one.taken_back]


def told_by(handovers: Iterable[Handover], parts: Collection[str]) -> frozenset[str]:
    """Give the authors whose notes are for somebody: their own, and of everybody from whom the person came to them.

    Args:
        handovers: Of the one person.
        parts: Theirs, and of whom they cover today.
    """
    given = [(one.from_id, one.to_id) for one in handovers if one.kind == GIVE]
    reached, before = frozenset(parts), frozenset[str]()
    while reached != before:
        before = reached
        reached |= {giver for giver, taker in given if taker in before}
    return reached
