"""What may be asked of a copy that is there.

Each names the version that was read, and writes the copy's one document; so of two people who judge at once one is told
to look again. Shown by tests/integration/case/test_access_copies.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from services.case.access.beginning import CASE, ask, check_may_collect
from services.case.access.documents import CopyStore
from services.case.access.errors import LeftOutMisstatedError, NotSafeToSendError
from services.case.access.pieces import LeftOut
from services.case.access.rules import Copy
from services.case.rights.decisions import check_told
from services.case.rights.documents import RightsStore
from services.case.survivors.sealing import Sealer
from shared.codelists.lists import get
from shared.codelists.periods import london_day
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork

_NOT_SAFE = (
    "Do not give it now. Agree another way, or another time and place; if somebody may be making them ask, speak with "
    "your safeguarding lead first. A note of progress can say why it has to wait."
)


@dataclass(frozen=True, kw_only=True)
class OnCopy(DomainCommand):
    """Base of what changes one copy, whose id is its request's, at the version that the caller read."""

    rights_case_id: str
    survivor_id: str
    version: int
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The request."""
        return self.rights_case_id


@dataclass(frozen=True, kw_only=True)
class CollectPart(OnCopy):
    """One part is collected again."""

    action: ClassVar[str] = "case:access:collect-part"
    party: str


@dataclass(frozen=True, kw_only=True)
class LookThrough(OnCopy):
    """Somebody read a part, whole: what else is in it may be given."""

    action: ClassVar[str] = "case:access:look-through"
    party: str


@dataclass(frozen=True, kw_only=True)
class LeaveOut(OnCopy):
    """Things of a part would tell about somebody else, are privileged, or may be held back by law.

    Attributes:
        left_out_id: Made by the caller, so that a repeat is the same command.
        numbers: Of the things; none where ``whole`` is said.
        whole: The whole part is left out.
    """

    action: ClassVar[str] = "case:access:leave-out"
    left_out_id: str
    party: str
    numbers: tuple[int, ...]
    whole: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class AgreeLeftOut(OnCopy):
    """A second reader agrees; from now on it is left out."""

    action: ClassVar[str] = "case:access:agree-left-out"
    left_out_id: str


@dataclass(frozen=True, kw_only=True)
class ShowAgain(OnCopy):
    """It is shown after all."""

    action: ClassVar[str] = "case:access:show-again"
    left_out_id: str


@dataclass(frozen=True, kw_only=True)
class FindSafe(OnCopy):
    """Somebody asked again by which way, and whether, it is safe for them to have it.

    Attributes:
        way_confirmed: The way to reach them was asked again, and it is the one that stands here.
        not_forced: They want it themselves; nobody makes them ask.
        safe_to_keep: They have a place where nobody else finds it, or want to read it here.
    """

    action: ClassVar[str] = "case:access:find-safe"
    way_confirmed: bool
    not_forced: bool
    safe_to_keep: bool


@dataclass(frozen=True, kw_only=True)
class GiveCopy(OnCopy):
    """They have it."""

    action: ClassVar[str] = "case:access:give"
    how: str


def collect_part(command: CollectPart, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Ask one service again; what was judged of its part counts no more.

    Raises:
        DocumentMissingError, StaleVersionError, NotAnAccessCaseError, NoSuchCopyPartError: Nothing changes.
        CollectionEndedError, CopyGivenError: Nothing changes.
    """
    store = CopyStore(work, sealer)
    check_may_collect(RightsStore(work, sealer).get(command.rights_case_id))
    before = store.at_version(command.rights_case_id, command.version)
    copy = before.collected_anew(command.party, new_id(), work.now)
    store.drop_part(before.question(command.party).id)
    version = store.save(copy)
    if command.party != CASE:
        ask(work, copy, [copy.question(command.party)])
    return Answer(status=202, ids={"id": copy.id, "version": version})


def look_through(command: LookThrough, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Note that a part was read.

    Raises:
        DocumentMissingError, StaleVersionError, NoSuchCopyPartError, PartNotThereError: Nothing changes.
        CollectionEndedError, CopyGivenError: Nothing changes.
    """
    return _change(command, work, sealer, lambda one: one.looked_through(command.party, command.actor_id, work.now))


def leave_out(command: LeaveOut, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Ask that things be left out; nothing may be given before a second reader agreed.

    Raises:
        DocumentMissingError, StaleVersionError, UnknownCodeError, LeftOutMisstatedError: Nothing changes.
        NoSuchCopyPartError, PartNotThereError, TooMuchLeftOutError: Nothing changes.
        CollectionEndedError, CopyGivenError: Nothing changes.
    """
    get("access_left_out").require(command.reason)
    if command.whole == bool(command.numbers):
        raise LeftOutMisstatedError
    asked = LeftOut(
        id=command.left_out_id,
        party=command.party,
        numbers=tuple(sorted(set(command.numbers))),
        reason=command.reason,
        asked_by=command.actor_id,
        asked_at=work.now,
    )
    return _change(command, work, sealer, lambda one: one.leaving_out(asked), status=201)


def agree_left_out(command: AgreeLeftOut, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Leave it out from now on.

    Raises:
        DocumentMissingError, StaleVersionError, NoSuchCopyPartError, AgreedAlreadyError: Nothing changes.
        SecondReaderNeededError, CollectionEndedError, CopyGivenError: Nothing changes.
    """
    return _change(command, work, sealer, lambda one: one.agreed(command.left_out_id, command.actor_id, work.now))


def show_again(command: ShowAgain, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Show it after all.

    Raises:
        DocumentMissingError, StaleVersionError, NoSuchCopyPartError: Nothing changes.
        CollectionEndedError, CopyGivenError: Nothing changes.
    """
    return _change(command, work, sealer, lambda one: one.shown_again(command.left_out_id, work.now))


def find_safe(command: FindSafe, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Note that it is safe today; a no to any question keeps nothing, so that nobody counts it for a yes.

    Raises:
        DocumentMissingError, StaleVersionError, NotSafeToSendError, CopyNotReadyError: Nothing changes.
        CollectionEndedError, CopyGivenError: Nothing changes.
    """
    if not (command.way_confirmed and command.not_forced and command.safe_to_keep):
        raise NotSafeToSendError(_NOT_SAFE)
    today = london_day(work.now)
    return _change(command, work, sealer, lambda one: one.found_safe(command.actor_id, today, work.now))


def give_copy(command: GiveCopy, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Note that they have it; it stands in their request too.

    Raises:
        DocumentMissingError, StaleVersionError, UnknownCodeError, NotToldError, CopyNotReadyError: Nothing changes.
        NotSafeToSendError, CollectionEndedError, CopyGivenError: Nothing changes.
    """
    get("rights_told").require(command.how)
    check_told(command.how)
    today = london_day(work.now)
    answer = _change(command, work, sealer, lambda one: one.handed_over(command.how, command.actor_id, today, work.now))
    rights = RightsStore(work, sealer)
    case = rights.get(command.rights_case_id)
    rights.note(case, "COPY_GIVEN", reason=command.how, words=None, by=(command.actor_id, command.role))
    return answer


def _change(
    command: OnCopy, work: UnitOfWork, sealer: Sealer, change: Callable[[Copy], Copy], *, status: int = 200
) -> Answer:
    store = CopyStore(work, sealer)
    version = store.save(change(store.at_version(command.rights_case_id, command.version)))
    return Answer(status=status, ids={"id": command.rights_case_id, "version": version})
