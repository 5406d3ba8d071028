"""The page of metrics."""

from deploy.docs.markdown import code, codes, page, table
from shared.telemetry.metric_names import METRICS

_INTRODUCTION = (
    "All that a process counts or measures, for the tenant's own operator; how they are sent: "
    "[telemetry](../telemetry.md). "
    "No label holds a person, a case or a code of one. Units are UCUM."
)


def metrics_page() -> str:
    """Write the page."""
    rows = (
        (code(m.name), m.kind.value, code(m.unit), codes(sorted(m.labels)), m.meaning)
        for m in sorted(METRICS, key=lambda m: m.name)
    )
    return page("Metrics", _INTRODUCTION, table(("metric", "kind", "unit", "labels", "what"), rows))
