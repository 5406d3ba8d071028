"""The log's entries: one for each action of a batch, which a repeat does not add again, and their leaves."""

from datetime import UTC, datetime

from services.audit.log.documents import ERASED_PERSON
from services.audit.log.facts import keep_actions, needs, note_erasure
from services.audit.log.leaves import salted_leaf
from shared.contracts.case import SurvivorErased
from shared.contracts.marks import AUDITS, AuditedAction
from shared.kernel.ids import new_event_id
from shared.kernel.messages import Received
from tests.kit.memory_work import MemoryWork

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


def heard(event, sequence=1):
    return Received(
        event=event, event_id=new_event_id(), sequence=sequence, stream_n=None, recorded_at=NOON, sender="alder",
    )  # fmt: skip


def batch(*verbs, of="x"):
    """So many actions of one person on one thing."""
    actions = tuple(
        AuditedAction(
            action=f"case:episode:{verb}", actor_id="a", role="IMSA", object_id=of, outcome="ALLOWED", at=NOON
        )
        for verb in verbs
    )
    return heard(AUDITS["case"](batch_id=new_event_id(), actions=actions))


def kept(received, work=None):
    """What a batch leaves: its entries in order, and its leaves."""
    work = work or MemoryWork(NOON)
    keep_actions(received, work)
    entries = sorted(work.documents["entries"].values(), key=lambda document: document["_id"])
    return entries, work.documents["batches"][received.event.batch_id]["leaves"]


def test_each_action_of_a_batch_is_an_entry_of_its_own():
    """In the order in which they were done, however many; and the same entry where a batch comes again."""
    received = batch("open", "close", "read")
    entries, leaves = kept(received)
    assert [document["action"].rpartition(":")[2] for document in entries] == ["open", "close", "read"]
    ids = [document["_id"] for document in entries]
    assert len(set(ids)) == len(leaves) == 3
    assert ids == sorted(ids) == [document["_id"] for document in kept(received)[0]]


def test_an_entry_opens_its_leaf():
    """By the salts beside it, each used once."""
    entries, leaves = kept(batch("open", "close"))
    for entry, leaf in zip(entries, leaves, strict=True):
        values = {**entry, "id": entry["_id"]}
        assert salted_leaf(values, entry["actor_salt"], entry["object_salt"]) == leaf
    assert len({one[name] for one in entries for name in ("actor_salt", "object_salt")}) == 4


def test_a_batch_waits_for_its_place():
    """With the number of its leaves, so that one that is missing is seen."""
    work, received = MemoryWork(NOON), batch("open", "close")
    kept(received, work)
    (waits,) = work.documents["waiting"].values()
    assert (waits["_id"], waits["count"]) == (received.event.batch_id, 2)
    assert waits["due_at"] > NOON


def test_of_an_erased_person_no_id_is_kept_any_more():
    """What is heard later has its leaf, which nobody can open; of others everything is as it was."""
    work = MemoryWork(NOON)
    note_erasure(heard(SurvivorErased(survivor_id="gone")), work)
    note_erasure(heard(SurvivorErased(survivor_id="gone"), sequence=2), work)
    received = batch("read", of="gone")
    entries, leaves = kept(received, work)
    assert [one["object_id"] for one in entries] == [ERASED_PERSON]
    assert "object_salt" not in entries[0]
    assert "gone" not in str(entries) + str(leaves)
    assert set(needs(received.event)) == {("erased", "gone")}
    kept(batch("read", of="here"), work)
    assert [one["object_id"] for one in work.documents["entries"].values()] == [ERASED_PERSON, "here"]
