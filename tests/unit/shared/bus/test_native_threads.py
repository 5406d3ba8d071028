"""What stands in for eventlet's names behave as nameko needs, and stands there for nameko alone."""

import subprocess
import sys
import threading

import pytest

from deploy.engines.layout import PROJECT_ROOT
from shared.bus import native_threads
from shared.bus.native_threads import Event, Pool, spawn


def test_an_event_happens_once():
    """The first of several counts, as nameko's stop and kill may both say how a container died."""
    event = Event()
    assert not event.ready()
    event.send("first")
    event.send(None, (ValueError, ValueError("late"), None))
    assert (event.ready(), event.wait()) == (True, "first")


def test_what_a_thread_raises_reaches_whoever_waits():
    """And its links run all the same, whether they came before its end or after."""
    go, linked = threading.Event(), []

    def fail():
        go.wait(30)
        raise LookupError

    thread = spawn(fail)
    thread.link(lambda ended, word: linked.append((ended, word)), "before")
    go.set()
    with pytest.raises(LookupError):
        thread.wait()
    thread.link(lambda ended, word: linked.append((ended, word)), "after")
    # The thread runs its own links a moment after those who wait go on.
    for running in threading.enumerate():
        if running.name == "fail":
            running.join(30)
    assert sorted(linked, key=lambda pair: pair[1]) == [(thread, "after"), (thread, "before")]


def test_a_pool_is_bounded_and_keeps_the_order_of_items():
    """Results come in the items' order, whoever ends first; no more run at a time than the pool's size."""
    running, most, lock = [], [], threading.Lock()
    together = threading.Barrier(2)

    def work(number):
        with lock:
            running.append(number)
            most.append(len(running))
        together.wait(30)
        with lock:
            running.remove(number)
        return number * 10

    assert list(Pool(2).imap(work, range(6))) == [0, 10, 20, 30, 40, 50]
    assert max(most) == 2


def test_a_pool_does_not_wait_for_ever(monkeypatch):
    """Who hangs past its entrypoint's grace is left behind: a thread cannot be killed."""
    monkeypatch.setattr(native_threads, "LAST_WAIT_S", 0.1)
    pool, held = Pool(2), threading.Event()
    pool.spawn(held.wait, 30)
    pool.waitall()
    held.set()
    pool.waitall()
    assert pool._running == 0


def test_nothing_of_eventlet_is_loaded_and_nothing_is_left_behind():
    """With the worker's modules loaded, neither eventlet nor greenlet is; a real one that was there comes back."""
    program = (
        "import sys, types; kept = sys.modules['greenlet'] = types.ModuleType('greenlet')\n"
        "import shared.runtime.workers\n"
        "print(sys.modules['greenlet'] is kept, sorted(m for m in sys.modules if m.split('.')[0] == 'eventlet'))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True []"
