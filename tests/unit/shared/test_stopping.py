"""Being told to stop: whoever waits is woken at once, and nobody looks again and again meanwhile."""

import os
import resource
import signal
import threading
import time

import pytest

from shared.kernel.stopping import Stop, Wake, pause, wait_for
from shared.runtime.heartbeat import Heartbeat

LONG_S = 60.0


def waiting(work):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_whoever_waits_is_woken_at_once_however_many(eventually):
    """Pauses, waits for something else, and waits through a heartbeat all end with the one signal."""
    stop, wake = Stop(), Wake()
    watched = Heartbeat(None).watch(stop, loop="loop")
    threads = [
        waiting(lambda: pause(stop, LONG_S)),
        waiting(lambda: stop.wait(LONG_S)),
        waiting(lambda: wait_for(wake.fileno(), stop, LONG_S)),
        waiting(lambda: wait_for(wake.fileno(), watched, LONG_S)),
    ]
    assert all(thread.is_alive() for thread in threads)
    stop.set()
    eventually(lambda: not any(thread.is_alive() for thread in threads))
    assert stop.is_set()


def test_what_is_waited_for_is_told_from_the_stop():
    """A ring gives True and the stop False; a ring that came before is not lost, and is heard once."""
    stop, wake = Stop(), Wake()
    wake.set()
    assert wait_for(wake.fileno(), stop, LONG_S) is True
    wake.clear()
    assert wait_for(wake.fileno(), stop, 0.01) is False
    stop.set()
    assert wait_for(wake.fileno(), stop, LONG_S) is False


def test_a_plain_event_stops_too():
    """A stop signal that cannot wake is looked at meanwhile, and ends the wait all the same."""
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()
    assert wait_for(Wake().fileno(), stop, LONG_S) is False
    assert time.monotonic() - began < LONG_S / 2


def test_a_toldhandler_may_set_it(eventually):
    """Whatever its thread was doing: nothing is locked that the handler would wait for."""
    stop = Stop()
    before = signal.signal(signal.SIGUSR1, lambda _number, _frame: stop.set())
    try:
        threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
        assert stop.wait(LONG_S)
    finally:
        signal.signal(signal.SIGUSR1, before)


@pytest.mark.parametrize("watched", [False, True])
def test_who_waits_does_not_run(watched):
    """Half a second of waiting costs its thread a turn, not five: it is not woken to look, also under a heartbeat."""
    stop, wake = Stop(), Wake()
    told = Heartbeat(None).watch(stop, loop="loop") if watched else stop
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
    wait_for(wake.fileno(), told, 0.5)
    assert resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw - before <= 3
