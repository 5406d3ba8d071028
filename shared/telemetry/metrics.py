"""Counters, gauges and histograms by the names in ``metric_names``; in memory unless readers are given.

Limit: an ``add`` costs some 10 µs, so add once for a batch, never once for a row.
"""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from opentelemetry.metrics import Counter as OtelCounter
from opentelemetry.metrics import Histogram as OtelHistogram
from opentelemetry.metrics import Meter
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader, MetricReader
from opentelemetry.sdk.resources import Resource

from shared.kernel.errors import InvalidInputError
from shared.telemetry.log_fields import is_code, is_number, is_route
from shared.telemetry.metric_names import METRICS, Metric, MetricKind

Labels = dict[str, str | int]

_BY_NAME = {metric.name: metric for metric in METRICS}


class MetricNotListedError(InvalidInputError):
    """Only metrics of ``metric_names`` exist, each used as what it is."""

    code = "metric-not-listed"

    def __init__(self, name: str, kind: MetricKind) -> None:
        """Name the metric and the use that failed."""
        super().__init__(f"There is no {kind} {name} in shared.telemetry.metric_names; add it there first.")


class LabelNotListedError(InvalidInputError):
    """A metric's labels are listed with it, and their values are codes."""

    code = "metric-label-not-listed"

    def __init__(self, name: str) -> None:
        """Name the metric; label and value may be anything and are not repeated."""
        super().__init__(
            f"A label of {name} is not listed with it, or its value is not a code. Labels take closed codes only."
        )


class Counter:
    """Counts upwards in its unit."""

    def __init__(self, metric: Metric, meter: Meter) -> None:
        """Use ``counter``."""
        self._metric = metric
        self._instrument: OtelCounter = meter.create_counter(metric.name, metric.unit, metric.meaning)

    def add(self, amount: float, **labels: str | int) -> None:
        """Add ``amount``, 0 or more; raises ``LabelNotListedError``."""
        self._instrument.add(amount, _checked(self._metric, labels))


class Gauge:
    """Stands at its last value."""

    def __init__(self, metric: Metric, meter: Meter) -> None:
        """Use ``gauge``."""
        self._metric = metric
        self._instrument = meter.create_gauge(metric.name, metric.unit, metric.meaning)

    def set(self, value: float, **labels: str | int) -> None:
        """Set the value; raises ``LabelNotListedError``."""
        self._instrument.set(value, _checked(self._metric, labels))


class Histogram:
    """Counts values by bucket."""

    def __init__(self, metric: Metric, meter: Meter) -> None:
        """Use ``histogram``."""
        self._metric = metric
        self._instrument: OtelHistogram = meter.create_histogram(
            metric.name, metric.unit, metric.meaning, explicit_bucket_boundaries_advisory=list(metric.edges)
        )

    def record(self, value: float, **labels: str | int) -> None:
        """Record one value; raises ``LabelNotListedError``."""
        self._instrument.record(value, _checked(self._metric, labels))


class _Meters:
    """The process's instruments, made at first use."""

    def __init__(self, readers: Sequence[MetricReader], resource: Mapping[str, str]) -> None:
        self.memory = InMemoryMetricReader()
        self._provider = MeterProvider(
            [self.memory, *readers],
            resource=Resource(dict(resource)),
            # An exemplar would carry a trace id into the metrics.
            exemplar_filter=AlwaysOffExemplarFilter(),
            # Whoever gave the readers ends them, within a time of its own.
            shutdown_on_exit=False,
        )
        meter = self._provider.get_meter("alongside")
        self.counters = {m.name: Counter(m, meter) for m in METRICS if m.kind is MetricKind.COUNTER}
        self.gauges = {m.name: Gauge(m, meter) for m in METRICS if m.kind is MetricKind.GAUGE}
        self.histograms = {m.name: Histogram(m, meter) for m in METRICS if m.kind is MetricKind.HISTOGRAM}


class _Process:
    meters: _Meters | None = None
    lock = Lock()


def configure_metrics(readers: Sequence[MetricReader], *, resource: Mapping[str, str]) -> None:
    """Begin anew with these readers besides memory; for the wiring, before work begins.

    Args:
        readers: Such as a Prometheus or OTLP reader; without one nothing leaves the process.
        resource: What every metric says about its process: ``service.name``, ``alongside.tenant``.
    """
    with _Process.lock:
        _Process.meters = _Meters(readers, resource)


def counter(metric: Metric | str) -> Counter:
    """Give a listed counter; raises ``MetricNotListedError``."""
    name = _name(metric)
    found = _meters().counters.get(name)
    if found is None:
        raise MetricNotListedError(name, MetricKind.COUNTER)
    return found


def gauge(metric: Metric | str) -> Gauge:
    """Give a listed gauge; raises ``MetricNotListedError``."""
    name = _name(metric)
    found = _meters().gauges.get(name)
    if found is None:
        raise MetricNotListedError(name, MetricKind.GAUGE)
    return found


def histogram(metric: Metric | str) -> Histogram:
    """Give a listed histogram; raises ``MetricNotListedError``."""
    name = _name(metric)
    found = _meters().histograms.get(name)
    if found is None:
        raise MetricNotListedError(name, MetricKind.HISTOGRAM)
    return found


def snapshot() -> dict[str, dict[str, Any]]:
    """Give what this process has measured so far.

    Returns:
        For each metric with a value: ``unit``, ``kind``, ``meaning`` and ``points``, each with ``labels``
        and either ``value`` or ``count``, ``sum``, ``edges`` and ``buckets``.
    """
    data = _meters().memory.get_metrics_data()
    scopes = [] if data is None else [scope for part in data.resource_metrics for scope in part.scope_metrics]
    found = {}
    for measured in (measured for scope in scopes for measured in scope.metrics):
        metric = _BY_NAME[measured.name]
        found[metric.name] = {
            "unit": metric.unit,
            "kind": metric.kind.value,
            "meaning": metric.meaning,
            "points": [_point(point) for point in measured.data.data_points],
        }
    return found


def _meters() -> _Meters:
    meters = _Process.meters
    if meters is None:
        with _Process.lock:
            if _Process.meters is None:
                _Process.meters = _Meters((), {})
            meters = _Process.meters
    return meters


def _name(metric: Metric | str) -> str:
    return metric if isinstance(metric, str) else metric.name


def _checked(metric: Metric, labels: Labels) -> Labels:
    for key, value in labels.items():
        fits = is_code(value) or is_number(value) or is_route(value)
        if key not in metric.labels or not fits:
            raise LabelNotListedError(metric.name)
    return labels


def _point(point: Any) -> dict[str, Any]:
    labels = dict(point.attributes)
    if isinstance(point, HistogramDataPoint):
        return {
            "labels": labels,
            "count": point.count,
            "sum": point.sum,
            "edges": list(point.explicit_bounds),
            "buckets": list(point.bucket_counts),
        }
    return {"labels": labels, "value": point.value}
