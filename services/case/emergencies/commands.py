"""What may be asked of emergency access; what opens and what forbids both take the survivor's turn.

Promise: nobody who is named opens, whichever of the two came first; whoever opens is counted in the same transaction;
nobody reviews what they opened. Shown by tests/integration/case/test_emergencies.py and
tests/integration/case/test_emergency_races.py. Source: ADR 0073.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from services.case.emergencies.documents import (
    EMERGENCIES,
    MOST_NAMED,
    NEVER,
    NEVERS,
    EmergencyStore,
    is_named,
    keep_tries,
    nevers,
    tries_of,
)
from services.case.emergencies.errors import (
    ActsAlreadyError,
    NamedAlreadyError,
    NeverNamedError,
    TooManyNamedError,
    WordsNotKeptError,
)
from services.case.emergencies.rules import HOLDS, OPEN_FOR, Emergency, Never, review_by, standing_for
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.on_survivor import OnSurvivor
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from shared.codelists.lists import get
from shared.codelists.periods import london_day
from shared.kernel.errors import NotTheirsError
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import DocumentMissingError, StaleVersionError, UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OpenInEmergency(OnSurvivor):
    """Somebody is in danger, and whoever asks does not act on the person.

    Attributes:
        why: A code of ``vital_interest``.
        words: What happened; sealed.
        nation: The host's own, whose working days count.
    """

    action: ClassVar[str] = "case:emergency:open"
    emergency_id: str
    why: str
    words: str
    nation: str

    @property
    def aggregates(self) -> frozenset[str]:
        """The survivor, and how often whoever asks did so today."""
        return frozenset({self.survivor_id, f"emergency-tries:{self.actor_id}"})


@dataclass(frozen=True, kw_only=True)
class ReviewEmergency(OnSurvivor):
    """Somebody else looked at it afterwards.

    Attributes:
        version: As it was read.
        outcome: A code of ``emergency_outcome``.
        words: What they say to it; sealed.
    """

    action: ClassVar[str] = "case:emergency:review"
    emergency_id: str
    version: int
    outcome: str
    words: str | None = None

    @property
    def aggregates(self) -> frozenset[str]:
        """What was opened."""
        return frozenset({self.emergency_id})


@dataclass(frozen=True, kw_only=True)
class NameNever(OnSurvivor):
    """Somebody of staff never opens this person's record in an emergency.

    Attributes:
        ground: A code of ``emergency_never``.
    """

    action: ClassVar[str] = "case:emergency:name-never"
    never_id: str
    staff_id: str
    ground: str


@dataclass(frozen=True, kw_only=True)
class EndNever(OnSurvivor):
    """That no by name holds no longer."""

    action: ClassVar[str] = "case:emergency:end-never"
    never_id: str
    version: int


def open_in_emergency(command: OpenInEmergency, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Open what keeps somebody safe, for an hour; the reviewers and the person's advocates see it at once.

    Raises:
        NotTheirsError: There is nobody, they were erased, or whoever asks is named: one answer for all of these.
        EmergencyTooOftenError, ActsAlreadyError: Nothing is opened.
    """
    standing_for(command.why)
    survivors, tries = SurvivorStore(work), tries_of(work, command.actor_id)
    tries.check(tries.day)
    if not survivors.is_known(command.survivor_id) or command.survivor_id not in sealer.keys:
        raise NotTheirsError
    survivors.take_turn(command.survivor_id)
    if is_named(work, command.survivor_id, command.actor_id):
        raise NotTheirsError
    if command.role == ADVOCATE and survivors.may_act(command.survivor_id, command.actor_id):
        raise ActsAlreadyError
    keep_tries(work, replace(tries, opened=tries.opened + 1))
    one = Emergency(
        id=command.emergency_id,
        survivor_id=command.survivor_id,
        why=command.why,
        words=command.words,
        actor_id=command.actor_id,
        role=command.role,
        opened_at=work.now,
        until=work.now + OPEN_FOR,
        review_by=review_by(london_day(work.now), command.nation),
        updated_at=work.now,
    )
    EmergencyStore(work).add(one, sealer)
    return Answer(status=201, ids={"id": one.id, "version": 1, "until": one.until.isoformat()})


def review_emergency(command: ReviewEmergency, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Note what somebody else found.

    Raises:
        DocumentMissingError: There is none, or whoever reviews is named of that person.
        StaleVersionError, UnknownCodeError: Nothing changes.
        EmergencyReviewedError, OwnEmergencyError, WordsNotKeptError: Nothing changes.
    """
    get("emergency_outcome").require(command.outcome)
    store = EmergencyStore(work)
    if is_named(work, command.survivor_id, command.actor_id):
        raise DocumentMissingError(EMERGENCIES)
    known = store.at_version(command.emergency_id, command.version)
    after = known.reviewed(command.outcome, by=command.actor_id, role=command.role, at=work.now)
    if command.words is not None and known.survivor_id not in sealer.keys:
        raise WordsNotKeptError
    said = {} if command.words is None else sealer.seal(known.survivor_id, {"said": command.words})
    return Answer(status=200, ids={"id": known.id, "version": store.save(after, said)})


def name_never(command: NameNever, work: UnitOfWork) -> Answer:
    """Name somebody; what they opened before closes at once.

    Raises:
        DocumentMissingError, UnknownCodeError: Nothing changes.
        NeverNamedError, NamedAlreadyError, TooManyNamedError: Nothing changes.
    """
    get("emergency_never").require(command.ground)
    survivors = SurvivorStore(work)
    survivors.take_turn(command.survivor_id)
    if survivors.may_act(command.survivor_id, command.staff_id):
        raise NeverNamedError
    named = work.find_where(NEVERS, {"survivor_id": command.survivor_id, "state": HOLDS}, limit=MOST_NAMED)
    if any(one["staff_id"] == command.staff_id for one in named):
        raise NamedAlreadyError
    if len(named) >= MOST_NAMED:
        raise TooManyNamedError(MOST_NAMED)
    one = Never(
        id=command.never_id,
        survivor_id=command.survivor_id,
        staff_id=command.staff_id,
        ground=command.ground,
        named_by=command.actor_id,
        named_role=command.role,
        named_at=work.now,
        updated_at=work.now,
    )
    nevers(work).add(one)
    return Answer(status=201, ids={"id": one.id, "version": 1})


def end_never(command: EndNever, work: UnitOfWork) -> Answer:
    """Let somebody open it again.

    Raises:
        DocumentMissingError, StaleVersionError, NotNamedError: Nothing changes.
        NotTheirsError: Whoever asks is named themselves.
    """
    known = nevers(work).get(command.never_id)
    if known.version != command.version:
        raise StaleVersionError(NEVERS)
    if known.staff_id == command.actor_id:
        raise NotTheirsError
    SurvivorStore(work).take_turn(known.survivor_id)
    ended = replace(known.ended(by=command.actor_id, at=work.now), updated_at=work.now)
    work.replace(NEVERS, {**work.get(NEVERS, known.id), **NEVER.document(ended)})
    return Answer(status=200, ids={"id": known.id, "version": known.version + 1})
