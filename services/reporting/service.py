"""The nameko class of reporting: it only hands each batch to the inbox."""

from collections.abc import Sequence
from typing import Any

from shared.bus.consumer import Delivery
from shared.bus.entrypoint import Inboxes, consume


class ReportingWorker:
    """Hears what consent released and what the centre announced."""

    name = "reporting"
    inboxes: Any = Inboxes()

    @consume("consent")
    def hear_consent(self, deliveries: Sequence[Delivery]) -> None:
        """Keep released and withheld facts."""
        self.inboxes.settle("consent", deliveries)

    @consume("centre")
    def hear_centre(self, deliveries: Sequence[Delivery]) -> None:
        """Keep tasks and release notices."""
        self.inboxes.settle("centre", deliveries)
