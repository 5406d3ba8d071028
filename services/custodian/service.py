"""The nameko class of the custodian: it only hands each batch to the inbox."""

from collections.abc import Sequence
from typing import Any

from shared.bus.consumer import Delivery
from shared.bus.entrypoint import Inboxes, consume


class CustodianWorker:
    """Hears the hosts' seeds and the board."""

    name = "custodian"
    inboxes: Any = Inboxes()

    @consume("hosts")
    def hear_hosts(self, deliveries: Sequence[Delivery]) -> None:
        """Take seeds."""
        self.inboxes.settle("hosts", deliveries)

    @consume("board")
    def hear_board(self, deliveries: Sequence[Delivery]) -> None:
        """Take tasks, lists and sums."""
        self.inboxes.settle("board", deliveries)
