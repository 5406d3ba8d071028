"""What may be asked of endpoints: add one, remove it, disable, enable, rotate its key, test it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from services.integrations.rolls import Roll
from services.integrations.webhooks.documents import (
    COUNT,
    DELIVERIES,
    DELIVERY,
    ENDPOINT,
    WEBHOOKS,
    change_endpoint,
)
from services.integrations.webhooks.rules import BY_PERSON, DISABLED, Delivery, Endpoint
from shared.kernel.errors import RuleViolationError
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork

MOST_ENDPOINTS = 20
MOST_TESTS_WAITING = 5
KEPT = timedelta(days=90)
TEST = "alongside.integrations.webhook_test.v1"
"""Type of what a test sends."""


class TooManyWebhooksError(RuleViolationError):
    """A host has so many webhooks at most."""

    code = "too-many-webhooks"

    def __init__(self) -> None:
        """Say the bound."""
        super().__init__(f"A host has {MOST_ENDPOINTS} webhooks at most. Remove one that is no longer used.")


_ROLL = Roll(kind=COUNT, most=MOST_ENDPOINTS, refuses=TooManyWebhooksError)


class WebhookDisabledError(RuleViolationError):
    """A disabled webhook sends nothing."""

    code = "webhook-disabled"

    def __init__(self) -> None:
        """Say what to do first."""
        super().__init__("This webhook is disabled and sends nothing. Enable it first.")


class TriesWaitError(RuleViolationError):
    """Enough tests of this webhook wait already."""

    code = "webhook-tests-wait"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(f"{MOST_TESTS_WAITING} tests of this webhook wait already. See what became of them first.")


@dataclass(frozen=True, kw_only=True)
class WebhookCommand(DomainCommand):
    """Something about one endpoint.

    Attributes:
        at: Real time.
    """

    endpoint_id: str
    at: datetime

    @property
    def object_id(self) -> str:
        """The endpoint's id."""
        return self.endpoint_id


@dataclass(frozen=True, kw_only=True)
class AddWebhook(WebhookCommand):
    """Events go to one more address from now on."""

    action: ClassVar[str] = "integrations:webhook:add"

    url: bytes = field(repr=False)
    host: str
    types: tuple[str, ...] | None
    kind: str
    key: bytes = field(repr=False)
    begins_at: int


def add_webhook(command: AddWebhook, work: UnitOfWork) -> Answer:
    """Add an endpoint.

    Raises:
        TooManyWebhooksError: The host has as many as it may.
    """
    _ROLL.add(work, command.endpoint_id)
    endpoint = Endpoint(
        id=command.endpoint_id,
        url=command.url,
        host=command.host,
        types=command.types,
        kind=command.kind,
        key=command.key,
        position=command.begins_at,
        enabled_at=command.at,
        updated_at=command.at,
    )
    work.insert(WEBHOOKS, ENDPOINT.document(endpoint))
    return Answer(status=201, ids={"id": command.endpoint_id, "version": 1})


@dataclass(frozen=True, kw_only=True)
class RemoveWebhook(WebhookCommand):
    """Nothing goes to an address any more, and its key is gone."""

    action: ClassVar[str] = "integrations:webhook:remove"


def remove_webhook(command: RemoveWebhook, work: UnitOfWork) -> Answer:
    """Remove an endpoint; its deliveries expire by themselves, and none is sent any more."""
    work.get(WEBHOOKS, command.endpoint_id)
    _ROLL.remove(work, command.endpoint_id)
    work.delete(WEBHOOKS, command.endpoint_id)
    return Answer(status=200, ids={"id": command.endpoint_id})


@dataclass(frozen=True, kw_only=True)
class DisableWebhook(WebhookCommand):
    """Nothing is sent any more until somebody enables it."""

    action: ClassVar[str] = "integrations:webhook:disable"


def disable_webhook(command: DisableWebhook, work: UnitOfWork) -> Answer:
    """Disable an endpoint; whoever is about to send reads this first, or has it in hand already."""
    return _answer(change_endpoint(work, command.endpoint_id, lambda one: one.disabled(BY_PERSON, command.at)))


@dataclass(frozen=True, kw_only=True)
class EnableWebhook(WebhookCommand):
    """New events are sent again; what was not sent meanwhile waits to be sent again by hand."""

    action: ClassVar[str] = "integrations:webhook:enable"


def enable_webhook(command: EnableWebhook, work: UnitOfWork) -> Answer:
    """Enable an endpoint."""
    return _answer(change_endpoint(work, command.endpoint_id, lambda one: one.enabled(command.at)))


@dataclass(frozen=True, kw_only=True)
class RotateWebhookKey(WebhookCommand):
    """Another key signs; the present one signs too for the overlap."""

    action: ClassVar[str] = "integrations:webhook:rotate"

    key: bytes = field(repr=False)
    overlap: timedelta


def rotate_webhook_key(command: RotateWebhookKey, work: UnitOfWork) -> Answer:
    """Replace an endpoint's key."""
    return _answer(
        change_endpoint(
            work, command.endpoint_id, lambda one: one.rotated(command.key, at=command.at, overlap=command.overlap)
        )
    )


@dataclass(frozen=True, kw_only=True)
class TryWebhook(WebhookCommand):
    """Somebody wants to see whether it arrives."""

    action: ClassVar[str] = "integrations:webhook:test"

    delivery_id: str
    webhook_id: str


def try_webhook(command: TryWebhook, work: UnitOfWork) -> Answer:
    """Queue a test, which is tried once.

    Raises:
        WebhookDisabledError: It sends nothing.
        TriesWaitError: Enough wait.
    """
    # Written as well, so that tests at once are counted one after the other.
    endpoint = change_endpoint(work, command.endpoint_id, lambda one: one)
    if endpoint.status == DISABLED:
        raise WebhookDisabledError
    where = {"endpoint_id": endpoint.id, "state": "WAITING", "position": None}
    if len(work.find_where(DELIVERIES, where, limit=MOST_TESTS_WAITING)) == MOST_TESTS_WAITING:
        raise TriesWaitError
    work.insert(DELIVERIES, DELIVERY.document(_test_of(command)))
    return Answer(status=202, ids={"id": command.endpoint_id, "delivery_id": command.delivery_id})


def _test_of(command: TryWebhook) -> Delivery:
    return Delivery(
        id=command.delivery_id,
        endpoint_id=command.endpoint_id,
        position=None,
        type=TEST,
        webhook_id=command.webhook_id,
        queued_at=command.at,
        next_at=command.at,
        updated_at=command.at,
        expires_at=command.at + KEPT,
    )


def _answer(endpoint: Endpoint) -> Answer:
    return Answer(status=200, ids={"id": endpoint.id, "version": endpoint.version + 1})
