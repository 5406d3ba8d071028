"""What may be asked of hand-overs; each takes the survivor's turn, so that one comes after the other."""

from dataclasses import dataclass
from typing import ClassVar

from services.case.contacts.rules import says_something
from services.case.handing_over.documents import HANDOVERS, NOTES, HandoverStore, NoteStore
from services.case.handing_over.errors import NoteChangedError, NothingSaidError, TooManyNotesError
from services.case.handing_over.rules import MOST_NOTES, Note, first_note_of, newest, next_note, standing
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from shared.codelists.periods import london_day
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OnHandover(DomainCommand):
    """Base of what is done about somebody's hand-over.

    Attributes:
        actor_id, role: Who does it.
    """

    survivor_id: str
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The survivor: on whose paper it stands."""
        return self.survivor_id


@dataclass(frozen=True, kw_only=True)
class ReadHandover(OnHandover):
    """Whoever takes over has read what there is to know."""

    action: ClassVar[str] = "case:handover:acknowledge"
    handover_id: str


def read_handover(command: ReadHandover, work: UnitOfWork) -> Answer:
    """Say that a hand-over was read.

    Raises:
        DocumentMissingError: This person has none such that is theirs to read.
        NothingToReadError: It was read already, or is over.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    store = HandoverStore(work)
    known = store.get(command.handover_id)
    if known.survivor_id != command.survivor_id or known.to_id != command.actor_id:
        raise DocumentMissingError(HANDOVERS)
    version = store.save(known.read(london_day(work.now), at=work.now))
    return Answer(status=200, ids={"id": known.id, "version": version})


@dataclass(frozen=True, kw_only=True)
class WriteNote(OnHandover):
    """Somebody tells whoever works with a person next.

    Attributes:
        words: None to take back what stands.
        replaces: The note that the writer saw standing; None where they saw none of their own.
    """

    action: ClassVar[str] = "case:handover:note"
    words: str | None
    replaces: str | None = None


def write_note(command: WriteNote, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Write a note, replace the one that stands, or take it back; nothing is written over.

    An advocate writes their own; a supervisor writes the supervisors', and may replace or take back an advocate's.

    Raises:
        NothingSaidError: There are no words, and nothing to take back.
        DocumentMissingError: There is no such note of theirs.
        NoteChangedError: Another one stands meanwhile.
        TooManyNotesError: As many were written as may be.
    """
    words = command.words
    if not says_something(words) and (words is not None or command.replaces is None):
        # A blank takes nothing back: only who says so does.
        raise NothingSaidError
    SurvivorStore(work).take_turn(command.survivor_id)
    store = NoteStore(work, sealer)
    known = store.of_survivor(command.survivor_id)
    if words is not None and len(known) >= MOST_NOTES:
        raise TooManyNotesError(MOST_NOTES)
    own = command.actor_id if command.role == ADVOCATE else None
    before = _before(command, known, own)
    last = before or next((one for one in newest(known) if one.part_of == own), None)
    note = Note(
        id=first_note_of(command.survivor_id, own) if last is None else next_note(last.id),
        survivor_id=command.survivor_id,
        part_of=own if before is None else before.part_of,
        words=words,
        corrects=None if before is None else before.id,
        taken_back=words is None,
        actor_id=command.actor_id,
        role=command.role,
        recorded_at=work.now,
        updated_at=work.now,
    )
    store.add(note)
    return Answer(status=201, ids={"id": note.id, "version": 1})


def _before(command: WriteNote, known: list[Note], own: str | None) -> Note | None:
    """Give the note that is replaced."""
    stands = standing(known)
    if command.replaces is None:
        if any(one.part_of == own for one in stands):
            raise NoteChangedError
        return None
    named = next((one for one in known if one.id == command.replaces), None)
    if named is None or (command.role == ADVOCATE and named.part_of != own):
        raise DocumentMissingError(NOTES)
    if named not in stands:
        raise NoteChangedError
    return named
