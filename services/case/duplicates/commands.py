"""What may be asked of possible duplicates."""

from dataclasses import dataclass
from typing import ClassVar

from services.case.duplicates.documents import DuplicateStore
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class AnswerDuplicate(DomainCommand):
    """A supervisor looked at both records."""

    action: ClassVar[str] = "case:duplicate:answer"
    duplicate_id: str
    answer: str

    @property
    def object_id(self) -> str:
        """The question's id."""
        return self.duplicate_id


def answer_duplicate(command: AnswerDuplicate, work: UnitOfWork) -> Answer:
    """Keep whether two records are one person; neither record changes.

    Raises:
        DocumentMissingError: There is no such question.
    """
    version = DuplicateStore(work).close(command.duplicate_id, command.answer)
    return Answer(status=200, ids={"id": command.duplicate_id, "version": version})
