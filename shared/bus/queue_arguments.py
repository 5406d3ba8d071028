"""What the broker is told of a queue when it is declared; the type stands on every declare."""

from collections.abc import Mapping

from shared.bus.names import PARKING, RETRY, RETRY_RETURN, UNROUTED

DELIVERY_LIMIT = 20
"""How often a working queue delivers a message without an answer before it is parked."""
KEPT_LIMIT = 1_000_000
"""The same for queues in which messages only stand. It is never reached; but without a limit of their own RabbitMQ 4
drops what was looked at 20 times."""
INTEGRATORS_LIMIT = 1_000
"""Messages in a queue of the host's own systems; what comes after waits in the store, where it can be called back."""
_KEPT_PATTERN = rf"^({PARKING}\..+|{RETRY}\..+|to\..+|{UNROUTED})$"

LATER_ARGUMENTS = frozenset({"x-delivery-limit"})
"""Arguments that a queue of an older version may lack: none can be added to a queue that is there, and ``KEPT_POLICY``
gives the limit to it as well."""


def working(service: str) -> dict[str, object]:
    """Arguments of a queue that a service works on: what it cannot take goes to its parking queue."""
    return quorum(
        {
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": PARKING,
            "x-dead-letter-routing-key": service,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }
    )


def rung(delay_ms: int) -> dict[str, object]:
    """Arguments of a queue in which a failing message waits, and from which it comes back by itself."""
    return kept(
        {
            "x-message-ttl": delay_ms,
            "x-dead-letter-exchange": RETRY_RETURN,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }
    )


def for_integrators() -> dict[str, object]:
    """Arguments of a queue of the host's own systems: who does not read it lets the store wait, and loses nothing."""
    return kept({"x-max-length": INTEGRATORS_LIMIT, "x-overflow": "reject-publish"})


def quorum(arguments: Mapping[str, object] | None = None) -> dict[str, object]:
    """Arguments of a quorum queue; the type stands on every declare (RabbitMQ 3.10 to 4.x behave alike)."""
    return {"x-queue-type": "quorum", **(arguments or {})}


def kept(arguments: Mapping[str, object] | None = None) -> dict[str, object]:
    """Arguments of a queue in which messages only stand, however often somebody looks at them."""
    return quorum({"x-delivery-limit": KEPT_LIMIT, **(arguments or {})})


def kept_policy() -> dict[str, object]:
    """What says the same to queues that were made before ``kept`` did, and to whatever default a broker has."""
    return {
        "pattern": _KEPT_PATTERN,
        "definition": {"delivery-limit": KEPT_LIMIT},
        "priority": 100,
        "apply-to": "queues",
    }
