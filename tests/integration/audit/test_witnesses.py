"""Each day's checkpoint goes out to board and custodian, and a log that does not go on from it is refused for ever."""

import random
from datetime import timedelta

import msgspec
import pytest
from pymongo import MongoClient

from services.audit.checkpoints import signing
from services.audit.checkpoints.checking import LogCheck
from services.audit.checkpoints.signing import LogContradictedError, Signing
from services.audit.tree.padding import BLOCK, is_padding
from services.audit.tree.reading import LogTree
from services.audit.witnesses.jobs import jobs
from services.audit.witnesses.views import WitnessViews, count_late
from shared.contracts.witness import CheckpointAnswered, CheckpointSubmitted
from shared.keys.messages import sign_message
from shared.keys.signing import SigningKey
from shared.runtime.witnessing import standing
from shared.transparency.log_key import LogKey
from shared.transparency.notes import origin_of, read_checkpoint
from shared.transparency.witness import (
    BACK_DATED,
    BAD_SIGNATURE,
    COSIGNED,
    FORKED,
    KEY_REPLACED,
    UNKNOWN_HOST,
)
from tests.kit.killer import KilledError, Killer
from tests.kit.witnessing import WitnessPath

BOTH = ("board", "custodian")


@pytest.fixture(scope="module")
def mongo(engines):
    with MongoClient(engines.mongod.admin_uri(), tz_aware=True) as client:
        yield client


@pytest.fixture
def path(mongo, tmp_path):
    made = WitnessPath(mongo, tmp_path)
    yield made
    made.close()


def outcomes(path):
    return {witness: path.row(witness)["outcome"] for witness in BOTH}


def both(outcome):
    return dict.fromkeys(BOTH, outcome)


def late(path):
    return count_late(path.audit["alder"].database["witnesses"], path.clock.now())


def submitted(path, route="board"):
    """Everything that reporting sent to one witness, decoded."""
    rows = path.reporting["alder"].database["outbox"].find({"route": route}).sort("_id", 1)
    return [(row, event) for row in rows for event in row["events"]]


class TestADay:
    def test_both_confirm_what_they_see(self, path):
        """Also when nothing happened; each keeps what it saw, and the host keeps who saw it."""
        for count in (3, 0, 40, 0):
            path.a_day(count)
        database = path.audit["alder"].database
        sizes = [one["size"] for one in database["witness_days"].find().sort("size", 1)]
        assert sizes == [BLOCK, 2 * BLOCK, 3 * BLOCK, 4 * BLOCK]
        assert outcomes(path) == both(COSIGNED)
        assert [path.seen(party)["size"] for party in (path.board, path.custodian)] == [4 * BLOCK] * 2
        assert database["cosignatures"].count_documents({}) == 8
        assert (late(path), path.parked) == (0, [])
        told = WitnessViews(database).witnesses(path.clock.now())
        public = LogKey.load(signing.log_key_file(path.audit["alder"].context)).public(origin_of("alder"))
        (note,) = told["checkpoints"]
        assert read_checkpoint(note, public).size == 4 * BLOCK
        assert [note.count(f"— alongside/{witness}/witness ") for witness in BOTH] == [1, 1]

    def test_once_a_day_however_often_it_is_looked(self, path):
        """From the fixed time on; after days of silence the next one follows once."""
        assert path.offer()
        assert not path.offer()
        path.clock.moment += timedelta(hours=22)
        assert not path.offer()
        path.next_day(9)
        assert path.offer()
        assert not path.offer()
        assert path.audit["alder"].database["witness_days"].count_documents({}) == 2

    def test_what_fills_is_no_entry_and_hides_none(self, path):
        """The check of the house passes it over, and still finds an entry that nobody reported."""
        path.grow(5)
        path.offer()
        database = path.audit["alder"].database
        leaves = list(LogTree(database).leaves(0, BLOCK))
        assert [is_padding(one) for one in leaves[:6]] == [False] * 5 + [True]
        assert len(set(leaves)) == BLOCK

        def wrong():
            return {
                one["what"] for first in range(0, BLOCK, 1000) for one in LogCheck(database).part(first, 1000)["wrong"]
            }

        assert wrong() == set()
        one = database["entries"].find_one({})
        database["entries"].insert_one({**one, "_id": f"{one['_id']}0"})
        assert wrong() == {"ENTRIES_ADDED"}

    def test_a_witness_keeps_nothing_but_multiples(self, path):
        """Whoever reads its database learns no size but that."""
        path.a_day(17)
        for party in (path.board, path.custodian):
            for name in ("witnessed", "sightings"):
                assert [one["size"] % BLOCK for one in party.database[name].find()] == [0]
            assert standing(party.database, {"alder": None}, path.clock.now())[0]["state"] == "SEEN"


def fork(path):
    """The host's administrator puts another history in the place of what was seen, file and all."""
    path.put_back(path.before)
    path.grow(9)


def replace_key(path):
    """As they do with a new key of the log."""
    fork(path)
    for name in ("checkpoints", "public_keys"):
        path.audit["alder"].database[name].delete_many({})
    folder = path.audit["alder"].context.settings.data_dir
    (folder / "audit-checkpoint").unlink()
    (folder / "log.key").write_text(LogKey.draw().text)


def forget(path):
    """As they do with a copy of the first day, when next to nothing stood there: the log is smaller."""
    path.put_back(path.empty)


class TestContradictions:
    @pytest.fixture
    def path(self, path):
        path.offer()
        path.carry()
        path.empty = path.copy()
        path.a_day(3)
        path.before = path.copy()
        path.a_day(5)
        return path

    @pytest.mark.parametrize(("tamper", "why"), [(fork, FORKED), (forget, FORKED), (replace_key, KEY_REPLACED)])
    def test_found_within_one_day(self, path, tamper, why):
        """By both, whatever the host's own database and file say; each keeps the signed evidence."""
        tamper(path)
        path.a_day()
        assert outcomes(path) == both(why)
        assert late(path) == 2
        for party in (path.board, path.custodian):
            assert path.seen(party)["size"] == 3 * BLOCK
            (refused,) = party.database["refused_checkpoints"].find()
            assert refused["note"].startswith("alongside/alder/audit\n")
            stands = standing(party.database, {}, path.clock.now())[0]
            assert (stands["state"], stands["alarm"], stands["refused"]) == ("ALARM", why, 1)
        # It stays so, whatever comes later.
        path.a_day(1)
        assert path.seen(path.board)["alarm"] is not None

    def test_an_old_copy_that_grew_past_what_was_seen(self, path):
        """More entries than the witness saw do not hide that others stood there before."""
        path.put_back(path.before)
        path.a_day(2, lose=lambda _event, _target: True)
        path.a_day(2)
        # The host proves from what it thinks that they saw; asked again from what they did see, no proof fits.
        assert outcomes(path) == both(FORKED)
        assert [path.row(witness)["again"] for witness in BOTH] == [1, 1]

    def test_dated_back(self, path):
        """A greater log that says it was signed before the one that was seen."""
        path.next_day(4)
        path.a_day(1)
        for name in ("witness_days", "checkpoints"):
            path.audit["alder"].database[name].delete_many({"size": {"$gt": 3 * BLOCK}})
        path.next_day(-2)
        (path.audit["alder"].context.settings.data_dir / "audit-checkpoint").unlink()
        path.grow(1)
        assert path.offer()
        path.carry()
        assert outcomes(path) == both(BACK_DATED)

    @pytest.mark.parametrize("what", ["flip", "delete"])
    def test_a_log_that_was_changed_inside_is_not_even_offered(self, path, what):
        """And the witnesses become late."""
        tiles = path.audit["alder"].database["tiles"]
        hashes = bytearray(tiles.find_one({"_id": "0/0"})["hashes"])
        hashes[0] ^= 1
        if what == "flip":
            tiles.update_one({"_id": "0/0"}, {"$set": {"hashes": bytes(hashes)}})
        else:
            tiles.delete_one({"_id": "0/0"})
        # Tile 0 of level 0 is whole, so its top stands above it; that one is of what was seen.
        tiles.update_one(
            {"_id": "1/0"}, {"$set": {"hashes": bytes(32) + tiles.find_one({"_id": "1/0"})["hashes"][32:]}}
        )
        path.next_day()
        with pytest.raises(LogContradictedError):
            path.offer()
        path.next_day()
        assert late(path) == 2

    def test_another_signs_as_the_host(self, path):
        """Whose signature is not in the register's is refused, and what was seen stays."""
        row, event = submitted(path)[-1]
        stated = msgspec.json.decode(event["body"], type=CheckpointSubmitted)
        forged = sign_message(stated, SigningKey(secret=bytes(32)))
        for other in "012":
            path.deliver(row, {**event, "id": other * 36, "body": msgspec.json.encode(forged)}, path.board)
        assert path.seen(path.board)["alarm"] == BAD_SIGNATURE
        # Of many on one day the first is kept as evidence.
        assert path.board.database["refused_checkpoints"].count_documents({}) == 1
        assert path.seen(path.board)["size"] == 3 * BLOCK

    def test_a_host_that_nobody_registered(self, path):
        """It is told so, and nothing is kept of it."""
        (path.board.folder / "hosts.json").write_text("{}")
        path.a_day()
        assert outcomes(path) == {"board": UNKNOWN_HOST, "custodian": COSIGNED}
        assert path.seen(path.board)["size"] == 3 * BLOCK


class TestOnTheWay:
    def test_what_comes_again_or_out_of_order_changes_nothing(self, path):
        """Whatever the broker repeats and however it shuffles."""
        rng = random.Random(11)
        for count in (1, 0, 2):
            path.a_day(count, rng=rng, repeat=2)
        assert path.parked == []
        assert [path.seen(party)["size"] for party in (path.board, path.custodian)] == [3 * BLOCK] * 2
        old = submitted(path)[0]
        path.deliver(*old, path.board)
        path.carry()
        assert path.seen(path.board)["size"] == 3 * BLOCK
        assert path.board.database["refused_checkpoints"].count_documents({}) == 0
        assert (outcomes(path), late(path)) == (both(COSIGNED), 0)

    def test_one_that_is_away_stops_nothing_and_is_seen_to_be_late(self, path):
        """The other goes on, and so does the log; once it is back it is asked from where it stood."""

        def away(_event, target):
            return target is path.custodian

        path.a_day(1, lose=away)
        path.a_day(1, lose=away)
        assert late(path) == 1
        assert path.row("board")["outcome"] == COSIGNED
        assert path.row("custodian")["outcome"] is None
        path.a_day(1)
        assert (outcomes(path), late(path)) == (both(COSIGNED), 0)
        assert path.seen(path.custodian)["size"] == 3 * BLOCK

    @pytest.mark.parametrize("witness", BOTH)
    def test_an_answer_that_was_lost(self, path, witness):
        """The witness names what it saw, and the same checkpoint is offered with a proof from there."""

        def lost(event, _target):
            return event["type"] == CheckpointAnswered.event_type and f'"{witness}"'.encode() in bytes(event["body"])

        path.a_day(1, lose=lost)
        path.a_day(1)
        assert (outcomes(path), path.row(witness)["again"]) == (both(COSIGNED), 1)

    def test_a_witness_that_was_put_back(self, path):
        """It saw less than the host knows, and is shown the way from there."""
        path.a_day(1)
        old = list(path.board.database["witnessed"].find())
        path.a_day(1)
        path.board.database["witnessed"].delete_many({})
        path.board.database["witnessed"].insert_many(old)
        path.a_day(1)
        assert (outcomes(path), path.row("board")["again"]) == (both(COSIGNED), 1)

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_killed_at_each_commit(self, path, when):
        """Nothing is offered twice and nothing is lost."""
        for at in range(1, 11):
            path.next_day()
            path.killer = Killer(at=at, when=when)
            try:
                path.offer()
            except KilledError:
                path.kills += 1
                path.offer()
            path.carry()
            assert path.audit["alder"].database["witness_days"].count_documents({}) == at
            assert LogTree(path.audit["alder"].database).size() == at * BLOCK
            assert (outcomes(path), late(path)) == (both(COSIGNED), 0)
        assert path.kills >= 6
        path.killer = Killer()
        assert Signing(path.audit["alder"].context).look()[0].size == 10 * BLOCK


def test_nobody_is_asked_where_there_is_no_way_to_them(path):
    """Of a sandbox and of the centre nothing leaves."""
    context = path.audit["alder"].context
    assert [one.name for one in jobs(context)] == ["witnesses", "witnesses-late"]
    assert jobs(type(context)("sandboxalder", "audit", context.settings)) == []
