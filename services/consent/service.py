"""The nameko class of consent: it only hands each batch to the inbox."""

from collections.abc import Sequence
from typing import Any

from shared.bus.consumer import Delivery
from shared.bus.entrypoint import Inboxes, consume


class ConsentWorker:
    """Hears the case service, and nobody else."""

    name = "consent"
    inboxes: Any = Inboxes()

    @consume("case")
    def hear_case(self, deliveries: Sequence[Delivery]) -> None:
        """Keep facts and statements."""
        self.inboxes.settle("case", deliveries)
