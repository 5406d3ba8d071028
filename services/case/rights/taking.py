"""A request is taken down, in the survivor's turn; its id is made by the caller, so that a repeat is the same command.

Shown by tests/integration/case/test_rights_races.py.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from services.case.rights.clock import Clock
from services.case.rights.documents import RightsStore
from services.case.rights.rules import COMPLAINT, RightsCase, check_received_on
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.codelists.lists import get
from shared.codelists.periods import london_day
from shared.codelists.working_days import bank_holidays
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class TakeRightsCase(DomainCommand):
    """A person asked for something that is their right, by whatever channel; it is written down.

    Attributes:
        received_on: The day on which it reached the host; None for today.
        nation: The host's own.
        words: What they asked, as the taker writes it down.
    """

    action: ClassVar[str] = "case:rights:take"
    rights_case_id: str
    survivor_id: str
    kind: str
    channel: str
    received_on: date | None
    nation: str
    words: str | None
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The case."""
        return self.rights_case_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The case, and the survivor whose turn it takes."""
        return frozenset({self.rights_case_id, self.survivor_id})


def take_rights_case(command: TakeRightsCase, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Write a request down; its clock runs from the day on which it arrived.

    Raises:
        DocumentMissingError, KeyDestroyedError: There is no such survivor, or somebody confirmed that they are erased.
        UnknownCodeError, ReceivedOnError: Nothing is kept.
    """
    get("rights_request").require(command.kind)
    get("rights_channel").require(command.channel)
    SurvivorStore(work).take_turn(command.survivor_id)
    store = RightsStore(work, sealer)
    store.check_not_erasing(command.survivor_id)
    today = london_day(work.now)
    received_on = check_received_on(command.received_on or today, today)
    clock = Clock(received_on=received_on, nation=command.nation)
    case = RightsCase(
        id=command.rights_case_id,
        survivor_id=command.survivor_id,
        kind=command.kind,
        channel=command.channel,
        received_on=received_on,
        taken_by=command.actor_id,
        taken_role=command.role,
        taken_at=work.now,
        nation=command.nation,
        calendar_version=bank_holidays().version,
        due_on=clock.due_on,
        acknowledge_by=clock.acknowledge_by if command.kind == COMPLAINT else None,
        updated_at=work.now,
        words=command.words,
    )
    store.add(case)
    store.note(case, "TAKEN", reason=command.channel, words=None, by=(command.actor_id, command.role))
    return Answer(status=201, ids={"id": case.id, "version": 1, "due_on": case.due_on.isoformat()})
