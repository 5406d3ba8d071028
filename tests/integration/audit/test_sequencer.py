"""The sequencer over a real database: one order, no gap, none twice, and the root of a tree built anew."""

import random
import threading
from datetime import timedelta

import pytest
from pymongo.errors import OperationFailure

from services.audit.tree import appending, sweeping
from services.audit.tree.appending import LeavesMissingError, append_waiting
from services.audit.tree.reading import LogTree
from services.audit.tree.sweeping import sweep
from shared.kernel.ids import new_event_id
from shared.outbox.unit_of_work import UnitOfWork
from shared.transparency.tiles import TileDamagedError
from shared.transparency.tree import leaf_hash, verify_consistency, verify_inclusion
from tests.kit.audited import NOON, batch_of, hear
from tests.unit.shared.transparency.test_tree import by_definition


def check(context, entries):
    """Every entry stands in the log once, in one order without a gap, and the root is the one of a new tree."""
    tree = LogTree(context.client[context.database_name])
    size = tree.size()
    leaves = list(tree.leaves(0, size))
    assert len(leaves) == len(set(leaves)) == size == entries
    assert tree.root(size) == by_definition(leaves)
    database = context.client[context.database_name]
    places = [tree.place_of(one["_id"]) for one in database["entries"].find({}, {"_id": 1})]
    assert sorted(places) == list(range(size))
    return leaves


def test_what_was_done_in_a_host_stands_in_its_log(place, context):
    """Commands, reads and refusals of every service; each is proven to be there, and earlier logs to be its beginning."""
    row = place.episode()
    place.get(f"/v1/episodes/{row['id']}")
    place.pump()
    append_waiting(context)
    tree = LogTree(context.client[context.database_name])
    before = tree.size()
    first = tree.root(before)
    place.get(f"/v1/episodes/{row['id']}", "BOARD_MEMBER")
    place.pump()
    append_waiting(context)
    size = tree.size()
    leaves = check(context, size)
    assert size > before > 3
    for index, leaf in enumerate(leaves):
        verify_inclusion(leaf_hash(leaf), index, size, tree.root(size), tree.inclusion(index, size))
    verify_consistency(before, first, size, tree.root(size), tree.consistency(before, size))
    assert row["id"].encode() not in b"".join(leaves)


def test_batches_of_one_service_keep_their_order(context):
    """In the order in which they were committed there, though they came out of order and while others were appended."""
    sent = [batch_of(count) for count in (1, 3, 2, 5)]
    for received in (sent[2], sent[0], sent[3], sent[1]):
        hear(context, received)
    assert append_waiting(context) == 11
    tree = LogTree(context.client[context.database_name])
    assert [tree.place_of(f"{one.event.batch_id}-0000") for one in sent] == [0, 1, 4, 6]
    assert tree.place_of(f"{sent[3].event.batch_id}-0005") is None
    assert tree.place_of(f"{new_event_id()}-0000") is None
    assert append_waiting(context) == 0


def test_random_histories_grow_into_the_tree_of_their_leaves(context, monkeypatch):
    """Whatever came in whatever portions, also over the edges of tiles and of transactions."""
    monkeypatch.setattr(appending, "MOST_BATCHES", 7)
    monkeypatch.setattr(appending, "MOST_LEAVES", 50)
    draw, entries, seen = random.Random(11), 0, []
    for _ in range(8):
        waiting = [batch_of(draw.choice([1, 1, 2, 30, 120])) for _ in range(draw.randrange(12))]
        draw.shuffle(waiting)
        for received in waiting:
            hear(context, received)
            entries += len(received.event.actions)
        append_waiting(context)
        leaves = check(context, entries)
        assert leaves[: len(seen)] == seen
        seen = leaves


@pytest.mark.parametrize("step", range(12))
def test_killed_at_any_step_it_goes_on_with_the_same_root(context, monkeypatch, step):
    """Nothing of a stretch is there until all of it is; whoever comes next appends it whole."""
    hear(context, batch_of(300))
    append_waiting(context)
    for _ in range(3):
        hear(context, batch_of(100))
    left = step

    def dying(name):
        whole = getattr(UnitOfWork, name)

        def attempt(work, *given, **named):
            nonlocal left
            left -= 1
            if left < 0:
                raise KilledError
            return whole(work, *given, **named)

        return attempt

    with monkeypatch.context() as patch:
        for name in ("find_where", "preload", "insert", "save", "delete", "flush"):
            patch.setattr(UnitOfWork, name, dying(name))
        try:
            append_waiting(context)
        except KilledError:
            assert LogTree(context.client[context.database_name]).size() == 300
    append_waiting(context)
    check(context, 600)


class KilledError(Exception):
    """The process ended here."""


def killed(*_given, **_named):
    raise KilledError


def test_many_sequencers_at_once_make_one_log(place, context):
    """No gap and none twice, though nobody waits for anybody."""
    batches = [batch_of(3) for _ in range(120)]
    faults = []

    def work(mine):
        try:
            for received in mine:
                hear(context, received)
                append_waiting(context)
        except Exception as error:  # noqa: BLE001  Whatever it is, the test shows it.
            faults.append(error)

    threads = [threading.Thread(target=work, args=(batches[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    append_waiting(context)
    check(context, 360)


def test_a_batch_that_was_tampered_with_stops_nobody_else(context, database):
    """Its neighbours get their places; the job fails and says which it was."""
    hear(context, placed := batch_of(1))
    append_waiting(context)
    sent = [batch_of(2) for _ in range(6)]
    for received in sent:
        hear(context, received)
    cut, gone, odd = (sent[n].event.batch_id for n in (0, 3, 5))
    database["batches"].update_one({"_id": odd}, {"$set": {"leaves": [7, "text"]}})
    database["waiting"].insert_one({**database["waiting"].find_one(), "_id": placed.event.batch_id, "count": 1})
    database["batches"].update_one({"_id": cut}, {"$pop": {"leaves": 1}})
    database["batches"].delete_one({"_id": gone})
    with pytest.raises(LeavesMissingError, match=f"4 batches .* first is {placed.event.batch_id}"):
        append_waiting(context)
    tree = LogTree(context.client[context.database_name])
    assert [tree.place_of(f"{one}-0000") for one in (placed.event.batch_id, cut, gone, odd)] == [0, None, None, None]
    assert tree.size() == 7
    hear(context, batch_of(1))
    with pytest.raises(LeavesMissingError):
        append_waiting(context)
    assert tree.size() == 8


def test_nothing_follows_a_tree_that_was_cut(context, database):
    """Better no log than one that goes on from something else."""
    hear(context, batch_of(10))
    append_waiting(context)
    database["heads"].update_one({}, {"$set": {"size": 4}})
    hear(context, batch_of(1))
    with pytest.raises(TileDamagedError):
        append_waiting(context)


@pytest.mark.parametrize("collection", ["batches", "stretches"])
def test_the_services_own_user_can_change_neither_leaves_nor_places(context, collection):
    """What was appended can be added to and read."""
    hear(context, batch_of(1))
    append_waiting(context)
    own = context.client[context.database_name][collection]
    assert own.count_documents({}) == 1
    for change in (lambda: own.delete_many({}), lambda: own.update_many({}, {"$set": {"x": 1}})):
        with pytest.raises(OperationFailure, match="not authorized"):
            change()


class TestEntriesWithoutLeaves:
    def old(self, database, counts, at=NOON):
        """Entries as an older version kept them."""
        for n, count in enumerate(counts):
            received = batch_of(count)
            database["entries"].insert_many(
                {
                    "_id": f"{received.event.batch_id}-{position:04d}", "service": "case", "action": one.action,
                    "actor_id": one.actor_id, "role": one.role, "object_id": one.object_id, "outcome": one.outcome,
                    "at": one.at, "count": None, "recorded_at": NOON, "order": n,
                    "updated_at": at + timedelta(seconds=n), "version": 1,
                }
                for position, one in enumerate(received.event.actions)
            )  # fmt: skip

    def test_they_get_their_places_once(self, context, database, monkeypatch):
        """Also where a step ends in the midst of a batch, and beside what is heard meanwhile."""
        monkeypatch.setattr(sweeping, "AT_A_TIME", 4)
        self.old(database, [3, 3, 1, 6])
        hear(context, batch_of(2))
        assert sweep(context) > 0
        assert sweep(context) == 0
        append_waiting(context)
        check(context, 15)

    def test_what_an_older_version_still_writes_is_found_later(self, context, database, place):
        """Side by side with this one, while all are replaced one after the other."""
        place.at(NOON + timedelta(hours=1))
        self.old(database, [1], at=NOON)
        sweep(context)
        assert sweep(context) == 0
        self.old(database, [2], at=NOON + timedelta(minutes=59))
        assert sweep(context) > 0
        append_waiting(context)
        check(context, 3)

    def test_killed_in_between_it_goes_on(self, context, database, monkeypatch):
        """Salts, leaves and the note that they wait come together."""
        self.old(database, [2, 2])
        with monkeypatch.context() as patch:
            patch.setattr(UnitOfWork, "save", killed)
            with pytest.raises(KilledError):
                sweep(context)
        assert database["batches"].count_documents({}) == 0
        assert sweep(context) > 0
        append_waiting(context)
        check(context, 4)
