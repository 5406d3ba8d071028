"""Long polls wait at few places; a stand-in clock, so nothing here takes time."""

import threading

import pytest

from services.integrations.feed.waiting import LONGEST_S, PLACES, PLACES_EACH, WaitingRoom
from shared.web.server import THREADS


class Clock:
    """Seconds that pass only while somebody sleeps."""

    def __init__(self):
        self.now = 0.0

    def sleep(self, seconds):
        self.now += seconds


def never():
    return False


def room(clock=None, **places):
    clock = clock or Clock()
    return WaitingRoom(sleep=clock.sleep, monotonic=lambda: clock.now, **places)


def test_most_threads_are_never_held_by_those_who_wait():
    """Two thirds of an api's threads stay free for everybody else."""
    assert PLACES * 3 <= THREADS
    assert PLACES_EACH < PLACES


@pytest.mark.parametrize(("asked", "waits"), [(5, 5), (LONGEST_S + 100, LONGEST_S)])
def test_nobody_waits_longer_than_asked_nor_than_the_longest(asked, waits):
    """Also somebody for whom nothing ever comes."""
    clock = Clock()
    assert room(clock).wait("a", asked, until=never, leave=never)
    assert clock.now == pytest.approx(waits, abs=0.3)


def test_a_wait_ends_when_its_reason_comes_or_the_process_drains():
    """At the next look."""
    for reason in ("until", "leave"):
        clock, looks = Clock(), iter([False, False, True])
        asked = {"until": never, "leave": never, reason: lambda looks=looks: next(looks)}
        assert room(clock).wait("a", 30, **asked)
        assert clock.now < 1


def test_places_are_bounded_and_come_free_again():
    """All of them, those of one caller, and those of a caller whose wait failed."""
    waiting = room(places=3, each=2)
    inside, go = threading.Barrier(3), threading.Event()

    def wait_for_go():
        inside.wait(10)
        return go.wait(10)

    def hold(who):
        waiting.wait(who, 30, until=wait_for_go, leave=never)

    threads = [threading.Thread(target=hold, args=(who,)) for who in ("a", "a")]
    for thread in threads:
        thread.start()
    inside.wait(10)
    assert not waiting.wait("a", 30, until=never, leave=never)
    assert waiting.wait("b", 1, until=never, leave=never)
    third = threading.Thread(target=hold, args=("b",))
    inside.reset()
    go.set()
    for thread in threads:
        thread.join()
    del third
    with pytest.raises(RuntimeError):
        waiting.wait("a", 1, until=_fails, leave=never)
    assert not waiting._held.total()


def test_no_place_beyond_the_last():
    """Whoever comes when all are held is told so at once."""
    waiting, answers = room(places=1, each=1), []

    def another():
        answers.append(waiting.wait("b", 30, until=never, leave=never))
        return True

    assert waiting.wait("a", 30, until=another, leave=never)
    assert answers == [False]


def _fails():
    raise RuntimeError
