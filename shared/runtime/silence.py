"""How long a service has not heard for certain from each service it hears: one rule for pages, doctor and alert.

Each service says once a minute what it has sent (a mark). Whoever heard the newest and has all of it is up to date
as of then; that is never more than 80 s ago where everything runs. Promise: silence for two minutes is never "up to
date", also where nothing was ever heard (tests/integration/operator/test_silence.py).
"""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from shared.bus.topology import Topology
from shared.contracts.marks import MARKS
from shared.kernel.clock import Offset
from shared.kernel.streams import from_document

SILENT_S = 120.0
"""Longer than this without a mark that counts, somebody has stopped. The alert MarkOld has the same figure."""
OLD_ROW_S = 60.0
"""Older than this, an unsent fact means that a relay or the courier has stopped, as the alert OutboxOld."""


def heard(
    streams: Iterable[Mapping[str, Any]],
    topology: Topology,
    service: str,
    *,
    now: datetime,
    up_s: float,
    steady_s: float = math.inf,
) -> dict[str, float]:
    """Give, for each service that this one hears marks from, the seconds of silence.

    Args:
        streams: The documents of the service's ``streams``.
        topology: Of the tenant.
        service: Who hears.
        now: Business time.
        up_s: Seconds for which hearing was possible; the silence of whoever was never heard.
        steady_s: Seconds since a demo's business clock was last moved; no mark can be judged by days that were skipped,
            so a silence is never longer than this.
    """
    through = {str(document["_id"]): from_document(document).applied_through for document in streams}
    ages: dict[str, float] = {}
    for source in sources_of(topology, service):
        last = through.get(source)
        age_s = up_s if last is None else max(0.0, (now - last).total_seconds())
        ages[source] = min(age_s, steady_s)
    return ages


def steady_for_s(offset: Offset) -> float:
    """Give the seconds of real time since the business clock was last moved."""
    return max(0.0, (datetime.now(UTC) - offset.changed_at).total_seconds())


def sources_of(topology: Topology, service: str) -> list[str]:
    """Name the services whose marks a service of this vhost hears."""
    return [
        s.source
        for s in topology.subscriptions
        if s.service == service and not s.external and MARKS[s.source].event_type in s.routing_keys
    ]
