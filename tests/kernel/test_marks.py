"""A mark says no more than is so: by one clock, with what is applied read first, and also under steady load."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from shared.kernel import clock as clock_module
from shared.kernel.clock import BusinessClock, real_now, write_offset
from shared.outbox import _marks as marks_module
from shared.outbox import _server_clock as server_clock
from shared.outbox._overload import ClockWrongError
from shared.outbox._server_clock import ServerClock
from shared.outbox.committer import Answer, Command
from shared.outbox.machinery import MarkSender
from tests.kit.kernel_rig import EFFECTS, open_episode
from tests.kit.relaying import Written, relay, state, topology_of

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


def sender(store, **options):
    made = MarkSender(
        client=store.client, database=store.name, topology=topology_of(store), service="case", publisher=Written(),
        broker_user="x", clock=store.clock, **{"settle_s": 15.0, "every_s": 0.0, **options},
    )  # fmt: skip
    made.said = lambda: [json.loads(message.envelope.body) for message in made.publisher.messages]
    return made


def apply(store, through):
    """What a worker commits when a source's mark counts."""
    progress = {"contiguous": 1, "above": [], "applied_through": through, "source_applied": {}, "pending": []}
    store.database["streams"].replace_one({"_id": "identity"}, progress, upsert=True)


class TestApplied:
    def test_it_is_no_newer_than_the_numbers(self, store):
        """A worker commits a source's mark and a row that follows from it after the rows were read: not yet applied."""
        marks = sender(store)
        marks.before_read()
        apply(store, real_now())
        marks.on_drained(real_now(), {})
        assert marks.said()[0]["applied"] == []

    def test_it_is_said_once_the_rows_were_read_after_it(self, store):
        """The next mark says it; the relay asks before it reads."""
        marks = sender(store)
        through = real_now().replace(microsecond=0)
        apply(store, through)
        one = relay(store, before_read=marks.before_read, on_drained=marks.on_drained)
        one.step()
        assert [applied["source"] for applied in marks.said()[0]["applied"]] == ["identity"]

    def test_nothing_is_said_that_was_read_for_another_mark(self, store):
        """What was noted once is not said again later."""
        marks = sender(store)
        apply(store, real_now())
        marks.before_read()
        marks.on_drained(real_now(), {})
        marks.on_drained(real_now(), {})
        assert [len(mark["applied"]) for mark in marks.said()] == [1, 0]

    def test_a_mark_that_is_not_due_costs_no_read(self, store, monkeypatch):
        """An idle relay comes round once a second, and sends a mark once a minute."""
        marks = sender(store, every_s=60.0)
        marks.on_drained(real_now(), {})
        monkeypatch.setattr(marks, "_read_applied", lambda: pytest.fail("read for nothing"))
        marks.before_read()


def test_marks_leave_under_steady_load(store):
    """A relay that finds something to do each time it looks has still said what is complete."""
    said = []
    one = relay(store, on_drained=lambda _started, last: said.append(dict(last)))
    for number in range(1, 4):
        state(store)
        assert one.step() == 1
        assert said[-1]["consent"] == number


def test_no_mark_leaves_while_more_is_waiting(store):
    """A backlog of several batches: only the last of them is the end."""
    said = []
    one = relay(store, batch_events=2, on_drained=lambda _started, last: said.append(dict(last)))
    for _ in range(3):
        state(store)
    while one.step():
        pass
    assert {last["consent"] for last in said} == {3}


class Silent:
    @property
    def admin(self):
        raise server_clock.PyMongoError("silent")


class TestClocks:
    @pytest.fixture
    def wrong(self, monkeypatch):
        """Sets this machine's clock wrong by so many seconds, for the kernel alone."""
        real = clock_module.time

        def by(seconds):
            wrong = SimpleNamespace(time=lambda: real.time() + seconds, monotonic=real.monotonic)
            wrong.clock_gettime, wrong.CLOCK_BOOTTIME = real.clock_gettime, real.CLOCK_BOOTTIME
            monkeypatch.setattr(clock_module, "time", wrong)

        return by

    @pytest.mark.parametrize("seconds", [-1.5, 1.5])
    def test_what_is_recorded_bears_the_servers_time(self, store, wrong, seconds):
        """A second and a half either way on one machine: what is recorded bears the server's time, not its own."""
        wrong(seconds)
        began = datetime.now(UTC)
        store.committer().execute(open_episode())
        ended = datetime.now(UTC)
        (row,) = store.database["outbox"].find()
        assert began - timedelta(seconds=1) < row["recorded_at"] < ended + timedelta(seconds=1)

    @pytest.mark.parametrize("seconds", [-300, -20, 20, 300])
    def test_a_process_known_to_be_wrong_carries_out_no_command(self, store, wrong, seconds):
        """Either way: nothing is recorded, and the caller is told whom to ask; others' notes are kept."""
        committer = store.committer()
        wrong(seconds)
        with pytest.raises(ClockWrongError, match="set the clock"):
            committer.execute(open_episode())
        assert store.database["outbox"].count_documents({}) == 0

        def note(work):
            work.insert(EFFECTS, {"_id": "noted"})
            return Answer(status=200)

        assert committer.execute(Command(run=note, only_notes=True)).status == 200

    def test_a_clock_that_was_set_right_is_believed_at_once(self, store, wrong):
        """No restart is needed."""
        committer = store.committer()
        wrong(300)
        with pytest.raises(ClockWrongError):
            committer.execute(open_episode())
        wrong(0)
        committer.execute(open_episode())

    @pytest.mark.parametrize(("doubt_s", "is_wrong"), [(0.0, True), (0.9, True), (1.1, False)])
    def test_a_slow_answer_accuses_nobody(self, store, monkeypatch, doubt_s, is_wrong):
        """An answer that took two seconds may be a second off by itself; only what is beyond that counts."""
        clock = ServerClock(store.client, real_now)
        monkeypatch.setattr(clock, "skew_s", lambda: 3.0)
        clock._doubt_s = doubt_s
        assert clock.is_wrong() == is_wrong

    def test_who_does_not_know_its_skew_acts(self):
        """A database that cannot be asked refuses by itself; the clock is no second reason."""
        assert not ServerClock(Silent(), real_now).is_wrong()

    def test_a_wrong_clock_asks_again_soon_and_a_right_one_seldom(self, store, wrong):
        """One small question each ten seconds is all that it costs."""
        clock = ServerClock(store.client, real_now)
        clock.skew_s()
        assert clock._pause_s == server_clock._ASK_EVERY_S
        wrong(300)
        clock._asked_at = float("-inf")
        clock.skew_s()
        assert clock._pause_s == server_clock._ASK_AGAIN_S

    def test_the_business_clocks_offset_stays(self, store, wrong, tmp_path):
        """The server's time plus the offset of the whole stack, not the machine's."""
        write_offset(tmp_path / "clock.json", 1_000_000.0)
        before = real_now() + timedelta(seconds=1_000_000)
        wrong(-300)
        found = ServerClock(store.client, BusinessClock(tmp_path / "clock.json").now).now()
        assert abs((found - before).total_seconds()) < 20

    def test_a_clock_that_is_taken_for_real_time_never_runs_behind(self, store):
        """A ``now`` of another kind that is a minute late is not believed."""
        committer = store.committer(now=lambda: real_now() - timedelta(seconds=60))
        before = real_now()
        committer.execute(open_episode())
        (row,) = store.database["outbox"].find()
        assert row["recorded_at"] > before - timedelta(seconds=1)

    def test_a_clock_that_jumps_is_noticed_between_two_questions(self, store, wrong, monkeypatch):
        """The server is asked every ten seconds; meanwhile the time since the machine started goes on."""
        monkeypatch.setattr(server_clock, "_ASK_EVERY_S", 1e9)
        asked = ServerClock(store.client, real_now)
        assert asked.skew_s() == 0.0
        wrong(120)
        assert abs(asked.skew_s() - 120) < 5

    @pytest.mark.parametrize(("skew_s", "marks_sent"), [(0.0, 1), (1.9, 1), (2.1, 0), (-300.0, 0)])
    def test_a_machine_that_is_wrong_by_more_than_two_seconds_sends_no_mark(
        self, store, monkeypatch, skew_s, marks_sent
    ):
        """The mark grows old, and the alert says so."""
        monkeypatch.setattr(marks_module.ServerClock, "skew_s", lambda _self: skew_s)
        marks = sender(store)
        marks.on_drained(real_now(), {})
        assert len(marks.said()) == marks_sent

    def test_a_mark_lies_fifteen_seconds_behind_the_servers_clock(self, store, wrong):
        """Of the relay's machine, five minutes ahead, it knows nothing."""
        started = []
        one = relay(store, on_drained=lambda at, _last: started.append(at))
        before = real_now()
        wrong(300)
        one.step()
        assert abs((started[0] - before).total_seconds()) < 20

    def test_without_an_answer_the_machines_own_clock_is_taken(self, store):
        """A server that cannot be asked stops nobody from trying."""
        assert abs((ServerClock(Silent(), store.clock.now).now() - real_now()).total_seconds()) < 2
