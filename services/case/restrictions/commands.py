"""A restriction begins and is lifted by the data protection officer; for the sake of a life it is opened by others.

Promise: it begins in one transaction with the outcome of the request from which it follows. Lifting brings nothing
back by itself: what was withheld is looked at again by whoever withheld it. Shown by
tests/integration/case/test_restrictions.py and tests/integration/case/test_restriction_races.py.
"""

from dataclasses import dataclass
from typing import ClassVar

from services.case.imports.documents import ImportTurn
from services.case.restrictions.documents import (
    OPENING,
    RESTRICTION,
    at_version,
    holding,
    openings,
    restrictions,
    save,
)
from services.case.restrictions.errors import NotRestrictedError, RestrictedAlreadyError
from services.case.restrictions.rules import OPEN_FOR, Lifting, Opening, Restriction, check_may_follow
from services.case.rights.decisions import MET, Decision
from services.case.rights.documents import RightsStore
from services.case.rights.rules import RESTRICTION as ASKED_FOR
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.on_survivor import OnSurvivor
from services.case.survivors.sealing import Sealer
from shared.codelists.lists import get
from shared.codelists.periods import london_day
from shared.contracts.restriction import ProcessingRestricted, RestrictionLifted
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Restrict(DomainCommand):
    """The officer grants a restriction; it holds from the commit on.

    Attributes:
        version: Of the rights case, as it was read.
        ground: A code of ``restriction_ground``.
        told: How the person was told; a code of ``rights_told``.
        answer: What they were told, in words; sealed.
    """

    action: ClassVar[str] = "case:restriction:begin"
    restriction_id: str
    rights_case_id: str
    survivor_id: str
    version: int
    ground: str
    told: str
    answer: str | None = None
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The restriction."""
        return self.restriction_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The request from which it follows, and the survivor whose turn it takes."""
        return frozenset({self.rights_case_id, self.survivor_id})


@dataclass(frozen=True, kw_only=True)
class LiftRestriction(DomainCommand):
    """The officer lifts a restriction, after the person was told."""

    action: ClassVar[str] = "case:restriction:lift"
    restriction_id: str
    survivor_id: str
    version: int
    lifting: Lifting
    actor_id: str

    @property
    def object_id(self) -> str:
        """The restriction."""
        return self.restriction_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The restriction, and the survivor whose turn it takes."""
        return frozenset({self.restriction_id, self.survivor_id})


@dataclass(frozen=True, kw_only=True)
class OpenForLife(OnSurvivor):
    """Somebody's life or safety depends on what is frozen.

    Attributes:
        why: A code of ``vital_interest``.
    """

    action: ClassVar[str] = "case:restriction:open"
    opening_id: str
    why: str


@dataclass(frozen=True, kw_only=True)
class NoteSeen(DomainCommand):
    """The officer has seen what was opened."""

    action: ClassVar[str] = "case:restriction:seen"
    opening_id: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """What was opened."""
        return self.opening_id


def restrict(command: Restrict, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Freeze somebody's record, and end the request where it asked for that.

    Raises:
        DocumentMissingError, StaleVersionError, KeyDestroyedError: Nothing changes.
        NotOfThisCaseError, RestrictedAlreadyError: Nothing changes.
    """
    get("restriction_ground").require(command.ground)
    survivors, rights = SurvivorStore(work), RightsStore(work, sealer)
    # No rows of a file are carried out beside it: whichever came first is over when the other begins.
    turn = ImportTurn(work)
    turn.take(turn.at())
    rights.check_not_erasing(command.survivor_id)
    case = rights.at_version(command.rights_case_id, command.version)
    check_may_follow(case)
    if survivors.is_restricted(command.survivor_id):
        raise RestrictedAlreadyError
    restriction = Restriction(
        id=command.restriction_id,
        survivor_id=command.survivor_id,
        rights_case_id=case.id,
        ground=command.ground,
        begun_by=command.actor_id,
        begun_at=work.now,
        told=command.told,
        updated_at=work.now,
    )
    restrictions(work).add(restriction)
    if case.kind == ASKED_FOR:
        said = Decision(outcome=MET, told=command.told, answer=command.answer)
        case = case.decided(said, by=command.actor_id, at=work.now, done=True)
    version = rights.save(case)
    rights.note(case, "RESTRICTED", reason=command.told, words=None, by=(command.actor_id, command.role))
    sequence = survivors.restrict(command.survivor_id, restriction.id)
    work.record(ProcessingRestricted(survivor_id=command.survivor_id), sequence=sequence)
    return Answer(status=201, ids={"id": restriction.id, "version": 1, "rights_case_version": version})


def lift_restriction(command: LiftRestriction, work: UnitOfWork) -> Answer:
    """Lift a restriction.

    Raises:
        DocumentMissingError, StaleVersionError, RestrictionLiftedError, LiftIncompleteError: Nothing changes.
    """
    get("restriction_lifted").require(command.lifting.why)
    known = at_version(work, command.restriction_id, command.version)
    lifted = known.lifted(command.lifting, by=command.actor_id, now=work.now, today=london_day(work.now))
    version = save(work, RESTRICTION, lifted)
    sequence = SurvivorStore(work).restrict(known.survivor_id, None)
    work.record(RestrictionLifted(survivor_id=known.survivor_id), sequence=sequence)
    return Answer(status=200, ids={"id": known.id, "version": version})


def open_for_life(command: OpenForLife, work: UnitOfWork) -> Answer:
    """Open what keeps somebody safe, for an hour; the officer is told by it.

    Raises:
        UnknownCodeError, DocumentMissingError, NotRestrictedError: Nothing is opened.
    """
    get("vital_interest").require(command.why)
    SurvivorStore(work).take_turn(command.survivor_id)
    holds = holding(work, command.survivor_id)
    if holds is None:
        raise NotRestrictedError
    opening = Opening(
        id=command.opening_id,
        survivor_id=command.survivor_id,
        restriction_id=holds.id,
        why=command.why,
        actor_id=command.actor_id,
        role=command.role,
        opened_at=work.now,
        until=work.now + OPEN_FOR,
        updated_at=work.now,
    )
    openings(work).add(opening)
    return Answer(status=201, ids={"id": opening.id, "version": 1, "until": opening.until.isoformat()})


def note_seen(command: NoteSeen, work: UnitOfWork) -> Answer:
    """Note that the officer has seen it; saying it twice is once.

    Raises:
        DocumentMissingError: There is none.
    """
    known = openings(work).get(command.opening_id)
    seen = known.seen(command.actor_id, work.now)
    version = known.version if seen is known else save(work, OPENING, seen)
    return Answer(status=200, ids={"id": known.id, "version": version})
