"""The log's entries: one for each action of a batch, which a repeat does not add again."""

from datetime import UTC, datetime
from types import SimpleNamespace

from services.audit.log.facts import keep_actions
from shared.contracts.marks import AUDITS, AuditedAction
from shared.kernel.ids import new_event_id
from shared.kernel.messages import Received

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


def kept(*verbs):
    """What is inserted for a batch of so many actions of one person on one thing, twice heard."""
    actions = tuple(
        AuditedAction(
            action=f"case:episode:{verb}", actor_id="a", role="IMSA", object_id="x", outcome="ALLOWED", at=NOON
        )
        for verb in verbs
    )
    batch = AUDITS["case"](batch_id=new_event_id(), actions=actions)
    received = Received(
        event=batch, event_id=batch.batch_id, sequence=1, stream_n=None, recorded_at=NOON, sender="alder",
    )  # fmt: skip
    inserted = []
    work = SimpleNamespace(insert=lambda _collection, document: inserted.append(document), now=NOON)
    keep_actions(received, work)
    keep_actions(received, work)
    return inserted


def test_each_action_of_a_batch_is_an_entry_of_its_own():
    """In the order in which they were done, however many; and the same entry where a batch comes again."""
    inserted = kept("open", "close", "read")
    first, again = inserted[:3], inserted[3:]
    assert [document["action"].rpartition(":")[2] for document in first] == ["open", "close", "read"]
    ids = [document["_id"] for document in first]
    assert len(set(ids)) == 3
    assert ids == sorted(ids) == [document["_id"] for document in again]
