"""The log is signed in time, and never again once it contradicts what was signed."""

from datetime import timedelta

import pytest
from pymongo.errors import OperationFailure

from services.audit.checkpoints import signing
from services.audit.checkpoints.signing import ClockBehindError, LogContradictedError, Signing
from services.audit.tree.appending import append_waiting
from services.audit.tree.keeping import SOON
from services.audit.tree.reading import LogTree
from services.audit.tree.sweeping import sweep
from shared.bus.topology import topology_of
from shared.runtime.context import ConfigurationError
from shared.runtime.facts import Fact
from shared.runtime.looking import Times, of_database
from shared.transparency.log_key import LogKey
from shared.transparency.notes import NoteRefusedError, origin_of, read_checkpoint
from tests.kit.audited import COLLECTIONS, NOON, batch_of, hear


def grow(context, count):
    """Let so many leaves come into the log."""
    hear(context, batch_of(count))
    append_waiting(context)


def public(context):
    return LogKey.load(signing.log_key_file(context)).public(origin_of(context.tenant_id))


def overdue(context, database, at):
    """What doctor, pages and alerts are told of."""
    times = Times(now=at, up_s=0.0)
    seen = of_database(database, context.tenant_id, "audit", topology_of(context.tenant_id), times)
    return {one.about for one in seen if one.fact == Fact.OVERDUE and one.is_wrong}


class TestWhen:
    def test_each_minute_in_which_it_grew(self, place, context, database):
        """Not more often, and not while nothing happens; each goes on from the one before."""
        place.at(NOON)
        grow(context, 3)
        signer = Signing(context)
        first = signer.run()
        assert (first.size, first.root) == (3, LogTree(database).root(3))
        grow(context, 2)
        assert signer.run() is None
        place.at(NOON + timedelta(seconds=61))
        second = signer.run()
        assert (second.size, signer.run()) == (5, None)
        notes = [one["note"] for one in database["checkpoints"].find().sort("at", 1)]
        assert [read_checkpoint(note, public(context)) for note in notes] == [first, second]
        place.at(NOON + timedelta(hours=2))
        assert signer.run() is None

    def test_a_thousand_new_leaves_wait_for_no_minute(self, place, context):
        """However fast they come."""
        place.at(NOON)
        grow(context, 1)
        signer = Signing(context)
        signer.run()
        grow(context, 999)
        assert signer.run() is None
        grow(context, 1)
        assert signer.run().size == 1001

    def test_once_a_day_also_when_nothing_happened(self, place, context):
        """So a log that stands still says so itself."""
        place.at(NOON)
        grow(context, 1)
        Signing(context).run()
        place.at(NOON + timedelta(hours=23))
        assert Signing(context).run() is None
        place.at(NOON + timedelta(hours=25))
        assert Signing(context).run().size == 1

    def test_never_as_of_a_time_before_the_last_one(self, place, context):
        """A clock that was put back dates nothing back; it is said, and what is not signed is overdue soon."""
        place.at(NOON)
        grow(context, 1)
        Signing(context).run()
        place.at(NOON - timedelta(hours=1))
        assert Signing(context).run() is None
        grow(context, 2_000)
        with pytest.raises(ClockBehindError, match="2026-08-01 12:00:00 UTC"):
            Signing(context).run()

    def test_a_log_in_which_nothing_stands_yet(self, context, database):
        """Also once a job looked for entries of before."""
        sweep(context)
        assert database["heads"].count_documents({}) == 1
        assert Signing(context).run().size == 0

    def test_the_newest_is_found_without_reading_them_all(self, context, database):
        """There are more each minute."""
        grow(context, 1)
        Signing(context).run()
        plan = database["checkpoints"].find().sort([("at", -1), ("size", -1)]).limit(1).explain()
        stages = str(plan["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in stages
        assert "'SORT'" not in stages


class TestTwoAtOnce:
    @pytest.fixture
    def pair(self, place, context):
        """Two processes that sign one log, as while the one takes over from the other."""
        place.at(NOON)
        grow(context, 3)
        first, second = Signing(context), Signing(context)
        first.run()
        place.at(NOON + timedelta(seconds=61))
        grow(context, 2)
        return first, second

    def test_what_the_other_signed_meanwhile_is_no_contradiction(self, context, pair):
        """The log is as large as that at least."""
        first, second = pair
        read = first.last

        def late():
            grow(context, 1)
            second.run()
            return read()

        first.last = late
        assert first.run() is None
        assert read().size == 6

    def test_nothing_smaller_is_signed_after_it(self, place, context, pair):
        """Whoever kept the greater one would take the log for one that was cut."""
        first, second = pair
        key = first._key

        class Slow:
            def sign(self, checkpoint):
                grow(context, 1)
                place.at(NOON + timedelta(seconds=60))
                second.run()
                return key.sign(checkpoint)

        first._key = Slow()
        assert first.run() is None
        assert first.last().size == 6


class TestDoctorKnows:
    def test_what_is_not_signed_in_time_is_overdue(self, place, context, database):
        """From ten minutes on, and no longer once it is signed; what waits for its place likewise."""
        place.at(NOON)
        grow(context, 1)
        assert overdue(context, database, NOON + SOON - timedelta(minutes=1)) == set()
        assert overdue(context, database, NOON + SOON + timedelta(minutes=1)) == {"heads"}
        Signing(context).run()
        assert overdue(context, database, NOON + timedelta(days=1)) == set()
        hear(context, batch_of(1))
        assert overdue(context, database, NOON + SOON + timedelta(minutes=1)) == {"waiting"}

    def test_a_clock_that_was_ahead_puts_nothing_off(self, place, context, database):
        """What came while it was ahead is due as soon as what comes now."""
        place.at(NOON + timedelta(days=365))
        grow(context, 1)
        place.at(NOON)
        grow(context, 1)
        assert overdue(context, database, NOON + SOON + timedelta(minutes=1)) == {"heads"}

    def test_a_log_that_stands_still_and_is_not_what_was_signed(self, place, context, database):
        """Nothing waits for a signature, and doctor says it all the same, until it is mended."""
        place.at(NOON)
        grow(context, 3)
        signer = Signing(context)
        signer.run()
        was = database["tiles"].find_one({"_id": "0/0"})["hashes"]
        change(database)
        place.at(later := NOON + timedelta(hours=2))
        with pytest.raises(LogContradictedError):
            signer.run()
        assert overdue(context, database, later + timedelta(minutes=1)) == {"heads"}
        database["tiles"].update_one({"_id": "0/0"}, {"$set": {"hashes": was}})
        assert signer.run().size == 3
        assert overdue(context, database, later + timedelta(days=1)) == set()


def cut(database):
    """Somebody takes the newest entries away, with everything that knows of them."""
    stretch = database["stretches"].find_one(sort=[("first", -1)])
    database["stretches"].delete_one({"_id": stretch["_id"]})
    database["heads"].update_one({}, {"$set": {"size": stretch["first"]}})
    tile = database["tiles"].find_one({"_id": "0/0"})
    database["tiles"].update_one({"_id": "0/0"}, {"$set": {"hashes": tile["hashes"][: 32 * stretch["first"]]}})


def change(database):
    """Somebody changes a leaf's hash."""
    tile = bytearray(database["tiles"].find_one({"_id": "0/0"})["hashes"])
    tile[0] ^= 1
    database["tiles"].update_one({"_id": "0/0"}, {"$set": {"hashes": bytes(tile)}})


def swap(database):
    """Somebody puts two leaves in each other's place."""
    tile = database["tiles"].find_one({"_id": "0/0"})["hashes"]
    database["tiles"].update_one({"_id": "0/0"}, {"$set": {"hashes": tile[32:64] + tile[:32] + tile[64:]}})


class TestContradictions:
    @pytest.mark.parametrize("tamper", [cut, change, swap])
    def test_a_log_that_was_tampered_with_is_not_signed_any_more(self, place, context, database, tamper):
        """By the checkpoint in the database; and doctor says so soon."""
        place.at(NOON)
        for count in (3, 2):
            grow(context, count)
        signer = Signing(context)
        signer.run()
        tamper(database)
        place.at(NOON + timedelta(minutes=2))
        grow(context, 1)
        with pytest.raises(LogContradictedError):
            signer.run()
        assert database["checkpoints"].count_documents({}) == 1
        assert overdue(context, database, NOON + timedelta(minutes=2) + SOON + timedelta(minutes=1)) == {"heads"}

    def test_an_old_copy_of_the_whole_database_is_noticed(self, place, context, database):
        """The last checkpoint lies beside the database too; who puts both back must still meet those that others kept."""
        place.at(NOON)
        grow(context, 3)
        Signing(context).run()
        before = {name: list(database[name].find()) for name in COLLECTIONS}
        place.at(NOON + timedelta(minutes=2))
        grow(context, 3)
        Signing(context).run()
        for name, documents in before.items():
            database[name].delete_many({})
            if documents:
                database[name].insert_many(documents)
        with pytest.raises(LogContradictedError, match="audit-checkpoint says otherwise"):
            Signing(context).run()
        # The same number of entries again makes no difference.
        grow(context, 3)
        with pytest.raises(LogContradictedError):
            Signing(context).run()

    def test_a_new_key_signs_nothing_over_an_old_ones_checkpoints(self, place, context, tmp_path, monkeypatch):
        """Whoever replaces the key cannot go on as if nothing had happened."""
        place.at(NOON)
        grow(context, 3)
        Signing(context).run()
        other = tmp_path / "log.key"
        other.write_text(LogKey.draw().text)
        other.chmod(0o600)
        monkeypatch.setattr(signing, "log_key_file", lambda _context: other)
        with pytest.raises(NoteRefusedError):
            Signing(context).run()

    def test_the_services_own_user_can_change_no_checkpoint(self, place, context):
        """They are added to and read."""
        grow(context, 1)
        Signing(context).run()
        own = context.client[context.database_name]["checkpoints"]
        for forbidden in (lambda: own.delete_many({}), lambda: own.update_many({}, {"$set": {"x": 1}})):
            with pytest.raises(OperationFailure, match="not authorized"):
                forbidden()

    def test_without_a_key_it_says_what_is_missing(self, context):
        """And nothing is drawn in its place."""
        settings = context.settings
        without = type(context)(
            context.tenant_id, "audit", type(settings)(**{**settings.__dict__, "extra": {}})
        )  # fmt: skip
        with pytest.raises(ConfigurationError, match="names no key of the log"):
            signing.log_key_file(without)


def test_a_leaf_that_comes_while_it_is_signed_is_still_due(place, context, database, monkeypatch):
    """Only a signature over everything says that nothing is due."""
    place.at(NOON)
    grow(context, 1)
    whole = signing._write

    def late(path, note):
        grow(context, 1)
        return whole(path, note)

    monkeypatch.setattr(signing, "_write", late)
    signer = Signing(context)
    signer.run()
    assert overdue(context, database, NOON + SOON + timedelta(minutes=1)) == {"heads"}
    place.at(NOON + timedelta(minutes=2))
    assert signer.run().size == 2
