"""What goes out for a stored event: a CloudEvent in JSON, as the CNCF's own SDKs read it.

Shown by tests/unit/integrations/test_envelopes.py.
"""

from typing import Any

from services.integrations.store.rules import StoredEvent
from shared.bus.codec import source_of
from shared.kernel.tenancy import TenantId, is_sandbox

LEFT_OUT = "alongside.integrations.left_out.v1"
"""Type of what stands at a position whose event may not be served today."""
BATCH = "application/cloudevents-batch+json"
JSON = "application/json"


def schema_path(event_type: str) -> str:
    """Give the address of a type's JSON Schema."""
    return f"/v1/event-types/{event_type}/schema"


def cloud_event(event: StoredEvent, tenant: TenantId) -> dict[str, Any]:
    """Give an event as a CloudEvent; one that is left out says its position, its type and why, and nothing else."""
    left_out = event.left_out is not None
    shown = {
        "specversion": "1.0",
        "id": event.id.partition("/")[0],
        "source": source_of(tenant, event.source),
        "type": LEFT_OUT if left_out else event.type,
        "subject": event.subject,
        "time": event.recorded_at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": JSON,
        "dataschema": schema_path(LEFT_OUT if left_out else event.type),
        "tenantid": str(tenant),
        "position": event.position,
        "sequence": str(event.sequence),
        "data": {"type": event.type, "reason": event.left_out} if left_out else dict(event.data),
    }
    if is_sandbox(tenant):
        shown["sandbox"] = True
    if left_out:
        # Neither what it was about nor its place among that thing's events.
        del shown["subject"], shown["sequence"]
    return shown
