import contextlib
import threading
import time
import uuid

import pytest
from pymongo import MongoClient

from shared.kernel.errors import TemporarilyUnavailableError
from shared.kernel.tenancy import TenantId
from shared.keys.escrow import EscrowIsNewerError, FileEscrowSlot, escrow_version
from shared.keys.fields import decrypt_field, encrypt_field
from shared.keys.key_file import decode
from shared.keys.key_table import ErasureStep, KeyTable
from shared.keys.rotation import KeyErasure, OldRowsRemainError
from shared.keys.survivor_keys import (
    KeyDestroyedError,
    KeyTableOutdatedError,
    SurvivorKeys,
    boot_seconds,
    verify_key_table,
)
from shared.keys.tenant_key import TenantKeyFile, UnknownGenerationError, WrappedKey

HARBOUR = TenantId("harbour")
STEPS = (
    ErasureStep.IDLE,
    ErasureStep.BEGUN,
    ErasureStep.ROWS_DELETED,
    ErasureStep.NEXT_PREPARED,
    ErasureStep.SWITCHED,
    ErasureStep.SETTLED,
    ErasureStep.REWRAPPED,
    ErasureStep.OLD_DESTROYED,
)


class Killed(BaseException):
    """Stands for the end of the process: nothing in the product catches it."""


class Clock:
    now = 100.0

    def __call__(self):
        """Give the time that the test has set."""
        return self.now


@pytest.fixture(scope="module")
def client(engines):
    with MongoClient(engines.mongod.admin_uri()) as client:
        yield client


@pytest.fixture
def database(client):
    name = f"as_t{uuid.uuid4().hex[:12]}_keys"
    yield client[name]
    client.drop_database(name)


@pytest.fixture
def key(tmp_path, database):
    key = TenantKeyFile.create(tmp_path / "tenant.key", HARBOUR)
    KeyTable(database).prepare(key.generation)
    return key


@pytest.fixture
def slot(tmp_path, key):
    slot = FileEscrowSlot(tmp_path / "escrow", seal=lambda content: content)
    slot.replace(version=escrow_version(1, final=True), content=key.escrow_copy())
    return slot


@pytest.fixture
def keys(database, key):
    return SurvivorKeys(database, key)


def new_ids(count):
    return [str(uuid.uuid4()) for _ in range(count)]


def make_erasure(database, key, slot, wait=lambda _: None):
    return KeyErasure(database, key, slot, wait=wait)


def generations_in(slot, tmp_path):
    return sorted(decode(slot.sealed_copy(), tmp_path, HARBOUR).wrapping)


class TestMakingKeys:
    def test_a_thousand_keys_are_made_at_once_and_stay_the_same(self, database, key, keys):
        """An import of 1,000 rows makes its keys in one go; every process reads the same."""
        ids = new_ids(1000)
        began = time.perf_counter()
        made = keys.get_or_create_many(ids)
        print(f"1,000 keys in {time.perf_counter() - began:.3f} s")

        assert len(set(made.values())) == 1000
        assert {len(dek) for dek in made.values()} == {32}
        assert SurvivorKeys(database, key).get_many(ids) == made
        assert keys.get_or_create_many([*ids, *new_ids(1)]).items() >= made.items()

    def test_the_table_never_holds_a_key_in_the_open(self, database, keys):
        """What lies in the database is wrapped."""
        made = keys.get_or_create_many(new_ids(3))

        stored = b"".join(row["wrapped"] for row in database["survivor_keys"].find())
        assert not [dek for dek in made.values() if dek in stored]

    def test_processes_that_make_the_same_keys_agree(self, database, key):
        """Two imports of overlapping rows at one moment: one key each person."""
        ids = new_ids(200)
        results = []
        start = threading.Barrier(4)

        def work():
            own = SurvivorKeys(database, key)
            start.wait()
            results.append(own.get_or_create_many(ids))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(results) == 4
        assert all(result == results[0] for result in results)

    def test_in_a_transaction_that_aborts_nothing_stays(self, client, database, keys):
        """A key made inside a transaction is not cached, for the transaction may yet abort."""
        [survivor] = new_ids(1)
        with client.start_session() as session:
            with session.start_transaction():
                inside = keys.get_or_create_many([survivor], session)
                session.abort_transaction()

            with pytest.raises(KeyDestroyedError):
                keys.get(survivor)
            assert keys.get_or_create_many([survivor]) != inside

    def test_in_transactions_two_first_writers_agree_in_the_end(self, client, database, key):
        """The driver runs the loser again, which then reads the winner's key."""
        [survivor] = new_ids(1)
        start = threading.Barrier(3)
        results = []

        def work():
            own = SurvivorKeys(database, key)
            start.wait()
            with client.start_session() as session:
                results.append(session.with_transaction(lambda s: own.get_or_create_many([survivor], s)[survivor]))

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(results) == 3
        assert set(results) == {SurvivorKeys(database, key).get(survivor)}

    def test_an_unknown_survivor_has_no_key(self, keys):
        """Reading never makes a key; what exists is found beside what does not."""
        known, unknown = new_ids(2)
        keys.get_or_create_many([known])

        with pytest.raises(KeyDestroyedError) as caught:
            keys.get_many([known, unknown])
        assert caught.value.survivor_ids == (unknown,)
        assert keys.find_many([known, unknown]).keys() == {known}


class TestForgetting:
    def test_what_was_sealed_stays_closed_and_no_new_key_is_made(self, database, key, keys):
        """After an erasure no late message gives the person a key again."""
        erased, other = new_ids(2)
        keys.get_or_create_many([erased, other])

        keys.forget(erased)
        keys.forget(erased)

        for process in (keys, SurvivorKeys(database, key)):
            with pytest.raises(KeyDestroyedError):
                process.get(erased)
            with pytest.raises(KeyDestroyedError) as caught:
                process.get_or_create_many([erased, other])
            assert caught.value.survivor_ids == (erased,)
            assert process.get(other)

    def test_another_processs_cached_key_dies_within_five_seconds(self, database, key, keys):
        """No message is needed, and use under load does not keep the key alive."""
        clock = Clock()
        busy = SurvivorKeys(database, key, clock=clock)
        [survivor] = new_ids(1)
        busy.get_or_create_many([survivor])
        keys.forget(survivor)

        lived = 0.0
        while busy.find_many([survivor]) and lived < 20:
            clock.now += 0.125
            lived += 0.125
        assert lived <= 5

    def test_a_longer_cache_cannot_be_asked_for(self, database, key):
        """The erasure's waiting time counts on five seconds."""
        clock = Clock()
        greedy = SurvivorKeys(database, key, cache_s=3600, clock=clock)
        [survivor] = new_ids(1)
        greedy.get_or_create_many([survivor])
        greedy.forget(survivor)
        greedy._cache.keep({survivor: b"k"}, read_at=clock.now)
        clock.now += 5

        with pytest.raises(KeyDestroyedError):
            greedy.get(survivor)

    def test_the_clock_is_real_and_only_grows(self):
        """The business clock's offset has no say in a key's life."""
        assert boot_seconds() <= boot_seconds()
        assert abs(boot_seconds() - time.clock_gettime(time.CLOCK_BOOTTIME)) < 1

    def test_a_key_made_at_the_same_moment_does_not_survive(self, database, key, keys):
        """Whoever makes a key while the person is erased is refused, or the row is deleted after."""
        for _ in range(10):
            [survivor] = new_ids(1)
            start = threading.Barrier(2)

            def make(survivor=survivor, start=start):
                start.wait()
                with contextlib.suppress(KeyDestroyedError):
                    SurvivorKeys(database, key).get_or_create_many([survivor])

            thread = threading.Thread(target=make)
            thread.start()
            start.wait()
            keys.forget(survivor)
            thread.join()

            with pytest.raises(KeyDestroyedError):
                SurvivorKeys(database, key).get_or_create_many([survivor])


class TestErasure:
    def test_old_copies_of_the_row_stay_closed_and_everybody_else_reads_on(self, tmp_path, database, key, keys, slot):
        """A copy of the row from oplog or backup opens under no key that still exists."""
        erased, *others = new_ids(30)
        before = keys.get_or_create_many([erased, *others])
        sealed = encrypt_field(before[others[0]], "kept", tenant="harbour", survivor_id=others[0], field="f")
        backup = database["survivor_keys"].find_one({"_id": erased})
        keys.forget(erased)

        state = make_erasure(database, key, slot).run()

        assert (state.generation, state.step) == (2, ErasureStep.IDLE)
        with pytest.raises(UnknownGenerationError):
            key.unwrap(WrappedKey(generation=backup["generation"], data=bytes(backup["wrapped"])))
        fresh = SurvivorKeys(database, TenantKeyFile.load(tmp_path / "tenant.key", HARBOUR))
        after = fresh.get_many(others)
        assert after == {id_: before[id_] for id_ in others}
        assert decrypt_field(after[others[0]], sealed, tenant="harbour", survivor_id=others[0], field="f") == b"kept"
        assert generations_in(slot, tmp_path) == [2]
        assert database["erasures"].find_one({"_id": erased})["closed_by"] == 2

    def test_without_a_waiting_erasure_nothing_changes(self, database, key, keys, slot):
        """The timer may ask as often as it likes."""
        keys.get_or_create_many(new_ids(1))

        assert make_erasure(database, key, slot).run().generation == 1
        assert key.generation == 1

    @pytest.mark.parametrize("recorded", [True, False], ids=["after its record", "before its record"])
    @pytest.mark.parametrize("killed_after", STEPS)
    def test_a_kill_after_any_step_resumes(
        self, tmp_path, database, key, keys, slot, monkeypatch, killed_after, recorded
    ):
        """Killed after each step, before or after it is recorded, a new process completes the erasure."""
        erased, *others = new_ids(20)
        before = keys.get_or_create_many([erased, *others])
        backup = database["survivor_keys"].find_one({"_id": erased})
        keys.forget(erased)
        advance = KeyTable.advance

        def die(table, old, new):
            if old.step is killed_after:
                if recorded:
                    advance(table, old, new)
                raise Killed
            advance(table, old, new)

        with monkeypatch.context() as patch:
            patch.setattr(KeyTable, "advance", die)
            with pytest.raises(Killed):
                make_erasure(database, key, slot).run()

        # Everybody else works on at this very moment, in processes old and new.
        reloaded = TenantKeyFile.load(tmp_path / "tenant.key", HARBOUR)
        verify_key_table(database, reloaded)
        newcomer = new_ids(1)
        newcomers_key = SurvivorKeys(database, reloaded).get_or_create_many(newcomer)
        assert SurvivorKeys(database, reloaded).get_many(others) == {id_: before[id_] for id_ in others}

        state = make_erasure(database, reloaded, slot).run()

        assert (state.generation, state.step, reloaded.generation) == (2, ErasureStep.IDLE, 2)
        fresh = SurvivorKeys(database, TenantKeyFile.load(tmp_path / "tenant.key", HARBOUR))
        assert fresh.get_many(others) == {id_: before[id_] for id_ in others}
        assert fresh.get_many(newcomer) == newcomers_key
        with pytest.raises(KeyDestroyedError):
            fresh.get(erased)
        with pytest.raises(UnknownGenerationError):
            reloaded.unwrap(WrappedKey(generation=backup["generation"], data=bytes(backup["wrapped"])))
        assert generations_in(slot, tmp_path) == [2]

    def test_a_kill_in_the_middle_of_rewrapping_resumes(self, database, key, keys, slot, monkeypatch):
        """Half the rows re-wrapped is a state like any other."""
        monkeypatch.setattr("shared.keys.rotation.REWRAP_ROWS", 7)
        erased, *others = new_ids(40)
        before = keys.get_or_create_many([erased, *others])
        keys.forget(erased)
        rewrap = KeyTable.rewrap
        done = []

        def die(table, changes, session=None):
            if len(done) == 2:
                raise Killed
            done.append(len(changes))
            rewrap(table, changes, session)

        with monkeypatch.context() as patch:
            patch.setattr(KeyTable, "rewrap", die)
            with pytest.raises(Killed):
                make_erasure(database, key, slot).run()
        assert database["survivor_keys"].count_documents({"generation": 2}) == 14

        make_erasure(database, key, slot).run()

        assert SurvivorKeys(database, key).get_many(others) == {id_: before[id_] for id_ in others}

    def test_it_waits_longer_than_cache_and_transaction_and_again_after_a_kill(self, database, key, keys, slot):
        """The wait is this process's own: a process killed while waiting leaves no shortened wait."""
        [erased] = new_ids(1)
        keys.get_or_create_many([erased])
        keys.forget(erased)
        waits = []

        def wait(seconds):
            waits.append(seconds)
            if len(waits) == 1:
                raise Killed

        with pytest.raises(Killed):
            make_erasure(database, key, slot, wait).run()
        make_erasure(database, key, slot, wait).run()

        assert waits == [20.0, 20.0]

    def test_it_is_not_done_before_escrow_answers(self, tmp_path, database, key, keys, slot):
        """A silent escrow leaves the erasure open; nothing is wrapped by a key that escrow lacks."""
        [erased] = new_ids(1)
        keys.get_or_create_many([erased])
        keys.forget(erased)
        answers = iter([False, True, False, True])

        class Moody:
            def replace(self, *, version, content):
                """Answer every other time."""
                if not next(answers):
                    raise TemporarilyUnavailableError("escrow is away")
                slot.replace(version=version, content=content)

        with pytest.raises(TemporarilyUnavailableError):
            make_erasure(database, key, Moody()).run()
        assert key.generation == 1
        with pytest.raises(TemporarilyUnavailableError):
            make_erasure(database, key, Moody()).run()
        assert KeyTable(database).open_erasures(10) == (erased,)
        assert generations_in(slot, tmp_path) == [1, 2]

        assert make_erasure(database, key, Moody()).run().step is ErasureStep.IDLE
        assert generations_in(slot, tmp_path) == [2]
        assert KeyTable(database).open_erasures(10) == ()

    def test_a_second_erasure_during_the_first_gets_a_key_of_its_own(self, database, key, keys, slot):
        """Who is erased while an erasure runs is not counted as done by it."""
        first, second = new_ids(2)
        keys.get_or_create_many([first, second])
        keys.forget(first)

        def forget_second(_seconds):
            keys.forget(second)

        state = make_erasure(database, key, slot, wait=forget_second).run()

        assert state.generation == 3
        closed = {row["_id"]: row["closed_by"] for row in database["erasures"].find()}
        assert closed == {first: 2, second: 3}

    def test_two_processes_at_once_do_it_once(self, database, key, keys, slot):
        """Two jobs by mistake neither lose a key nor fail another's erasure."""
        erased, *others = new_ids(30)
        before = keys.get_or_create_many([erased, *others])
        keys.forget(erased)
        start = threading.Barrier(2)
        states = []

        def work():
            erasure = make_erasure(database, key, slot, wait=lambda _: time.sleep(0.05))
            start.wait()
            try:
                states.append(erasure.run())
            except EscrowIsNewerError as refused:
                states.append(refused)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        # One may find that the other went further; it is told so, and changes nothing.
        assert len(states) == 2
        assert key.generation == KeyTable(database).state().generation == 2
        assert SurvivorKeys(database, key).get_many(others) == {id_: before[id_] for id_ in others}

    def test_keys_made_all_the_while_are_never_lost(self, database, key, keys, slot):
        """Imports run on during erasures; every key they were given opens afterwards."""
        given = {}
        failures = []
        stop = threading.Event()

        def work():
            own = SurvivorKeys(database, key, cache_s=0)
            try:
                while not stop.is_set():
                    given.update(own.get_or_create_many(new_ids(20)))
            except Exception as error:
                failures.append(error)
                raise

        thread = threading.Thread(target=work)
        thread.start()
        for _ in range(4):
            [erased] = new_ids(1)
            keys.get_or_create_many([erased])
            keys.forget(erased)
            # No waiting at all: the row's own check after its insert must carry it.
            make_erasure(database, key, slot).run()
        stop.set()
        thread.join()

        assert failures == []
        assert given
        assert SurvivorKeys(database, key).get_many(list(given)) == given

    def test_the_old_key_is_not_destroyed_while_a_row_needs_it(self, database, key, keys, slot, monkeypatch):
        """Rather an erasure that waits for a person than a row that nobody can open."""
        erased, other = new_ids(2)
        keys.get_or_create_many([erased, other])
        keys.forget(erased)
        old = database["survivor_keys"].find_one({"_id": other})
        erasure = make_erasure(database, key, slot)
        while erasure.step().step is not ErasureStep.REWRAPPED:
            pass
        database["survivor_keys"].replace_one({"_id": other}, old)

        with pytest.raises(OldRowsRemainError):
            erasure.run()

        assert SurvivorKeys(database, key).get(other)


class TestRestoring:
    def test_refuses_a_key_table_from_before_an_erasure(self, database, key, keys, slot):
        """A restore joins old data with the newest key table only."""
        [erased] = new_ids(1)
        keys.get_or_create_many([erased])
        backup = list(database["states"].find())
        keys.forget(erased)
        make_erasure(database, key, slot).run()
        verify_key_table(database, key)

        database["states"].replace_one({"_id": backup[0]["_id"]}, backup[0])

        with pytest.raises(KeyTableOutdatedError, match="newest key table"):
            verify_key_table(database, key)

    def test_refuses_a_key_file_from_before_an_erasure(self, tmp_path, database, key, keys, slot):
        """The old file would be of no use, and says so at the start."""
        [erased] = new_ids(1)
        keys.get_or_create_many([erased])
        (tmp_path / "old.key").touch(mode=0o600)
        (tmp_path / "old.key").write_bytes((tmp_path / "tenant.key").read_bytes())
        keys.forget(erased)
        make_erasure(database, key, slot).run()

        with pytest.raises(KeyTableOutdatedError, match="newest key file"):
            verify_key_table(database, TenantKeyFile.load(tmp_path / "old.key", HARBOUR))

    def test_refuses_a_table_that_was_never_prepared(self, client, key, database):
        """An empty database is no key table."""
        with pytest.raises(KeyTableOutdatedError):
            verify_key_table(client[f"as_t{uuid.uuid4().hex[:12]}_keys"], key)
