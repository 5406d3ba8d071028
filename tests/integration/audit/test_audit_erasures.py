"""Whoever is erased goes out of the entries; the tree stays whole, and nobody can tell whose leaf it was."""

from datetime import timedelta

from services.audit.log.clearing import CHUNK, clear_erased
from services.audit.log.documents import ERASED_PERSON
from services.audit.tree.appending import append_waiting
from services.audit.tree.reading import LogTree
from shared.contracts.case import SurvivorErased
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, Command
from tests.unit.shared.transparency.test_tree import by_definition


def state(place, survivor_id):
    """State the erasure, as the job of case does it."""

    def run(work):
        work.record(SurvivorErased(survivor_id=survivor_id), sequence=1)
        return Answer(status=200)

    place.contexts["case"].committer.execute(Command(run=run))


def template(place):
    """An entry to copy, made here: another test's may be there or not."""
    place.get(f"/v1/survivors/{place.survivor()}")
    place.pump()
    return place.database("audit")["entries"].find_one({"action": "case:survivor:read"})


def stored(place):
    """Everything that audit keeps but the inbox's ids, as text."""
    database = place.database("audit")
    return str([list(database[name].find()) for name in ("entries", "batches", "stretches", "tiles", "outbox")])


def test_an_erased_person_is_in_no_entry_and_in_no_leaf(place):
    """Who did it, what and when stays; so does the root."""
    context, survivor_id, other = place.contexts["audit"], place.survivor(), place.survivor()
    for one in (survivor_id, survivor_id, other):
        place.get(f"/v1/survivors/{one}")
    place.pump()
    append_waiting(context)
    tree = LogTree(context.client[context.database_name])
    size, before = tree.size(), tree.root(tree.size())
    assert survivor_id in stored(place)
    theirs = [one["_id"] for one in place.database("audit")["entries"].find({"object_id": survivor_id})]
    state(place, survivor_id)
    place.pump()
    clear_erased(context)
    assert survivor_id not in stored(place)
    assert other in stored(place)
    entries = place.database("audit")["entries"]
    cleared = list(entries.find({"object_id": ERASED_PERSON, "action": "case:survivor:read", "_id": {"$in": theirs}}))
    assert len(cleared) == 2
    assert all("object_salt" not in one and one["actor_id"] for one in cleared)
    assert tree.root(size) == before == by_definition(list(tree.leaves(0, size)))


def test_what_was_under_way_meanwhile_is_cleared_too(place):
    """An entry that was begun before the erasure was heard and committed after the first clearing."""
    context, survivor_id = place.contexts["audit"], new_id()
    state(place, survivor_id)
    place.pump()
    clear_erased(context)
    note = place.database("audit")["erased"]
    assert note.find_one({"_id": survivor_id})["cleared"] is False
    late = template(place)
    place.database("audit")["entries"].insert_one({**late, "_id": f"{new_id()}-0000", "object_id": survivor_id})
    place.at(context.clock.now() + timedelta(minutes=3))
    assert clear_erased(context) >= 1
    assert survivor_id not in stored(place)
    assert note.find_one({"_id": survivor_id})["cleared"] is True
    assert clear_erased(context) == 0


def test_a_person_with_many_entries_is_cleared_in_steps(place):
    """However much was written down about them."""
    context, survivor_id = place.contexts["audit"], new_id()
    entries = place.database("audit")["entries"]
    copied = template(place)
    entries.insert_many({**copied, "_id": f"{new_id()}-0000", "object_id": survivor_id} for _ in range(CHUNK + 3))
    state(place, survivor_id)
    place.pump()
    clear_erased(context)
    assert entries.count_documents({"object_id": survivor_id}) == 0
    entries.delete_many({"object_id": ERASED_PERSON, "action": copied["action"]})
