"""What may be asked about papers: to leave entries out for a time, to agree, to show them again, and to state names.

Shown by tests/integration/audit/test_papers.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from services.audit.log.documents import ENTRIES, ERASED
from services.audit.papers.documents import POLICIES, POLICY, THE_POLICY, WithholdingStore
from services.audit.papers.errors import WithholdingMisstatedError
from services.audit.papers.withholding import Withholding, check_end, check_not_their_own
from services.audit.whose.documents import PEOPLE, THINGS
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork

_MIXED = "These entries are not all of one person's record. Ask for each person on their own."


@dataclass(frozen=True, kw_only=True)
class AskWithholding(DomainCommand):
    """Showing these entries to a person would reveal another person, or an investigation."""

    action: ClassVar[str] = "audit:withholding:ask"
    withholding_id: str
    entry_ids: tuple[str, ...]
    reason: str
    until: datetime
    actor_id: str

    @property
    def object_id(self) -> str:
        """The withholding; the person's own paper must not tell that there is one."""
        return self.withholding_id


@dataclass(frozen=True, kw_only=True)
class _OnWithholding(DomainCommand):
    """Base of what is done about one at the version that the caller read."""

    withholding_id: str
    version: int
    actor_id: str

    @property
    def object_id(self) -> str:
        """The withholding."""
        return self.withholding_id


@dataclass(frozen=True, kw_only=True)
class AgreeWithholding(_OnWithholding):
    """A second person agrees; from now on the entries are left out."""

    action: ClassVar[str] = "audit:withholding:agree"


@dataclass(frozen=True, kw_only=True)
class EndWithholding(_OnWithholding):
    """The entries are shown again before the end, or were never left out."""

    action: ClassVar[str] = "audit:withholding:end"


@dataclass(frozen=True, kw_only=True)
class StateNames(DomainCommand):
    """The host states whether a paper may name its staff."""

    action: ClassVar[str] = "audit:paper_policy:state"
    names_shown: bool
    actor_id: str

    @property
    def object_id(self) -> str:
        """The one policy."""
        return THE_POLICY


def ask_withholding(command: AskWithholding, work: UnitOfWork) -> Answer:
    """Keep that somebody asks; nothing is left out before a second person agrees.

    Raises:
        DocumentMissingError: There is no such entry, or it is about nobody's record.
        WithholdingMisstatedError, SecondReaderError: Nothing is kept.
    """
    check_end(command.until, work.now)
    entries = _entries(work, command.entry_ids)
    survivors = {_survivor_of(work, entry["object_id"]) for entry in entries}
    if len(survivors) > 1:
        raise WithholdingMisstatedError("#/entry_ids", _MIXED)
    check_not_their_own(command.actor_id, _did(entries))
    withholding = Withholding(
        id=command.withholding_id,
        survivor_id=survivors.pop(),
        entry_ids=command.entry_ids,
        reason=command.reason,
        until=command.until,
        asked_by=command.actor_id,
        asked_at=work.now,
        updated_at=work.now,
    )
    WithholdingStore(work).add(withholding)
    return Answer(status=201, ids={"id": withholding.id, "version": 1})


def agree_withholding(command: AgreeWithholding, work: UnitOfWork) -> Answer:
    """Leave the entries out from now on.

    Raises:
        DocumentMissingError, StaleVersionError, WithholdingStateError, SecondReaderError: Nothing changes.
    """
    store = WithholdingStore(work)
    asked = store.at_version(command.withholding_id, command.version)
    did = _did(_entries(work, asked.entry_ids))
    version = store.save(asked.agreed(command.actor_id, work.now, did=did))
    return Answer(status=200, ids={"id": asked.id, "version": version})


def end_withholding(command: EndWithholding, work: UnitOfWork) -> Answer:
    """Show the entries again.

    Raises:
        DocumentMissingError, StaleVersionError, WithholdingStateError: Nothing changes.
    """
    store = WithholdingStore(work)
    ended = store.at_version(command.withholding_id, command.version).ended(command.actor_id, work.now)
    return Answer(status=200, ids={"id": ended.id, "version": store.save(ended)})


def state_names(command: StateNames, work: UnitOfWork) -> Answer:
    """Keep whether papers may name staff."""
    known = work.find(POLICIES, THE_POLICY) or {"_id": THE_POLICY}
    said = POLICY.changed(known, names_shown=command.names_shown, stated_by=command.actor_id, stated_at=work.now)
    work.save(POLICIES, said)
    return Answer(status=200, ids={"id": THE_POLICY, "version": int(known.get("version", 0)) + 1})


def _entries(work: UnitOfWork, entry_ids: Sequence[str]) -> list[dict[str, Any]]:
    work.preload(ENTRIES, entry_ids)
    return [work.get(ENTRIES, one) for one in entry_ids]


def _did(entries: Sequence[dict[str, Any]]) -> set[str]:
    return {str(one["actor_id"]) for one in entries}


def _survivor_of(work: UnitOfWork, object_id: str) -> str:
    thing = work.find(THINGS, object_id)
    survivor_id = object_id if thing is None else str(thing["survivor_id"])
    # Read also so that an erasure that is being cleared is seen.
    if work.find(PEOPLE, survivor_id) is None or work.find(ERASED, survivor_id) is not None:
        raise DocumentMissingError(ENTRIES)
    return survivor_id
