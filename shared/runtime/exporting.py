"""Sends this process's spans and metrics by OTLP over HTTP to where OTEL_EXPORTER_OTLP_ENDPOINT points.

Without that variable nothing is loaded, nothing is sent and a span costs two random ids. The endpoint is the
tenant's own operator's collector (decisions, §3): never the board's. The exporters have threads of their own,
so a slow or silent collector holds up no message.

Source: OpenTelemetry specification, "OTLP exporter"; its other OTEL_EXPORTER_OTLP_* variables (headers,
certificates, compression) and OTEL_METRIC_EXPORT_INTERVAL hold as well.
"""

import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from shared.kernel.ids import new_id
from shared.kernel.tenancy import TenantId
from shared.telemetry.metrics import configure_metrics

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"

# Shorter than the pause between two exports, and than what a process may take to end.
_TIMEOUT_S = 4.0
_ENDING_S = 5.0


def start_export(kind: str, *, tenant: TenantId, services: Sequence[str]) -> Callable[[], None]:
    """Begin to export, if the environment says where to.

    Args:
        kind: Kind of process, such as ``worker``.
        tenant: Whose process it is.
        services: The services that it runs.

    Returns:
        What sends the rest and ends the export; to be called before the process ends.
    """
    if not os.environ.get(ENDPOINT):
        return _nothing
    # Half a second of imports, for those only who export.
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    from shared.telemetry.export import export_spans  # noqa: PLC0415

    resource = {
        "service.name": f"alongside-{kind}",
        # Two processes of one kind are two series; the id says nothing about the machine.
        "service.instance.id": new_id(),
        "alongside.tenant": str(tenant),
        "alongside.process_kind": kind,
        "alongside.services": "+".join(services),
    }
    limit_ms = _TIMEOUT_S * 1000
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(timeout=_TIMEOUT_S), export_timeout_millis=limit_ms)
    configure_metrics([reader], resource=resource)
    spans: Any = export_spans(BatchSpanProcessor(OTLPSpanExporter(timeout=_TIMEOUT_S)), resource=resource)

    def stop() -> None:
        # Side by side and not for ever: a collector that is silent must not delay the end of a process.
        enders = [threading.Thread(target=end, daemon=True) for end in (spans.shutdown, reader.shutdown)]
        for ender in enders:
            ender.start()
        deadline = time.monotonic() + _ENDING_S
        for ender in enders:
            ender.join(timeout=max(0.0, deadline - time.monotonic()))

    return stop


def _nothing() -> None:
    return None
