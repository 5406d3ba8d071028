"""How a service hears an event type; the inbox carries it out (``shared.outbox._inbox``)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

from shared.kernel.messages import Event, Received
from shared.outbox.unit_of_work import UnitOfWork

E = TypeVar("E", bound=Event)
Order = Literal["any_order", "latest"]


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """How one service hears one event type.

    Attributes:
        event: The type.
        handle: Reads and writes through the unit of work; runs in the batch's transaction, maybe again.
        order: ``latest`` drops an event older than the newest seen of its aggregate; ``any_order`` does not.
        preload: Which documents the handler will read, as (collection, id), so that a batch reads once.
    """

    event: type[Event]
    handle: Callable[[Received[Any], UnitOfWork], None]
    order: Order = "any_order"
    preload: Callable[[Any], Iterable[tuple[str, str]]] | None = None

    def __post_init__(self) -> None:
        """Refuse an order that nobody keeps.

        Raises:
            UnknownOrderError: It is not one of ``Order``.
        """
        if self.order not in get_args(Order):
            raise UnknownOrderError(self.event.event_type)


def hears(
    event: type[E],
    handle: Callable[[Received[E], UnitOfWork], None],
    *,
    order: Order = "any_order",
    preload: Callable[[E], Iterable[tuple[str, str]]] | None = None,
) -> Hearing:
    """Give a hearing whose handler takes just this event type, which the type checker sees to.

    Raises:
        UnknownOrderError: The order is not one of ``Order``.
    """
    return Hearing(event=event, handle=handle, order=order, preload=preload)


class UnknownOrderError(ValueError):
    """A hearing asks for an order that the inbox does not keep; docs/decisions/0021-no-order-by-holding.md."""

    def __init__(self, event_type: str) -> None:
        """Name the event type."""
        super().__init__(f"{event_type} is heard in an order that is not one of {', '.join(get_args(Order))}.")
