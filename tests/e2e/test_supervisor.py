"""The supervisor of a local stack, with real processes: what is killed comes again, and a crash loop is red."""

import json
import os
import signal
import sys
import threading
import time

import pytest

from deploy.engines.processes import OwnedProcess
from deploy.stack import stack as stack_module
from deploy.stack import standing
from deploy.stack.stack import Stack
from deploy.stack.standing import notes, process_findings
from deploy.stack.state import StackState
from deploy.stack.supervision import Supervision, Watched
from deploy.stack.supervisor import Supervisor
from shared.runtime.heartbeat import Heartbeat
from shared.runtime.probe import PartNote

pytestmark = pytest.mark.timeout(120)

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def stack(make_layout, monkeypatch):
    """A stack whose processes are sleepers: what is tried here is who starts them again, not what they do."""
    made = Stack(make_layout())
    StackState(demo=True).save(made.layout)
    monkeypatch.setattr(stack_module, "command_of", lambda _kind, _tenant: SLEEPER)
    yield made
    made.supervisor().stop(within_s=10)
    made.stop_processes()


@pytest.fixture
def supervise(stack):
    """Looks as the supervisor does, at moments of the test's choice."""
    clock = {"now": time.time()}
    supervisor = Supervisor(stack, now=lambda: clock["now"])

    def look(after_s=0.0):
        clock["now"] += after_s
        supervisor.look()
        supervisor.wait_for_starts()

    return look


def kill(process):
    os.kill(process.pid(), signal.SIGKILL)
    process.kill()


def test_one_that_was_killed_is_started_again(stack, supervise):
    """After a second, and it stands in the notes; its neighbours were left alone."""
    for kind in ("worker", "api"):
        stack.start_process("board", kind)
    worker, api = stack.process("board", "worker"), stack.process("board", "api")
    before, neighbour = worker.pid(), api.pid()
    kill(worker)
    supervise()
    assert worker.pid() is None
    supervise(1.1)
    assert worker.pid() not in {None, before}
    assert api.pid() == neighbour
    assert any("board-worker ended unexpectedly once" in note for note in notes(stack))


def test_one_that_was_stopped_on_purpose_stays_stopped(stack, supervise, eventually):
    """Also while it still ends, and if whoever stopped it was killed before it was gone."""
    stack.start_process("board", "worker")
    stack.start_process("board", "api")
    stack.process("board", "worker").stop(within_s=5)
    stack.process("board", "api").ask_to_stop()
    supervise(10.0)
    eventually(lambda: stack.process("board", "api").pid() is None, within_s=30)
    for _ in range(5):
        supervise(10.0)
    assert stack.process("board", "worker").pid() is None
    assert stack.process("board", "api").pid() is None


def test_waits_grow_and_a_crash_loop_is_red_within_a_minute(stack, supervise, monkeypatch, eventually):
    """One that ends at once is tried after 1, 2, 4, … at most 60 s; at its third end doctor says so and why it waits."""
    monkeypatch.setattr(stack_module, "command_of", lambda _kind, _tenant: ["/bin/false"])
    stack.start_process("board", "worker")
    red_after, spent = None, 0.0
    for _ in range(60):
        # On a busy machine even a program that ends at once takes a while.
        eventually(lambda: stack.process("board", "worker").pid() is None, within_s=30)
        supervise(1.0)
        spent += 1.0
        if red_after is None and any("again and again" in f["what"] for f in process_findings(stack)):
            red_after = spent
    assert red_after is not None
    assert red_after < 60
    watched = Supervision.load(stack.layout.home).processes["board-worker"]
    waits = [round(later - earlier) for earlier, later in zip(watched.ends, watched.ends[1:], strict=False)]
    assert waits == sorted(waits)
    assert waits[-1] >= 4 * waits[0]


def test_the_longest_wait_is_a_minute_and_a_calm_time_forgives():
    """However often it ended; after two calm minutes the next end is a first one."""
    watched = Watched()
    now = 0.0
    for _ in range(12):
        watched = watched.ended(now)
        assert watched.next_at - now <= 60
        now = watched.next_at + 1
        watched = watched.started()
    assert watched.ended(now).next_at - now == 60
    later = now + 1000
    assert watched.ended(later).next_at - later == 1


def test_one_that_cannot_be_started_holds_up_no_other(stack, supervise, monkeypatch):
    """A program that is missing is tried again; its neighbour is started all the same."""
    for kind in ("api", "worker"):
        stack.start_process("board", kind)
    kill(stack.process("board", "api"))
    kill(stack.process("board", "worker"))
    start = stack.start_process

    def start_or_fail(tenant, kind, **options):
        if kind == "api":
            raise OSError("no such program")
        start(tenant, kind, **options)

    monkeypatch.setattr(stack, "start_process", start_or_fail)
    for _ in range(3):
        supervise(1.1)
    assert stack.process("board", "worker").pid() is not None


def test_a_part_of_a_living_worker_is_told(stack, monkeypatch):
    """Doctor names a part that stays down, one that ends again and again, and a loop that hangs; status a restart."""
    monkeypatch.setattr(standing, "_BEGINNING_S", 0.0)
    stack.start_process("board", "worker")
    heartbeat = Heartbeat(stack.heartbeats_of("board"))
    heartbeat.watch(threading.Event(), loop="relay-board", patience_s=-1).is_set()
    parts = {
        "consumers-board": PartNote(down="Check its credentials file."),
        "relay-audit": PartNote(restarts=3, waits=True),
        "courier": PartNote(restarts=1),
    }
    heartbeat.note(parts)
    found = [f["what"] for f in process_findings(stack) if f["what"].startswith("board")]
    assert len(found) == 4, found
    assert found[0] == "board: consumers-board stays down. Check its credentials file."
    assert found[1] == "board: relay-audit ends again and again (3 times)."
    assert "Loop relay-board has not come round" in found[2]
    assert found[3] == "board: not running: api."
    told = [note for note in notes(stack) if "of board-worker" in note]
    assert [note.split(" of ")[0] for note in told] == ["courier", "relay-audit"]
    stack.process("board", "worker").stop(within_s=5)
    assert not any("stays down" in f["what"] for f in process_findings(stack))


def test_a_person_who_is_quicker_is_no_fault(stack, supervise):
    """``up`` starts it before the supervisor does: nothing is started twice, and nothing waits any more."""
    stack.start_process("board", "worker")
    kill(stack.process("board", "worker"))
    supervise()
    stack.start_process("board", "worker")
    pid = stack.process("board", "worker").pid()
    supervise(2.0)
    assert stack.process("board", "worker").pid() == pid
    assert Supervision.load(stack.layout.home).processes["board-worker"].next_at is None


def test_a_supervisor_that_was_killed_is_a_finding_and_up_starts_it(stack, eventually):
    """As a process of its own: it writes its note, and doctor misses it when it is gone or frozen."""
    stack.supervise()
    eventually(lambda: Supervision.load(stack.layout.home).seen_at > 0, within_s=60)
    assert [f for f in process_findings(stack) if "supervisor" in f["what"]] == []
    kill(stack.supervisor())
    assert [f["mend"] for f in process_findings(stack) if "supervisor" in f["what"]] == ["alongside up"]
    stack.supervise()
    eventually(lambda: not [f for f in process_findings(stack) if "supervisor" in f["what"]], within_s=60)


def test_the_supervisor_itself_starts_a_killed_process_and_logs_it(stack, eventually):
    """The real program, on a real process that ends: its log names both, in lines of JSON."""
    stack.layout.make_dirs()
    victim = OwnedProcess(stack.layout, "board-worker")
    victim.spawn(SLEEPER, environment={})
    stack.supervise()
    eventually(lambda: Supervision.load(stack.layout.home).seen_at > 0, within_s=60)
    kill(victim)
    eventually(lambda: Supervision.load(stack.layout.home).processes.get("board-worker") is not None, within_s=30)
    log = stack.supervisor().output_file
    eventually(lambda: "a process was started again" in log.read_text(encoding="utf-8"), within_s=30)
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert {line["target"] for line in lines if line.get("target")} == {"board-worker"}


def test_a_torn_note_is_no_note(tmp_path):
    """Half a file stops nobody from asking how the stack is."""
    for text in ("", "{", "[]", '{"seen_at": 1}', '{"seen_at": 1, "processes": {"x": {}}}'):
        (tmp_path / "supervision.json").write_text(text, encoding="utf-8")
        assert Supervision.load(tmp_path) == Supervision()
