"""What may be asked of consumers: keep one, acknowledge, seek."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from services.integrations.consumers.documents import CONSUMER, CONSUMERS, COUNT
from services.integrations.rolls import Roll
from services.integrations.store.documents import FLOOR, HEAD, POSITIONS
from services.integrations.store.reading import AheadOfStoreError, TooOldError
from shared.kernel.errors import RuleViolationError
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork

MOST_CONSUMERS = 50


class TooManyConsumersError(RuleViolationError):
    """A host has so many consumers at most."""

    code = "too-many-consumers"

    def __init__(self) -> None:
        """Say the bound."""
        super().__init__(f"A host has {MOST_CONSUMERS} event consumers at most. Use one that is there, or remove one.")


_ROLL = Roll(kind=COUNT, most=MOST_CONSUMERS, refuses=TooManyConsumersError)


class ConsumerCommand(DomainCommand):
    """Something about one consumer."""

    name: str

    @property
    def object_id(self) -> str:
        """The consumer's name."""
        return self.name


@dataclass(frozen=True, kw_only=True)
class KeepConsumer(ConsumerCommand):
    """A system will read under this name, or by other types from now on.

    Attributes:
        owner_id: Whose it is if it is new.
        types: Event types that it reads; None for all.
        begins_at: Position where a new one begins; a known one keeps its cursor.
    """

    action: ClassVar[str] = "integrations:consumer:keep"

    name: str
    owner_id: str
    types: tuple[str, ...] | None
    begins_at: int


def keep_consumer(command: KeepConsumer, work: UnitOfWork) -> Answer:
    """Add a consumer, or change its types."""
    known = work.find(CONSUMERS, command.name)
    if known is None:
        _ROLL.add(work, command.name)
        known = {"_id": command.name}
        values = {"owner_id": command.owner_id, "position": command.begins_at, "acknowledged_at": None}
    else:
        values = {}
    work.save(CONSUMERS, CONSUMER.changed(known, types=command.types, updated_at=work.now, **values))
    return Answer(status=200, ids={"id": command.name, "version": int(known.get("version", 0)) + 1})


@dataclass(frozen=True, kw_only=True)
class RemoveConsumer(ConsumerCommand):
    """A system reads no more under this name."""

    action: ClassVar[str] = "integrations:consumer:remove"

    name: str


def remove_consumer(command: RemoveConsumer, work: UnitOfWork) -> Answer:
    """Remove a consumer and its cursor."""
    work.get(CONSUMERS, command.name)
    _ROLL.remove(work, command.name)
    work.delete(CONSUMERS, command.name)
    return Answer(status=200, ids={"id": command.name})


@dataclass(frozen=True, kw_only=True)
class Acknowledge(ConsumerCommand):
    """Everything up to a position was taken."""

    action: ClassVar[str] = "integrations:consumer:acknowledge"

    name: str
    position: int


def acknowledge(command: Acknowledge, work: UnitOfWork) -> Answer:
    """Move the cursor forward; an older acknowledgement, such as a repeated one, moves nothing.

    Raises:
        AheadOfStoreError: No such position was given yet.
    """
    known = work.get(CONSUMERS, command.name)
    _refuse_ahead(work, command.position)
    position = max(known["position"], command.position)
    work.replace(CONSUMERS, CONSUMER.changed(known, position=position, acknowledged_at=work.now, updated_at=work.now))
    return _moved(known, position)


@dataclass(frozen=True, kw_only=True)
class Seek(ConsumerCommand):
    """Read on from another place, forward or back.

    Attributes:
        position: Read on after this one.
        at: Instead of the position: read on from what was recorded at this instant.
    """

    action: ClassVar[str] = "integrations:consumer:seek"

    name: str
    position: int
    at: datetime | None = None


def seek(command: Seek, work: UnitOfWork) -> Answer:
    """Move the cursor.

    Raises:
        AheadOfStoreError: No such position was given yet.
        TooOldError: What comes after it is no longer kept.
    """
    known = work.get(CONSUMERS, command.name)
    _refuse_ahead(work, command.position)
    floor = work.find(POSITIONS, FLOOR)
    if floor is not None and command.position + 1 < floor["position"]:
        raise TooOldError(floor["position"])
    work.replace(CONSUMERS, CONSUMER.changed(known, position=command.position, updated_at=work.now))
    return _moved(known, command.position)


def _moved(known: dict[str, Any], position: int) -> Answer:
    return Answer(status=200, ids={"id": known["_id"], "version": int(known["version"]) + 1, "position": position})


def _refuse_ahead(work: UnitOfWork, position: int) -> None:
    head = (work.find(POSITIONS, HEAD) or {"position": 0})["position"]
    if position > head:
        raise AheadOfStoreError(head)
