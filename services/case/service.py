"""The nameko class of case: it only hands each batch to the inbox."""

from collections.abc import Sequence
from typing import Any

from shared.bus.consumer import Delivery
from shared.bus.entrypoint import Inboxes, consume


class CaseWorker:
    """Hears who works here, and nobody else."""

    name = "case"
    inboxes: Any = Inboxes()

    @consume("identity")
    def hear_identity(self, deliveries: Sequence[Delivery]) -> None:
        """Keep who is an active advocate."""
        self.inboxes.settle("identity", deliveries)
