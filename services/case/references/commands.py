"""One record of a host's own system is made or corrected, by the rules and in the turn of the imports."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from services.case.imports.documents import ImportTurn, RowStore
from services.case.imports.finding import Finder
from services.case.imports.rules.settling import ERASED, Outcome, Row
from services.case.imports.rules.verdicts import ACCEPTED
from services.case.imports.settle import Settlement
from services.case.references.index import SystemStore
from services.case.references.rules import outcome_of, status_of
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork

KeysOf = Callable[[Collection[str]], Mapping[str, bytes]]


@dataclass(frozen=True, kw_only=True)
class PutRecord(DomainCommand):
    """A host's own system tells of one of its records.

    Attributes:
        row: The record as it was judged, with the keys under which it is known again.
        finder: Finds people of that system.
        source: The system whose reference it has.
        correcting: Whether a known record with another referral, or of another person, is a correction.
        actor_id: Who told.
        about: Ids of whom it is about, as far as they were known when it came.
    """

    action: ClassVar[str] = "case:reference:put"
    row: Row
    finder: Finder
    source: str
    correcting: bool
    actor_id: str
    about: frozenset[str] = frozenset()

    @property
    def object_id(self) -> str:
        """What stands for the reference; the reference itself is kept nowhere in the clear."""
        return self.row.key[:32]

    @property
    def aggregates(self) -> frozenset[str]:
        """The reference, and whom it is about."""
        return self.about | {self.row.key}


def put_record(command: PutRecord, work: UnitOfWork, *, find_keys: KeysOf, make_keys: KeysOf) -> Answer:
    """Make somebody, or correct what is known of them; a no, and a possible child, take effect whatever becomes of it.

    It takes the turn that every chunk of an import and every undo takes: of two that make somebody under one reference
    at the same moment, one comes after the other.
    """
    turn = ImportTurn(work)
    turn.take(turn.at())
    finder, system = command.finder, SystemStore(work, command.source)
    found = finder.known([command.row], work)
    stored = RowStore(work).find(command.row.key)
    # What a file told first stays that file's, so that its next one still knows who is absent from it.
    import_id, number = system.id, system.next_number
    if stored is not None and stored.import_id:
        import_id, number = stored.import_id, stored.row
    row = replace(command.row, verdict=replace(command.row.verdict, row=number))
    keys = dict(find_keys(found.people))
    gone = row.key in found.survivors and found.survivors[row.key] not in keys
    if row.key not in found.survivors and row.verdict.kind == ACCEPTED:
        keys |= make_keys({row.survivor_id})
    settlement = Settlement(
        work=work,
        sealer=Sealer(tenant=str(work.tenant_id), keys=keys),
        import_id=import_id,
        actor_id=command.actor_id,
        correcting=command.correcting,
        restricted=SurvivorStore(work).restricted(),
        twin_of=lambda one: finder.twins_of(one, found, {}, work),
    )
    outcome = Outcome(kind="QUARANTINED", problems=(ERASED,)) if gone else settlement.settle(row)
    system.note(outcome, actor_id=command.actor_id)
    said = outcome_of(outcome)
    after = None if gone else RowStore(work).find(row.key)
    return Answer(
        status=status_of(said),
        ids={
            "id": after.survivor_id if after is not None else None,
            "episode_id": after.episode_id if after is not None else None,
            "outcome": said,
            "number": number,
            "consent_ended": outcome.ended,
            # Fixed sentences of ours; nothing of what was sent.
            "problems": [
                {"field": p.column, "code": p.code, "detail": p.sentence, "urgent": p.urgent} for p in outcome.problems
            ],
        },
    )
