"""PyMongo's own threads and reads wait, instead of looking at their clocks twice a second."""

import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from pymongo import network_layer, periodic_executor

from shared.runtime.context import connect
from shared.runtime.quiet_driver import CURSORS_EVERY_S, READ_LOOK_S, WaitingExecutor, quieten

SOON_S = 20.0
"""A bound for what happens at once, on however busy a machine."""
LONG_S = 3_600.0


@pytest.fixture
def rounds(monkeypatch):
    """An executor whose rounds come only when it is woken; PyMongo's own short sleeps would fail it."""

    def sleep(seconds):
        # Threads of a neighbour's clients go on sleeping: one that fell here would leave that client without a monitor.
        if threading.current_thread().name == "test-executor":
            raise AssertionError("PyMongo slept instead of waiting")
        time.sleep(seconds)

    monkeypatch.setattr(periodic_executor, "time", SimpleNamespace(sleep=sleep, monotonic=time.monotonic))
    gone = threading.Semaphore(0)

    def go_round():
        gone.release()
        return True

    executor = WaitingExecutor(LONG_S, 0.0, go_round, "test-executor")
    executor.open()
    yield executor, gone
    executor.close()
    executor.join(SOON_S)


def test_who_is_woken_comes_round_without_waiting_for_its_time(rounds):
    """A server that is asked for anew is looked at now, not in an hour."""
    executor, gone = rounds
    assert gone.acquire(timeout=SOON_S)

    executor.wake()

    assert gone.acquire(timeout=SOON_S)


def test_a_wake_is_good_for_one_round(rounds):
    """It does not go round and round."""
    executor, gone = rounds
    assert gone.acquire(timeout=SOON_S)
    executor.wake()
    assert gone.acquire(timeout=SOON_S)

    assert not gone.acquire(timeout=0.3)


def test_who_is_closed_ends_without_waiting_for_its_time(rounds):
    """A client that is closed leaves no thread behind."""
    executor, gone = rounds
    assert gone.acquire(timeout=SOON_S)
    thread = next(thread for thread in threading.enumerate() if thread.name == "test-executor")

    executor.close()
    thread.join(SOON_S)

    assert not thread.is_alive()


def test_one_that_was_closed_begins_again(rounds):
    """As PyMongo does after a fork."""
    executor, gone = rounds
    assert gone.acquire(timeout=SOON_S)
    executor.close()
    executor.join(SOON_S)

    executor.open()

    assert gone.acquire(timeout=SOON_S)


def test_a_round_may_ask_for_the_next_at_once():
    """A monitor does so while it goes from its first look to the next."""
    gone = threading.Semaphore(0)

    def go_round():
        gone.release()
        executor.skip_sleep()
        return True

    executor = WaitingExecutor(LONG_S, LONG_S, go_round, "test-at-once")
    executor.open()
    try:
        assert all(gone.acquire(timeout=SOON_S) for _ in range(3))
    finally:
        executor.close()


def test_a_round_that_says_no_is_the_last():
    """The client or monitor behind it was let go."""
    executor = WaitingExecutor(LONG_S, 0.0, lambda: False, "test-last")

    executor.open()
    executor.join(SOON_S)

    assert not [thread for thread in threading.enumerate() if thread.name == "test-last"]


def test_a_client_of_ours_waits_so():
    """Fails where a new PyMongo has moved what is replaced: it would then cost what it cost before."""
    client = connect("mongodb://127.0.0.1:1/?directConnection=true", "test")
    try:
        executor = client._kill_cursors_executor
        assert isinstance(executor, WaitingExecutor)
        assert executor._every_s == CURSORS_EVERY_S
    finally:
        client.close()


def test_a_process_that_ends_with_a_client_open_ends_quietly():
    """PyMongo closes its threads when the interpreter ends, after most else is gone."""
    program = (
        "from shared.runtime.context import connect\n"
        "client = connect('mongodb://127.0.0.1:1/?directConnection=true', 'test')\n"
        "client._get_topology()\n"
    )
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, timeout=60, check=True)
    assert ended.stderr == b""


class Slow:
    """A connection whose answer comes at the third look."""

    is_sdam = False
    cancel_context = SimpleNamespace(cancelled=False)

    def __init__(self, answer_at=3):
        self.conn = self
        self.waits = []
        self._answer_at = answer_at

    def gettimeout(self):
        return None

    def set_conn_timeout(self, timeout):
        if timeout is not None:
            self.waits.append(timeout)

    def recv_into(self, buffer):
        if len(self.waits) < self._answer_at:
            raise TimeoutError
        buffer[:2] = b"ok"
        return 2


class TestReads:
    def test_a_read_looks_up_seldom(self):
        """Once in ten seconds, not twice in one."""
        quieten()
        slow = Slow()

        assert bytes(network_layer.receive_data(slow, 2, None)) == b"ok"

        assert slow.waits == [READ_LOOK_S] * 3

    def test_a_read_never_waits_past_its_deadline(self):
        """However seldom it looks up."""
        quieten()
        slow = Slow(answer_at=1)

        network_layer.receive_data(slow, 2, time.monotonic() + READ_LOOK_S / 2)

        assert max(slow.waits) <= READ_LOOK_S / 2
