"""An erasure is asked for, taken back or confirmed; and that old keys files are gone is noted.

Asking, taking back and confirming write the rights case and the erasure; asking and confirming take the survivor's
turn too, as whoever takes a request down does. So nobody waits in a case that an erasure overtakes, and of "take it
back" and "confirm" one comes first. Shown by tests/integration/case/test_erasure_races.py.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from services.case.erasures.documents import ErasureStore
from services.case.erasures.errors import AskedForError, OtherRightsOpenError
from services.case.erasures.rules import ASKED, CONFIRMED, Erasure, check_may_begin
from services.case.information_requests.documents import is_asked_for
from services.case.rights.documents import RightsStore
from services.case.rights.errors import ClockStandsError
from services.case.rights.rules import RightsCase
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OnErasure(DomainCommand):
    """Base of what is done about one erasure, whose id is its rights case's.

    Attributes:
        version: That the caller read: of the rights case where it is asked for, else of the erasure.
    """

    rights_case_id: str
    survivor_id: str
    version: int
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The rights case."""
        return self.rights_case_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The case, and the survivor whose turn it takes."""
        return frozenset({self.rights_case_id, self.survivor_id})


@dataclass(frozen=True, kw_only=True)
class AskErasure(OnErasure):
    """The data protection officer judged that a person may be erased, as they ask.

    Attributes:
        holds: What holds it back; codes of the list ``erasure_hold``. Any of them refuses it.
        looked_for_holds: Whether somebody looked for such.
        told: How the person was told that it will be done.
    """

    action: ClassVar[str] = "case:erasure:ask"
    holds: tuple[str, ...]
    looked_for_holds: bool
    told: str


@dataclass(frozen=True, kw_only=True)
class TakeBackErasure(OnErasure):
    """It is not to be done after all: the person changed their mind, or something holds it back."""

    action: ClassVar[str] = "case:erasure:take-back"


@dataclass(frozen=True, kw_only=True)
class ConfirmErasure(OnErasure):
    """A second person confirms it; it begins at once, and nobody can take it back."""

    action: ClassVar[str] = "case:erasure:confirm"


@dataclass(frozen=True, kw_only=True)
class NoteBackupsClosed(OnErasure):
    """Whoever keeps the backups said that no keys file from before is left."""

    action: ClassVar[str] = "case:erasure:backups-closed"


def ask_erasure(command: AskErasure, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Ask for an erasure; nothing is erased yet.

    Raises:
        DocumentMissingError, StaleVersionError, NoErasureAskedError, HeldBackError, NotLookedForError: Nothing changes.
        NotToldError, OtherRightsOpenError, AskedForError, ErasureStateError: Nothing changes.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    rights = RightsStore(work, sealer)
    case = rights.at_version(command.rights_case_id, command.version)
    check_may_begin(case, holds=command.holds, looked_for_holds=command.looked_for_holds, told=command.told)
    _check_nothing_waits(work, rights, case)
    erasure = Erasure(
        id=case.id,
        survivor_id=case.survivor_id,
        state=ASKED,
        asked_by=command.actor_id,
        asked_at=work.now,
        told=command.told,
        updated_at=work.now,
    )
    version = ErasureStore(work).add(erasure)
    _note(rights, replace(case, erasing=ASKED), "ERASURE_ASKED", command)
    return Answer(status=201, ids={"id": case.id, "version": version})


def take_back_erasure(command: TakeBackErasure, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Take an erasure back before it begins; the case is open as before.

    Raises:
        DocumentMissingError, StaleVersionError, ErasureStateError: Nothing changes.
    """
    store, rights = ErasureStore(work), RightsStore(work, sealer)
    version = store.save(store.at_version(command.rights_case_id, command.version).taken_back())
    _note(rights, replace(rights.get(command.rights_case_id), erasing=None), "ERASURE_TAKEN_BACK", command)
    return Answer(status=200, ids={"id": command.rights_case_id, "version": version})


def confirm_erasure(command: ConfirmErasure, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Confirm an erasure; a job destroys the key as soon as this is committed.

    Raises:
        DocumentMissingError, StaleVersionError, ErasureStateError, SecondPersonError: Nothing changes.
        ClockStandsError: Since it was asked for, somebody doubts who asked or what they mean.
        OtherRightsOpenError, AskedForError: Nothing changes.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    store, rights = ErasureStore(work), RightsStore(work, sealer)
    case = rights.get(command.rights_case_id)
    if case.stopped_on is not None:
        raise ClockStandsError
    confirmed = store.at_version(command.rights_case_id, command.version).confirmed(command.actor_id, work.now)
    _check_nothing_waits(work, rights, case)
    version = store.save(confirmed)
    _note(rights, replace(case, erasing=CONFIRMED), "ERASURE_CONFIRMED", command)
    return Answer(status=202, ids={"id": case.id, "version": version})


def note_backups_closed(command: NoteBackupsClosed, work: UnitOfWork) -> Answer:
    """Note that no keys file from before is left; that is the third date of the certificate.

    Raises:
        DocumentMissingError, StaleVersionError, ErasureStateError: Nothing changes.
    """
    store = ErasureStore(work)
    erasure = store.at_version(command.rights_case_id, command.version)
    version = store.save(erasure.backups_closed(command.actor_id, work.now))
    return Answer(status=200, ids={"id": command.rights_case_id, "version": version})


def _check_nothing_waits(work: UnitOfWork, rights: RightsStore, case: RightsCase) -> None:
    if rights.others_open(case):
        raise OtherRightsOpenError
    if is_asked_for(work, case.survivor_id):
        raise AskedForError


def _note(rights: RightsStore, case: RightsCase, step: str, command: OnErasure) -> None:
    rights.save(case)
    rights.note(case, step, reason=None, words=None, by=(command.actor_id, command.role))
