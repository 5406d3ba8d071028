"""What may be asked of queues: a new one, and that nothing goes into one any more."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.integrations.queues.documents import COUNT, QUEUE, QUEUES, EventQueue
from services.integrations.rolls import Roll
from shared.kernel.errors import RuleViolationError
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork

MOST_QUEUES = 20


class TooManyQueuesError(RuleViolationError):
    """A host has so many queues at most."""

    code = "too-many-event-queues"

    def __init__(self) -> None:
        """Say the bound."""
        super().__init__(f"A host has {MOST_QUEUES} event queues at most. Remove one that is no longer used.")


_ROLL = Roll(kind=COUNT, most=MOST_QUEUES, refuses=TooManyQueuesError)


@dataclass(frozen=True, kw_only=True)
class QueueCommand(DomainCommand):
    """Something about one queue."""

    queue_id: str

    @property
    def object_id(self) -> str:
        """The queue's id."""
        return self.queue_id


@dataclass(frozen=True, kw_only=True)
class RequestQueue(QueueCommand):
    """A system of the host's wants events by AMQP; whoever runs the broker makes the queue."""

    action: ClassVar[str] = "integrations:queue:request"

    types: tuple[str, ...] | None
    begins_at: int
    at: datetime


def request_queue(command: RequestQueue, work: UnitOfWork) -> Answer:
    """Note that a queue is wanted.

    Raises:
        TooManyQueuesError: The host has as many as it may.
    """
    _ROLL.add(work, command.queue_id)
    queue = EventQueue(id=command.queue_id, types=command.types, position=command.begins_at, updated_at=command.at)
    work.insert(QUEUES, QUEUE.document(queue))
    return Answer(status=201, ids={"id": command.queue_id, "version": 1})


@dataclass(frozen=True, kw_only=True)
class RemoveQueue(QueueCommand):
    """Nothing goes into a queue any more."""

    action: ClassVar[str] = "integrations:queue:remove"


def remove_queue(command: RemoveQueue, work: UnitOfWork) -> Answer:
    """Forget a queue; the broker's own goes with ``alongside queues remove``."""
    work.get(QUEUES, command.queue_id)
    _ROLL.remove(work, command.queue_id)
    work.delete(QUEUES, command.queue_id)
    return Answer(status=200, ids={"id": command.queue_id})
