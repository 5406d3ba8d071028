"""Messages as the broker gave them, and what of a batch has its fate."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from shared.bus.names import EVENTS_HEADER

_MOST_CLAIMED = 50


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One message as the broker gave it, or one event of a bundle; the body stays bytes.

    Attributes:
        part: Which event of the bundle it is (``shared.bus.bundles``); None where the message came alone.
    """

    tag: int
    body: bytes
    headers: Mapping[str, Any]
    properties: Mapping[str, Any]
    routing_key: str
    redelivered: bool
    part: int | None = None

    @property
    def key(self) -> tuple[int, int | None]:
        """What tells it from every other of its channel."""
        return self.tag, self.part

    @property
    def events(self) -> int:
        """How many events it claims to have, within what a bundle may; a word of its sender's, for planning only."""
        claimed = self.headers.get(EVENTS_HEADER, 1)
        return max(1, min(claimed, _MOST_CLAIMED)) if isinstance(claimed, int) else 1


class Batch(Sequence[Delivery]):
    """Deliveries to settle, of which each can be ticked off as soon as its own fate is durable.

    What is ticked off is acknowledged, and not offered again when the rest fails.
    """

    def __init__(self, deliveries: Iterable[Delivery]) -> None:
        """Take the deliveries in the order in which they came."""
        self._deliveries = tuple(deliveries)
        self._settled: set[tuple[int, int | None]] = set()

    @overload
    def __getitem__(self, index: int) -> Delivery: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Delivery]: ...
    def __getitem__(self, index: int | slice) -> Delivery | Sequence[Delivery]:
        """Give one, or some."""
        return self._deliveries[index]

    def __len__(self) -> int:
        """Give how many there are, ticked off or not."""
        return len(self._deliveries)

    def tick_off(self, deliveries: Iterable[Delivery]) -> None:
        """Note that these have a durable fate; may be called from another thread than the consumer's."""
        self._settled.update([delivery.key for delivery in deliveries])

    @property
    def settled(self) -> int:
        """How many are ticked off."""
        return len(self._settled)

    def is_settled(self, delivery: Delivery) -> bool:
        """Whether one is ticked off."""
        return delivery.key in self._settled


def delivery_of(message: Any) -> Delivery:
    """Make a delivery of what py-amqp hands over; its body becomes bytes, also one that no encoding can read."""
    info = message.delivery_info
    properties = message.properties
    body = message.body
    return Delivery(
        tag=info["delivery_tag"],
        body=body.encode() if isinstance(body, str) else bytes(body),
        headers=properties.get("application_headers") or {},
        properties=properties,
        routing_key=info["routing_key"],
        redelivered=bool(info["redelivered"]),
    )
