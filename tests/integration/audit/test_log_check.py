"""Whatever the database's own administrator writes into audit's database is found and named."""

from datetime import timedelta

import pytest

from services.audit.checkpoints.checking import (
    ENTRIES_ADDED,
    ENTRY_CHANGED,
    ENTRY_MISSING,
    LEAF_CHANGED,
    LEAF_MISSING,
    ROOT_DIFFERS,
    LogCheck,
)
from services.audit.checkpoints.signing import Signing
from services.audit.checkpoints.views import LogViews
from services.audit.log.clearing import clear_erased
from services.audit.tree.appending import append_waiting
from services.audit.tree.sweeping import sweep
from shared.contracts.case import SurvivorErased
from shared.outbox.commands import Answer, Command
from shared.transparency.tree import leaf_hash
from tests.kit.audited import NOON, batch_of, hear


@pytest.fixture
def log(context, place, database):
    """A signed log of seven entries, and two that wait for their place."""
    for count in (4, 3):
        hear(context, batch_of(count))
    append_waiting(context)
    Signing(context).run()
    hear(context, batch_of(2))
    return database


def wrong(database, limit=3):
    """Everything that is found, a part at a time."""
    found, first = [], 0
    while first is not None:
        part = LogCheck(database).part(first, limit)
        found += part["wrong"]
        first = part["next"]
    return [(one["index"], one["what"]) for one in found]


def entry_at(database, index):
    batch = database["stretches"].find_one()["batches"]
    ids = [f"{one['id']}-{n:04d}" for one in batch for n in range(one["count"])]
    return ids[index]


def test_a_sound_log_is_sound(log, place, context):
    """Also while some wait, with an empty log, and over HTTP."""
    assert wrong(log) == []
    answer = place.get("/v1/audit/log/check?limit=5", "HOST_DPO").json
    assert answer == {"first": 0, "checked": 5, "next": 5, "wrong": []}
    assert place.get("/v1/audit/log/check?first=5000", "HOST_DPO").json["wrong"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("action", "case:episode:open"), ("role", "SUPERVISOR"), ("outcome", "REFUSED"), ("actor_id", "somebody"),
        ("object_id", "another"), ("object_id", "erased"), ("at", NOON - timedelta(days=1)), ("count", 7),
        ("actor_salt", b"x" * 32), ("object_salt", b"x" * 32), ("service", "consent"),
    ],
)  # fmt: skip
def test_an_entry_that_was_changed(log, name, value):
    """Any field of it, dated back too; the neighbours are well."""
    log["entries"].update_one({"_id": entry_at(log, 5)}, {"$set": {name: value}})
    assert wrong(log) == [(5, ENTRY_CHANGED)]


def test_an_entry_that_was_taken_out_or_put_in(log):
    """The leaf tells of the one; the number tells of the other."""
    gone = log["entries"].find_one_and_delete({"_id": entry_at(log, 0)})
    assert wrong(log) == [(0, ENTRY_MISSING)]
    log["entries"].insert_one(gone)
    log["entries"].insert_one({**gone, "_id": f"{entry_at(log, 0)[:-4]}0009"})
    assert wrong(log) == [(None, ENTRIES_ADDED)]


def test_a_leaf_that_was_changed_together_with_its_entry(log):
    """The tile still knows what it was."""
    batch = log["batches"].find_one({"_id": entry_at(log, 0)[:-5]})
    leaves = [batch["leaves"][0].replace(b"ALLOWED", b"REFUSED"), *batch["leaves"][1:]]
    log["batches"].update_one({"_id": batch["_id"]}, {"$set": {"leaves": leaves}})
    log["entries"].update_one({"_id": entry_at(log, 0)}, {"$set": {"outcome": "REFUSED"}})
    assert wrong(log) == [(0, LEAF_CHANGED)]


def test_leaves_that_were_swapped_or_taken_out(log):
    """Neither is at its place any more."""
    batch = log["batches"].find_one({"_id": entry_at(log, 0)[:-5]})
    swapped = [batch["leaves"][1], batch["leaves"][0], *batch["leaves"][2:]]
    log["batches"].update_one({"_id": batch["_id"]}, {"$set": {"leaves": swapped}})
    assert wrong(log) == [(0, LEAF_CHANGED), (1, LEAF_CHANGED)]
    log["batches"].delete_one({"_id": batch["_id"]})
    assert wrong(log) == [(n, LEAF_MISSING) for n in range(4)]
    log["stretches"].delete_one({})
    assert wrong(log) == [(n, LEAF_MISSING) for n in range(7)]


@pytest.mark.parametrize("at", [0, 6])
def test_a_tile_that_was_changed_with_everything_below_it(log, at):
    """The checkpoint still knows what it was."""
    tile = bytearray(log["tiles"].find_one({"_id": "0/0"})["hashes"])
    tile[at * 32] ^= 1
    log["tiles"].update_one({"_id": "0/0"}, {"$set": {"hashes": bytes(tile)}})
    assert wrong(log) == [(at, LEAF_CHANGED), (None, ROOT_DIFFERS)]
    log["tiles"].delete_one({"_id": "0/0"})
    assert (None, ROOT_DIFFERS) in wrong(log)


def test_a_whole_tile_that_was_changed_with_its_leaf_and_entry(context, database):
    """The tile above still knows what it was, and the root, which is made of that one, does not tell."""
    for _ in range(3):
        hear(context, batch_of(100))
    append_waiting(context)
    Signing(context).run()
    assert wrong(database, 100) == []
    name = entry_at(database, 5)
    batch = database["batches"].find_one({"_id": name[:-5]})
    leaves = list(batch["leaves"])
    leaves[5] = leaves[5].replace(b"ALLOWED", b"REFUSED")
    database["batches"].update_one({"_id": batch["_id"]}, {"$set": {"leaves": leaves}})
    database["entries"].update_one({"_id": name}, {"$set": {"outcome": "REFUSED"}})
    tile = database["tiles"].find_one({"_id": "0/0"})["hashes"]
    tile = tile[: 5 * 32] + leaf_hash(leaves[5]) + tile[6 * 32 :]
    database["tiles"].update_one({"_id": "0/0"}, {"$set": {"hashes": tile}})
    assert wrong(database, 100) == wrong(database, 1_000) == [(0, ROOT_DIFFERS)]


@pytest.mark.parametrize(
    "change",
    [
        {"$unset": {"role": ""}}, {"$set": {"at": "noon"}}, {"$set": {"count": 1.5}}, {"$set": {"actor_id": 7}},
        {"$set": {"actor_salt": "x"}}, {"$set": {"recorded_at": None}},
    ],
)  # fmt: skip
def test_an_entry_with_what_no_entry_has(log, change):
    """It is named like any other, and hides nothing behind it."""
    log["entries"].update_one({"_id": entry_at(log, 5)}, change)
    log["entries"].delete_one({"_id": entry_at(log, 6)})
    assert wrong(log) == [(5, ENTRY_CHANGED), (6, ENTRY_MISSING)]


@pytest.mark.parametrize(
    ("leaf", "what"),
    [
        (7, LEAF_MISSING), ("text", LEAF_MISSING), (b'{"id":{"$gt":""}}', LEAF_CHANGED), (b"[" * 100_000, LEAF_CHANGED),
        (b"\xff", LEAF_CHANGED),
    ],
)  # fmt: skip
def test_a_leaf_that_is_none(log, leaf, what):
    """It is named, the others are well, and whoever takes the log out of the house gets all of them."""
    batch = log["batches"].find_one({"_id": entry_at(log, 0)[:-5]})
    log["batches"].update_one({"_id": batch["_id"]}, {"$set": {"leaves": [leaf, *batch["leaves"][1:]]}})
    assert wrong(log) == [(0, what)]
    assert len(LogViews(log).leaves(0, 7)["items"]) == 7


def test_an_entry_that_was_put_in_as_if_an_older_version_had_kept_it(context, log):
    """What was looked through has salts; nothing hides behind a day long ago."""
    sweep(context)
    stands = log["entries"].find_one({"_id": entry_at(log, 0)}, {"actor_salt": 0, "object_salt": 0})
    log["entries"].insert_one({**stands, "_id": "put-in-0000", "updated_at": NOON - timedelta(days=3_650)})
    assert wrong(log) == [(None, ENTRIES_ADDED)]


def test_what_gets_its_place_meanwhile_was_not_put_in(context, log, monkeypatch):
    """An entry is somewhere at each moment of a check."""
    counted = LogCheck._waiting

    def late(check):
        append_waiting(context)
        return counted(check)

    monkeypatch.setattr(LogCheck, "_waiting", late)
    assert wrong(log, 100) == []


def test_who_was_erased_by_right_is_no_fault(place, context, log):
    """Their id is gone, and their leaf is what it was."""
    hear(context, received := batch_of(1))
    append_waiting(context)
    survivor_id = received.event.actions[0].object_id

    def state(work):
        work.record(SurvivorErased(survivor_id=survivor_id), sequence=1)
        return Answer(status=200)

    place.contexts["case"].committer.execute(Command(run=state))
    place.pump()
    clear_erased(context)
    append_waiting(context)
    assert log["entries"].count_documents({"object_id": survivor_id}) == 0
    assert wrong(log) == []
