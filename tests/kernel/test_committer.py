"""The committer: one refusal costs one answer, a lost answer runs nothing twice, a conflict is called a conflict."""

import threading
from concurrent.futures import Future
from dataclasses import replace

import pytest
from pymongo.client_session import ClientSession
from pymongo.errors import AutoReconnect, ServerSelectionTimeoutError

from shared.kernel import ids
from shared.kernel.errors import RuleViolationError
from shared.kernel.ids import event_id_us, new_id
from shared.outbox import _together as together_module
from shared.outbox import _transactions as transactions
from shared.outbox import committer as committer_module
from shared.outbox._overload import DatabaseAwayError, OutcomeUnknownError
from shared.outbox._transactions import WriteConflictError
from shared.outbox.commands import Answer, Command, KeyInFlightError, KeyReusedError
from shared.outbox.unit_of_work import DuplicateIdError, StaleVersionError
from tests.kit.kernel_rig import EFFECTS, open_episode

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


def refuse(_work):
    raise RuleViolationError("no")


def insert(document_id, collection=EFFECTS, **fields):
    def run(work):
        work.insert(collection, {"_id": document_id, **fields})
        return Answer(status=201)

    return Command(run=run)


def touch(document_id, key=None):
    """Write the next version of a document."""

    def run(work):
        document = work.get(EFFECTS, document_id)
        work.replace(EFFECTS, document)
        return Answer(status=200)

    command = open_episode(key=key)
    return Command(run=run, idempotency=command.idempotency)


@pytest.fixture
def transactions_run(monkeypatch):
    """How many transactions were begun."""
    count = {"n": 0}
    real = together_module.transaction

    def counted(client):
        count["n"] += 1
        return real(client)

    monkeypatch.setattr(together_module, "transaction", counted)
    return count


def answers(committer, commands):
    """Commit commands as one group; give each one's answer or error."""
    group = [(command, Future()) for command in commands]
    committer._commit(group)
    return [future.exception(timeout=30) or future.result() for _, future in group]


class TestRefusals:
    @pytest.mark.parametrize("refused", [{0}, {17, 49}])
    def test_a_refusal_costs_its_own_answer(self, store, transactions_run, refused):
        """Of 50 commands some are refused: those alone are run again, the others once more together."""
        commands = [Command(run=refuse) if n in refused else open_episode() for n in range(50)]
        found = answers(store.committer(), commands)
        assert {n for n, answer in enumerate(found) if isinstance(answer, RuleViolationError)} == refused
        assert store.database[EFFECTS].count_documents({}) == 50 - len(refused)
        assert transactions_run["n"] == 2 + len(refused)

    def test_a_duplicate_at_the_end_harms_no_neighbour(self, store, transactions_run):
        """What only the database refuses is found by halves."""
        one = new_id()
        store.committer().execute(insert(one))
        transactions_run["n"] = 0
        found = answers(store.committer(), [*(open_episode() for _ in range(31)), insert(one)])
        assert [type(answer) for answer in found] == [Answer] * 31 + [DuplicateIdError]
        assert transactions_run["n"] < 20

    def test_an_id_that_is_there_is_no_database_that_is_away(self, store):
        """It is refused as such, so that nobody repeats it for ever."""
        one = new_id()
        store.committer().execute(insert(one))
        with pytest.raises(DuplicateIdError) as refused:
            store.committer().execute(insert(one))
        assert (refused.value.code, one in str(refused.value)) == ("already-there", False)


class TestLostAnswers:
    @pytest.fixture
    def lose(self, monkeypatch):
        """Loses the answers of so many commits, which were all carried out."""
        real, left = ClientSession._finish_transaction_with_retry, {"n": 0}

        def commit_then_lose(session, command_name):
            result = real(session, command_name)
            if command_name == "commitTransaction" and left["n"] > 0:
                left["n"] -= 1
                raise AutoReconnect("answer lost")
            return result

        monkeypatch.setattr(ClientSession, "_finish_transaction_with_retry", commit_then_lose)
        return left

    def test_the_commit_is_asked_for_again_not_the_command(self, store, lose):
        """One effect, though the command knows nothing of an earlier run."""
        lose["n"] = 2

        def run(work):
            work.insert(EFFECTS, {"_id": new_id()})
            return Answer(status=200)

        assert store.committer().execute(Command(run=run)).status == 200
        assert store.database[EFFECTS].count_documents({}) == 1

    def test_an_outcome_that_stays_unknown_is_told_and_nothing_runs_twice(self, store, lose, monkeypatch):
        """Without a key nobody can tell a second run from the first."""
        monkeypatch.setattr(transactions, "COMMIT_LIMIT_S", 0.2)
        lose["n"] = 1_000
        with pytest.raises(OutcomeUnknownError):
            store.committer().execute(open_episode())
        assert store.database[EFFECTS].count_documents({}) == 1

    def test_with_a_key_the_stored_answer_is_found(self, store, lose, monkeypatch):
        """The command recognises itself."""
        monkeypatch.setattr(transactions, "COMMIT_LIMIT_S", 0.1)
        lose["n"] = 3
        answer = store.committer().execute(open_episode(key="k"))
        lose["n"] = 0
        assert (answer.status, store.database[EFFECTS].count_documents({})) == (201, 1)

    def test_a_database_that_is_away_is_told_to_all_at_once(self, store, monkeypatch):
        """Nobody waits for his neighbours' tries: 40 commands cost no more than one."""
        tries = []

        def away(_client):
            tries.append(1)
            raise ServerSelectionTimeoutError("away")

        monkeypatch.setattr(together_module, "transaction", away)
        monkeypatch.setattr(committer_module, "_ATTEMPTS_TOGETHER", 2)
        found = answers(store.committer(), [open_episode() for _ in range(40)])
        assert {type(answer) for answer in found} == {DatabaseAwayError}
        assert len(tries) == 2


class TestKeys:
    def test_a_key_gives_its_first_answer_and_does_nothing_again(self, store):
        """The stored answer, marked as a repeat."""
        committer = store.committer()
        first = committer.execute(open_episode(key="k"))
        again = committer.execute(open_episode(key="k"))
        assert (again.ids, again.replayed) == (first.ids, True)
        assert store.database[EFFECTS].count_documents({}) == 1

    def test_a_key_is_for_one_body(self, store):
        """Another one under it is refused, and never answered with what the first one did."""
        committer = store.committer()
        committer.execute(open_episode(key="k"))
        other = open_episode(key="k")
        other = replace(other, idempotency=replace(other.idempotency, fingerprint="0" * 64))
        with pytest.raises(KeyReusedError):
            committer.execute(other)
        assert store.database[EFFECTS].count_documents({}) == 1


class TestConflicts:
    def hold(self, store, change):
        """Change something in a transaction that stays open."""
        session = store.client.start_session()
        session.start_transaction()
        change(session)
        return session

    def test_a_busy_entry_is_no_key_in_flight(self, store):
        """Another's open transaction on the same entry: 503 and repeat, and nothing of 'still being carried out'."""
        one = new_id()
        store.committer().execute(insert(one))
        held = self.hold(
            store, lambda s: store.database[EFFECTS].update_one({"_id": one}, {"$set": {"x": 1}}, session=s)
        )
        with held, pytest.raises(WriteConflictError):
            store.committer().execute(touch(one, key="k"))

    def test_a_key_that_another_carries_out_now_is_in_flight(self, store):
        """The conflict is on the key's own row."""
        row = {"_id": "tester:k", "fingerprint": "f" * 64, "status": 201, "ids": {}}
        held = self.hold(store, lambda s: store.database["idempotency"].insert_one(row, session=s))
        with held, pytest.raises(KeyInFlightError):
            store.committer().execute(open_episode(key="k"))

    def test_a_conflict_that_passes_is_not_told(self, store):
        """Four threads change one entry: all succeed, none is lost."""
        one = new_id()
        store.committer().execute(insert(one))
        committers = [store.committer() for _ in range(4)]
        threads = [threading.Thread(target=lambda c=c: [c.execute(touch(one)) for _ in range(5)]) for c in committers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert store.database[EFFECTS].find_one({"_id": one})["version"] == 21


class TestUnitOfWork:
    def test_a_version_that_is_not_the_stored_one_is_refused(self, store):
        """Whoever read an older version writes nothing, and nothing that went with it stands."""
        committer = store.committer()
        committer.execute(insert("one"))
        committer.execute(touch("one"))

        def late(work):
            work.insert(EFFECTS, {"_id": "beside"})
            work.replace(EFFECTS, {**work.get(EFFECTS, "one"), "version": 1})
            return Answer(status=200)

        with pytest.raises(StaleVersionError):
            committer.execute(Command(run=late))
        assert [(d["_id"], d["version"]) for d in store.database[EFFECTS].find()] == [("one", 2)]

    def test_what_is_deleted_and_made_anew_stands(self, store):
        """In one transaction, also when it is then changed once more."""
        one = new_id()
        store.committer().execute(insert(one))

        def again(work):
            work.delete(EFFECTS, one)
            work.insert(EFFECTS, {"_id": one, "new": True})
            work.replace(EFFECTS, {**work.get(EFFECTS, one), "newer": True})
            return Answer(status=200)

        store.committer().execute(Command(run=again))
        found = store.database[EFFECTS].find_one({"_id": one})
        assert (found["new"], found["newer"]) == (True, True)

    def test_rows_of_one_aggregate_ascend_when_clocks_differ(self, store, monkeypatch):
        """Also for a store that builds its document anew, without what the kernel keeps in it."""
        episode = new_id()
        store.committer().execute(open_episode(episode_id=episode))
        behind = ids.time.time_ns
        monkeypatch.setattr(ids, "_last_us", 0)
        monkeypatch.setattr(ids.time, "time_ns", lambda: behind() - 2_000_000_000)
        opened = open_episode(episode_id=episode, sequence=2)

        def change(work):
            version = work.get(EFFECTS, episode)["version"]
            work.replace(EFFECTS, {"_id": episode, "version": version})
            return opened.run(work)

        store.committer().execute(Command(run=change))
        rows = store.database["outbox"].find().sort("_id", 1)
        sequences = [e["sequence"] for row in rows for e in row["events"] if e["type"].endswith("opened.v1")]
        assert sequences == [1, 2]

    def test_a_document_that_was_sent_early_keeps_the_order_too(self, store):
        """A query in the middle of a transaction sends what is buffered; the row that follows is later still."""
        episode = new_id()
        opened = open_episode(episode_id=episode)

        def run(work):
            answer = opened.run(work)
            work.find_where(EFFECTS, {})
            return answer

        store.committer().execute(Command(run=run))
        (row,) = store.database["outbox"].find()
        assert store.database[EFFECTS].find_one({"_id": episode})["row_us"] >= event_id_us(row["_id"])

    def test_a_quiet_change_keeps_the_order(self, store):
        """A transaction that states nothing does not forget when the last one did."""
        episode = new_id()
        store.committer().execute(open_episode(episode_id=episode))
        before = store.database[EFFECTS].find_one({"_id": episode})["row_us"]

        def run(work):
            work.replace(EFFECTS, {"_id": episode, "version": work.get(EFFECTS, episode)["version"]})
            return Answer(status=200)

        store.committer().execute(Command(run=run))
        assert store.database[EFFECTS].find_one({"_id": episode})["row_us"] == before


def test_a_committer_that_dies_ends_its_process(store, monkeypatch):
    """A fault of ours in its thread is not survived by a process that goes on taking commands."""
    ended = threading.Event()

    def fail(*_arguments):
        raise KeyError("a fault of ours")

    monkeypatch.setattr(threading, "excepthook", lambda _arguments: None)
    committer = store.committer(on_death=ended.set)
    monkeypatch.setattr(committer, "_commit", fail)
    committer.submit(open_episode())
    assert ended.wait(10)


def test_the_process_ends_with_75(monkeypatch):
    """So that whoever started it starts it again."""
    codes = []
    monkeypatch.setattr(committer_module.os, "_exit", codes.append)
    committer_module._end_process()
    assert codes == [75]


def test_a_lasting_error_is_no_database_that_is_away(store):
    """What is too large stays too large."""
    with pytest.raises(Exception, match=r"(?i)large|size") as refused:
        store.committer().execute(insert(new_id(), text="x" * 17_000_000))
    assert not isinstance(refused.value, DatabaseAwayError)
