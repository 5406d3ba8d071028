"""Every metric of the product: name, unit, kind and meaning; ``shared.telemetry.metrics`` takes no other.

Names follow OpenTelemetry; units are UCUM. No metric has a person, a case or a code of one as label.
"""

from dataclasses import dataclass
from enum import StrEnum


class MetricKind(StrEnum):
    """How a metric behaves: only grows, stands at a value, or spreads over values."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric.

    Attributes:
        unit: UCUM, such as ``s`` or ``{row}``.
        labels: Attribute keys it may carry.
        edges: Upper bucket edges of a histogram, in its unit.
    """

    name: str
    unit: str
    kind: MetricKind
    meaning: str
    labels: frozenset[str] = frozenset()
    edges: tuple[float, ...] = ()


_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
_SIZES = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


def _counter(name: str, unit: str, meaning: str, *labels: str) -> Metric:
    return Metric(name=name, unit=unit, kind=MetricKind.COUNTER, meaning=meaning, labels=frozenset(labels))


def _gauge(name: str, unit: str, meaning: str, *labels: str) -> Metric:
    return Metric(name=name, unit=unit, kind=MetricKind.GAUGE, meaning=meaning, labels=frozenset(labels))


def _spread(name: str, unit: str, edges: tuple[float, ...], meaning: str, *labels: str) -> Metric:
    return Metric(
        name=name,
        unit=unit,
        kind=MetricKind.HISTOGRAM,
        meaning=meaning,
        labels=frozenset(labels),
        edges=edges,
    )


COMMANDS = _counter(
    "alongside.commands", "{command}", "Commands answered, by what became of them.", "service", "outcome"
)
COMMIT_DURATION = _spread(
    "alongside.commit.duration",
    "s",
    _SECONDS,
    "One group of commands: first handler begun to commit answered.",
    "service",
)
COMMIT_GROUP_SIZE = _spread(
    "alongside.commit.group_size", "{command}", _SIZES, "Commands in one transaction.", "service"
)
COMMIT_RERUNS = _counter(
    "alongside.commit.reruns", "{group}", "Groups that failed and ran again one by one.", "service"
)
REQUEST_DURATION = _spread(
    "http.server.request.duration",
    "s",
    _SECONDS,
    "HTTP request to answer.",
    "service",
    "route",
    "method",
    "status",
)

GATE_COMPARED = _counter(
    "alongside.consent.gate.compared",
    "{episode}",
    "Episodes whose last statement was compared with ledger and facts, by what came of it.",
    "outcome",
)
GATE_DIFFERENCES = _gauge(
    "alongside.consent.gate.differences", "{episode}", "Statements that the last comparison had to mend; must be 0."
)

WITHDRAWALS_OPEN = _gauge(
    "alongside.consent.withdrawals.open", "{withdrawal}", "Withdrawals of which somebody has not answered yet."
)
WITHDRAWALS_LATE = _gauge(
    "alongside.consent.withdrawals.late",
    "{withdrawal}",
    "Withdrawals of which somebody should have answered; must be 0.",
)
STOPS_LATE = _gauge(
    "alongside.consent.stops.late",
    "{stop}",
    "People who said that everything is to stop, with whom nobody has spoken within 24 hours; must be 0.",
)

WITNESSES_LATE = _gauge(
    "alongside.audit.witnesses.late",
    "{witness}",
    "Witnesses of the audit log that should have answered, or that refuse it; must be 0.",
)
CHECKPOINTS_REFUSED = _gauge(
    "alongside.checkpoints.refused",
    "{host}",
    "Hosts whose audit log the board or the custodian refused last; must be 0.",
    "service",
)

RIGHTS_OPEN = _gauge("alongside.case.rights.open", "{case}", "Rights cases that wait for an answer, up to 1,000.")
RIGHTS_OVERDUE = _gauge(
    "alongside.case.rights.overdue", "{case}", "Rights cases that wait longer than the law allows; must be 0."
)
BREACHES_PRESSING = _gauge(
    "alongside.case.breaches.pressing",
    "{breach}",
    "Breaches that the ICO has not heard of, with fewer than 24 of the 72 hours left, or none; must be 0.",
)
VISITS_UNTAKEN = _gauge(
    "alongside.case.visits.untaken", "{visit}", "Alarms of somebody who went out alone after which nobody looks yet."
)
VISITS_ESCALATED = _gauge(
    "alongside.case.visits.escalated",
    "{visit}",
    "Alarms of somebody who went out alone that went to everybody who may hear of one; must be 0.",
)
VITAL_OPENINGS_UNSEEN = _gauge(
    "alongside.case.vital_openings.unseen",
    "{opening}",
    "What was opened of restricted records for the sake of a life and no officer has seen yet, up to 1,000.",
)
EMERGENCIES_UNREVIEWED = _gauge(
    "alongside.case.emergencies.unreviewed",
    "{emergency}",
    "Records that were opened in an emergency and nobody else has looked at yet, up to 1,000.",
)
EMERGENCIES_OVERDUE = _gauge(
    "alongside.case.emergencies.overdue",
    "{emergency}",
    "Of these, those whose review is late, up to 1,000; must be 0.",
)

OUTBOX_DEPTH = _gauge("alongside.outbox.depth", "{row}", "Rows not yet confirmed by the broker.", "service", "route")
OUTBOX_AGE = _gauge("alongside.outbox.age", "s", "Age of the oldest row not yet confirmed.", "service", "route")
PUBLISHED = _counter("alongside.published", "{message}", "Messages confirmed by the broker.", "service", "route")
PUBLISH_LATENCY = _spread(
    "alongside.publish.latency", "s", _SECONDS, "Oldest row of a batch: written to confirmed.", "service", "route"
)
PUBLISH_BATCH = _spread("alongside.publish.batch", "{message}", _SIZES, "Messages confirmed together.", "service")
PUBLISH_REFUSED = _counter(
    "alongside.publish.refused",
    "{batch}",
    "Batches not confirmed, by the error's code; sent again with the same numbers.",
    "service",
    "reason",
)
UNROUTED_DEPTH = _gauge("alongside.unrouted.depth", "{message}", "Messages in the queue of the unrouted.")
LEASE_CHANGES = _counter("alongside.lease.changes", "{change}", "Leases won or lost.", "service", "kind", "outcome")
DOORBELL_FALLBACKS = _counter(
    "alongside.doorbell.fallbacks", "{change}", "Change streams lost; polling until it is back.", "service"
)

CONSUMED = _counter(
    "alongside.consumed", "{message}", "Messages settled, by what became of them.", "consumer", "source", "outcome"
)
PROCESS_DURATION = _spread(
    "alongside.process.duration", "s", _SECONDS, "Batch received to every fate durable.", "consumer", "source"
)
CONSUME_BATCH = _spread(
    "alongside.consume.batch", "{message}", _SIZES, "Messages settled together.", "consumer", "source"
)
DELIVERY_LATENCY = _spread(
    "alongside.delivery.latency", "s", _SECONDS, "Oldest fact of a batch: stated to settled.", "consumer", "source"
)
REDELIVERIES = _counter("alongside.redeliveries", "{message}", "Delivered more than once.", "consumer", "source")
RETRY_DEPTH = _gauge("alongside.retry.depth", "{message}", "Waiting for another attempt.", "consumer")
PARKED_DEPTH = _gauge("alongside.parked.depth", "{message}", "Parked for a person to look at.", "consumer")
PARKED = _counter("alongside.parked", "{message}", "Parked, by reason code.", "consumer", "source", "reason")
MARK_AGE = _gauge("alongside.mark.age", "s", "Age of the newest mark that counts.", "consumer", "source")
COURIER_PACKETS = _counter(
    "alongside.courier.packets", "{packet}", "Packets carried, by direction.", "route", "outcome"
)
CONTRIBUTIONS_MISSING = _gauge(
    "alongside.contributions.missing", "{period}", "Periods past their seal that this host has not sealed.", "service"
)
CONTRIBUTIONS_MISSING_AGE = _gauge(
    "alongside.contributions.missing_age", "s", "Time since the seal of the oldest missing one.", "service"
)
CONTRIBUTIONS_UNSIGNED = _gauge(
    "alongside.contributions.unsigned", "{period}", "Periods sealed within 3 days and not validly signed.", "service"
)
TASKS_STUCK = _gauge(
    "alongside.tasks.stuck", "{task}", "Tasks of board or custodian whose next step failed in the last run.", "service"
)
PART_RESTARTS = _counter(
    "alongside.part.restarts", "{restart}", "Parts of a process that ended unasked and were started again.", "kind"
)
PARTS_DOWN = _gauge(
    "alongside.parts.down", "{part}", "Parts of a process that stay down until a person mends something."
)
FACTS_WRONG = _gauge(
    "alongside.facts.wrong",
    "{figure}",
    "Figures of a fact that somebody must look after, as /running, /readyz and doctor say; must be 0.",
    "fact",
)
CERTIFICATE_EXPIRES_IN = _gauge("alongside.certificate.expires_in", "s", "Until the certificate ends.", "target")

IMPORT_ROWS = _counter("alongside.import.rows", "{row}", "Imported rows, by what became of them.", "outcome")
IMPORT_DURATION = _spread("alongside.import.duration", "s", _SECONDS, "One chunk of rows, read to committed.")
ERASURE_STEP = _counter("alongside.keys.erasure_steps", "{step}", "Steps of erasures finished.", "step")
ERASURE_AGE = _gauge("alongside.keys.erasure_age", "s", "Age of the oldest erasure not yet complete.")
VECTORS_SENT = _counter("alongside.vectors", "{vector}", "Sealed vectors, by what became of them.", "outcome")

EVENTS_UNREAD = _gauge(
    "alongside.events.unread", "{event}", "Events that the slowest event consumer has not acknowledged."
)
EVENTS_UNREAD_AGE = _gauge("alongside.events.unread_age", "s", "Age of the oldest of these; at 90 days it is given up.")

WEBHOOK_ATTEMPTS = _counter(
    "alongside.webhook.attempts",
    "{attempt}",
    "Deliveries of webhooks that were tried, by what became of them.",
    "outcome",
)
WEBHOOKS_FAILING = _gauge(
    "alongside.webhooks.failing", "{webhook}", "Webhooks whose last delivery failed; after five days one is disabled."
)
WEBHOOKS_DISABLED = _gauge("alongside.webhooks.disabled", "{webhook}", "Webhooks to which nothing is sent.")

LOG_FIELDS_DROPPED = _counter("alongside.log.fields_dropped", "{field}", "Log fields outside the allow-list.")
LOG_MESSAGES_WITHHELD = _counter(
    "alongside.log.messages_withheld", "{message}", "Log messages that were no constants, or unwritable."
)

METRICS: tuple[Metric, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
"""Every metric above, in that order."""
