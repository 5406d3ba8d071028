"""Messages as the broker gave them, and what of a batch has its fate."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One message as the broker gave it; the body stays bytes."""

    tag: int
    body: bytes
    headers: Mapping[str, Any]
    properties: Mapping[str, Any]
    routing_key: str
    redelivered: bool


class Batch(Sequence[Delivery]):
    """Deliveries to settle, of which each can be ticked off as soon as its own fate is durable.

    What is ticked off is acknowledged, and not offered again when the rest fails.
    """

    def __init__(self, deliveries: Iterable[Delivery]) -> None:
        """Take the deliveries in the order in which they came."""
        self._deliveries = tuple(deliveries)
        self._settled: set[int] = set()

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
        self._settled.update([delivery.tag for delivery in deliveries])

    @property
    def settled(self) -> int:
        """How many are ticked off."""
        return len(self._settled)

    def is_settled(self, delivery: Delivery) -> bool:
        """Whether one is ticked off."""
        return delivery.tag in self._settled
