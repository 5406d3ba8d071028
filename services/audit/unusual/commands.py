"""What may be asked of a finding: to close it, by somebody other than the person concerned.

Shown by tests/integration/audit/test_unusual.py.
"""

from dataclasses import dataclass
from typing import ClassVar

from services.audit.unusual.documents import FindingStore
from services.audit.unusual.finding import Closing
from services.audit.unusual.sealing import ClosingWords
from shared.kernel.errors import NotTheirsError
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork

A_FINDING = "finding"
"""Stands in the log where an id would: whoever reads the log and meets an id that they may not open would know that it
is about them."""


@dataclass(frozen=True, kw_only=True)
class CloseFinding(DomainCommand):
    """Somebody looked into it and says what it was."""

    action: ClassVar[str] = "audit:unusual:close"
    finding_id: str
    version: int
    reason: str
    words: str
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """A finding; which one is nobody's to learn from the log."""
        return A_FINDING

    @property
    def aggregates(self) -> frozenset[str]:
        """The finding."""
        return frozenset({self.finding_id})


def check_may_judge(work: UnitOfWork, finding_id: str, who: str, role: str) -> None:
    """Let in who may judge a finding, as it stands in this transaction.

    Raises:
        DocumentMissingError: There is none.
        NotTheirsError: It concerns them, or they are no officer.
    """
    if not FindingStore(work).get(finding_id).may_be_judged_by(who, role):
        raise NotTheirsError


def close_finding(command: CloseFinding, work: UnitOfWork, *, words: ClosingWords) -> Answer:
    """Close a finding; the same seen once more opens it again.

    Raises:
        DocumentMissingError, NotTheirsError, StaleVersionError, FindingClosedError: Nothing changes.
    """
    check_may_judge(work, command.finding_id, command.actor_id, command.role)
    store = FindingStore(work)
    known = store.at_version(command.finding_id, command.version)
    closing = Closing(
        by=command.actor_id,
        at=work.now,
        reason=command.reason,
        words=words.seal(known.id, command.words),
    )
    return Answer(status=200, ids={"id": known.id, "version": store.save(known.closed(closing))})
