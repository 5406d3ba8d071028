"""A plan that a crash left open is repeated with the numbers that it had, whichever version of the program repeats it."""

import pytest

from shared.contracts.case import EpisodeOpened
from tests.kit.relaying import expire, relay, sent, state, topology_of

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


class CrashError(Exception):
    """The process ends here."""


def end(*_arguments, **_options):
    raise CrashError


def hearing_too(store, *more):
    """Who hears what after an upgrade, in which some more services hear of episodes."""
    now = topology_of(store).consumers_of
    return lambda name: (*now(name), *more) if name == EpisodeOpened.event_type else now(name)


def crash_with_an_open_plan(store, count=2, **options):
    """A relay numbers and publishes, and ends before it can note that it did."""
    state(store, count)
    one = relay(store, **options)
    plans = one._plans()
    one._plans = lambda: plans
    object.__setattr__(plans, "mark_sent", end)
    with pytest.raises(CrashError):
        one.step()
    assert sent(store) == 0
    expire(store)
    return one


def test_who_hears_since_an_upgrade_has_no_number_of_an_open_plan(store):
    """Its stream begins with what is stated after the plan: no number stands for two of its events."""
    crashed = crash_with_an_open_plan(store)
    newer = relay(store, consumers_of=hearing_too(store, "reporting"))
    newer.step()
    assert newer.written.numbers() == crashed.written.numbers()
    assert newer.written.numbers("reporting") == {}
    state(store, 2)
    newer.step()
    numbers = newer.written.numbers("reporting")
    assert sorted(numbers) == [1, 2]
    assert all(len(events) == 1 for events in numbers.values())
    assert sorted(newer.written.numbers()) == [1, 2, 3, 4]


def test_who_hears_no_more_since_an_upgrade_gets_the_numbers_it_was_given(store):
    """A gap would never be filled, and no mark of this source would count again."""
    crashed = crash_with_an_open_plan(store, consumers_of=hearing_too(store, "reporting"))
    newer = relay(store)
    newer.step()
    assert newer.written.numbers("reporting") == crashed.written.numbers("reporting")
    assert sorted(newer.written.numbers("reporting")) == [1, 2]


def test_a_part_that_is_left_keeps_who_heard_it(store):
    """Half of the plan is sent and marked; the rest is repeated by a newer version with the same numbers."""
    for _ in range(4):
        state(store)
    older = relay(store, batch_events=100)
    older._rows_at_once = 1
    parts = []

    def end_at_the_third(messages):
        parts.append(messages)
        if len(parts) == 3:
            raise CrashError

    older.written.before = end_at_the_third
    with pytest.raises(CrashError):
        older.step()
    expire(store)
    given = sorted(older.written.numbers())
    newer = relay(store, consumers_of=hearing_too(store, "reporting"))
    newer.step()
    assert newer.written.numbers("reporting") == {}
    assert sorted({*given, *newer.written.numbers()}) == [1, 2, 3, 4]
    assert sent(store) == 4


@pytest.mark.parametrize("left", [{"$unset": {"hearers": ""}}, {"$set": {"hearers.of": "another plan's"}}])
def test_a_plan_of_an_older_version_is_read(store, left):
    """It says nothing of who heard, or what it says belongs to an earlier plan: who got no number did not hear."""
    crashed = crash_with_an_open_plan(store)
    assert store.database["relay"].update_one({"_id": "relay-plan"}, left).modified_count == 1
    newer = relay(store, consumers_of=hearing_too(store, "reporting"))
    newer.step()
    assert newer.written.numbers() == crashed.written.numbers()
    assert newer.written.numbers("reporting") == {}
