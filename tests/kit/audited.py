"""Batches of actions as a service states them, and audit hearing them without a broker."""

from datetime import UTC, datetime

from services.audit.log.facts import keep_actions
from shared.contracts.marks import AUDITS, AuditedAction
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.messages import Received
from shared.outbox.commands import Answer, Command

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)
COLLECTIONS = ("entries", "batches", "waiting", "stretches", "tiles", "heads", "erased", "checkpoints", "public_keys")


def batch_of(count, **values):
    """A batch of so many actions, as a service states it."""
    action = {"action": "case:episode:read", "actor_id": new_id(), "role": "IMSA", "outcome": "ALLOWED", "at": NOON}
    actions = tuple(AuditedAction(**{"object_id": new_id(), **action, **values}) for _ in range(count))
    event = AUDITS["case"](batch_id=new_event_id(), actions=actions)
    return Received(
        event=event, event_id=new_event_id(), sequence=1, stream_n=None, recorded_at=NOON, sender="x"
    )  # fmt: skip


def hear(context, received):
    """Keep a batch, as the inbox does it: in one transaction, and once."""

    def run(work):
        keep_actions(received, work)
        return Answer(status=200)

    context.committer.execute(Command(run=run))
