"""The nameko class of the board: it only hands each batch to the inbox."""

from collections.abc import Sequence
from typing import Any

from shared.bus.consumer import Delivery
from shared.bus.entrypoint import Inboxes, consume


class BoardWorker:
    """Hears the hosts' halves and the custodian."""

    name = "board"
    inboxes: Any = Inboxes()

    @consume("hosts")
    def hear_hosts(self, deliveries: Sequence[Delivery]) -> None:
        """Take shares."""
        self.inboxes.settle("hosts", deliveries)

    @consume("custodian")
    def hear_custodian(self, deliveries: Sequence[Delivery]) -> None:
        """Take keys, cohorts, tables and refusals."""
        self.inboxes.settle("custodian", deliveries)
