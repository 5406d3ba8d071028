"""The outbox row: the facts and audit intents of one transaction for one route, ready to publish.

One row holds what one transaction stated, not one row an event: that is what makes batches cheap.
Bodies are encoded once, when the command runs, so the relay never decodes them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.contracts.checks import check_publishable
from shared.contracts.marks import AUDITS, AuditedAction
from shared.contracts.registry import LOCAL
from shared.kernel.ids import new_event_id
from shared.kernel.messages import AuditIntent, Event
from shared.kernel.tenancy import TenantId

NEW, SENT = "NEW", "SENT"


@dataclass(kw_only=True)
class OutboxDraft:
    """Collects what one transaction states; ``rows`` gives at most one row a route.

    Attributes:
        traceparent: The transaction's own span, which its rows carry.
        cause: The traceparent of the one command or message that is being handled, where the transaction
            handles several; its events carry it, so that each request stays one trace.
    """

    tenant_id: TenantId
    service: str
    recorded_at: datetime
    traceparent: str | None = None
    cause: str | None = None
    _events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _actions: list[AuditedAction] = field(default_factory=list)

    @property
    def event_count(self) -> int:
        """Facts so far, on all routes."""
        return sum(len(events) for events in self._events.values())

    def add_event(self, event: Event, *, sequence: int, route: str, to: str | None = None) -> str:
        """Encode a fact for a route; see ``UnitOfWork.record``."""
        body = check_publishable(event, route)
        event_id = new_event_id()
        stated = {
            "id": event_id,
            "type": event.event_type,
            "subject": event.subject,
            "sequence": sequence,
            "body": body,
        }
        if to is not None:
            stated["to"] = to
        if self.cause is not None:
            stated["traceparent"] = self.cause
        self._events.setdefault(route, []).append(stated)
        return event_id

    def add_action(self, intent: AuditIntent) -> None:
        """Keep one audited action."""
        self._actions.append(
            AuditedAction(
                action=intent.action,
                actor_id=intent.actor_id,
                role=intent.role,
                object_id=intent.object_id,
                outcome=intent.outcome,
                at=intent.at,
                count=intent.count,
                standing=intent.standing,
                found=intent.found,
            )
        )

    def rows(self, *, after_us: int = 0) -> list[dict[str, Any]]:
        """Give the documents to insert; audit intents ride with the local facts.

        Args:
            after_us: The rows' ids lie above this microsecond, see ``UnitOfWork.flush``.
        """
        if self._actions:
            batch_id = new_event_id()
            audit = AUDITS[self.service](batch_id=batch_id, actions=tuple(self._actions))
            self.cause = None  # What was done together is audited together, under the transaction's span.
            self.add_event(audit, sequence=1, route=LOCAL)
            self._actions = []
        return [
            {
                "_id": new_event_id(after_us=after_us),
                "tenant_id": self.tenant_id,
                "route": route,
                "status": NEW,
                "recorded_at": self.recorded_at,
                "traceparent": self.traceparent,
                "events": events,
            }
            for route, events in self._events.items()
        ]
