"""The nameko class of audit: it only hands each batch to the inbox, one method a source."""

from collections.abc import Sequence
from typing import Any

from shared.bus.consumer import Delivery
from shared.bus.entrypoint import Inboxes, consume


class _Hearing:
    """Base of the worker; nameko finds the decorated methods on the class."""

    name = "audit"
    inboxes: Any = Inboxes()


def _hear(source: str) -> Any:
    def hear(self: Any, deliveries: Sequence[Delivery]) -> None:
        self.inboxes.settle(source, deliveries)

    hear.__name__ = f"hear_{source}"
    hear.__doc__ = f"Keep what {source} says was done or read."
    return consume(source)(hear)


def worker_class(sources: Sequence[str]) -> type:
    """Make the worker for the services that run in this vhost."""
    return type("AuditWorker", (_Hearing,), {f"hear_{source}": _hear(source) for source in sources})
