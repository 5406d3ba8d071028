"""Looks at how a tenant's services stand as often as measurements are sent, sets their gauges, and remembers.

Runs on a thread of its own beside the relays and in every api: what stands still is seen, not silent, also where the
worker that would say so is what stands still.
"""

import math
import threading
import time
from collections.abc import Mapping

from shared.bus.topology import Topology
from shared.runtime.context import ServiceContext
from shared.runtime.facts import Fact, Seen, wrong_by_fact
from shared.runtime.looking import Look, Looked
from shared.runtime.silence import SILENT_S
from shared.telemetry.log_fields import is_code
from shared.telemetry.logs import get_logger
from shared.telemetry.metric_names import (
    CERTIFICATE_EXPIRES_IN,
    FACTS_WRONG,
    MARK_AGE,
    OUTBOX_AGE,
    OUTBOX_DEPTH,
    PARKED_DEPTH,
    RETRY_DEPTH,
    UNROUTED_DEPTH,
)
from shared.telemetry.metrics import gauge

EVERY_S = 60.0

log = get_logger(__name__)


class Watch:
    """Looks after the services of one process."""

    def __init__(self, contexts: Mapping[str, ServiceContext], topology: Topology, *, every_s: float = EVERY_S) -> None:
        """Take the services' contexts; nothing is opened yet."""
        self._look = Look(contexts, topology)
        self._every_s = every_s
        self._looked: Looked | None = None
        self._looked_at = -math.inf

    def run(self, stop: threading.Event) -> None:
        """Look again and again until told to stop."""
        while not stop.is_set():
            try:
                self.look()
            except Exception as error:  # noqa: BLE001  Whatever it was, the next look may find out.
                log.error("a look at the services failed", error_class=type(error).__name__)  # noqa: TRY400
            stop.wait(self._every_s)

    def look(self) -> Looked:
        """Look once and set every gauge; what cannot be asked now keeps its last value, and is a fact of its own."""
        looked = self._look.take()
        self._looked, self._looked_at = looked, time.monotonic()
        for one in looked.seen:
            _measure(one)
        for service, waiting in looked.retry.items():
            gauge(RETRY_DEPTH).set(waiting, consumer=service)
        for fact, number in wrong_by_fact(looked.seen).items():
            gauge(FACTS_WRONG).set(number, fact=str(fact))
        return looked

    def needs_attention(self) -> bool | None:
        """Whether the last look found something wrong, or none has come for two minutes; None before the first."""
        if self._looked is None:
            return None
        return time.monotonic() - self._looked_at > SILENT_S or any(one.is_wrong for one in self._looked.seen)


def _measure(seen: Seen) -> None:
    match seen.fact:
        case Fact.OUTBOX_OLD:
            gauge(OUTBOX_DEPTH).set(seen.depth, service=str(seen.service), route=seen.about)
            gauge(OUTBOX_AGE).set(seen.value, service=str(seen.service), route=seen.about)
        case Fact.MARK_OLD:
            gauge(MARK_AGE).set(seen.value, consumer=str(seen.service), source=seen.about)
        case Fact.PARKED:
            gauge(PARKED_DEPTH).set(seen.value, consumer=str(seen.service))
        case Fact.UNROUTED:
            gauge(UNROUTED_DEPTH).set(seen.value)
        case Fact.CERTIFICATE_ENDING if is_code(seen.about):
            # One that cannot be read has ended, as the page says.
            gauge(CERTIFICATE_EXPIRES_IN).set(max(0.0, seen.value), target=seen.about)
        case _:
            return
