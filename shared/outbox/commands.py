"""What may be asked of a service, and what it answers; the committer carries it out (``shared.outbox.committer``)."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from shared.kernel.errors import InvalidInputError, RuleViolationError
from shared.outbox.unit_of_work import UnitOfWork
from shared.telemetry.traces import current_traceparent


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a command answers: status and ids only, so that a stored answer holds nothing personal.

    Attributes:
        status: HTTP status, such as 201.
        ids: Names and ids or codes or versions, such as ``{"id": ..., "version": 1}``.
        replayed: True where an earlier command with the same key gave it.
    """

    status: int
    ids: dict[str, Any] = field(default_factory=dict)
    replayed: bool = False


@dataclass(frozen=True, kw_only=True)
class IdempotencyKey:
    """A caller's key for one command, with an HMAC of the body under a tenant key.

    Attributes:
        key: Its HMAC under a tenant key, where a caller chose it.
        formerly: The key as it was stored before HMACs were; rows of that kind end within a day.
    """

    actor_id: str
    key: str
    fingerprint: str
    formerly: str | None = None


class DomainCommand(ABC):
    """Base of what may be asked of a service: a frozen dataclass that says what it does, and to what.

    Attributes:
        action: ``service:subject:verb``, under which audit keeps it.
    """

    action: ClassVar[str]

    @property
    @abstractmethod
    def object_id(self) -> str:
        """Id of what it is done to, for audit."""

    @property
    def aggregates(self) -> frozenset[str]:
        """Ids that no other command of the same transaction may touch; by default what it is done to."""
        return frozenset({self.object_id})


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command to commit.

    Attributes:
        run: Reads and writes through the unit of work and gives the answer.
        aggregates: Ids that no other command of the same group may touch.
        traceparent: The span that the command belongs to; by default the one that runs where it is made.
        only_notes: Whether it only notes that something was read or refused; that is done also by a machine whose
            clock is wrong, with the server's time.
    """

    run: Callable[[UnitOfWork], Answer]
    aggregates: frozenset[str] = frozenset()
    idempotency: IdempotencyKey | None = None
    traceparent: str | None = field(default_factory=current_traceparent)
    only_notes: bool = False


class KeyInFlightError(RuleViolationError):
    """Another request with the same Idempotency-Key is being carried out; HTTP 409."""

    code = "idempotency-key-in-flight"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "A request with this Idempotency-Key is still being carried out. Wait a moment, then repeat it."
        )


class KeyReusedError(InvalidInputError):
    """The key was used before with another body; HTTP 422."""

    code = "idempotency-key-reused"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This Idempotency-Key was used with another body. Use a new key for a new request.")
