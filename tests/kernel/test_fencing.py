"""Of two relays that both think they lead, only the later one numbers and marks, from its very takeover on."""

import pytest

from shared.outbox import _plans as plans
from shared.outbox import _relay as relay_module
from shared.outbox._relay import LeaseLostError
from tests.kit.relaying import expire, relay, sent, state

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


@pytest.fixture(autouse=True, params=[False, True], ids=["single", "bundles"])
def form(request, store):
    """Both forms in which events leave."""
    if request.param:
        store.database["marker"].insert_one({"_id": "marker", "bundles": True})


def test_a_deposed_relay_numbers_nothing(store):
    """The new leader has had nothing to do yet; the old one wakes and is stopped at its first write all the same."""
    old, new = relay(store), relay(store)
    state(store)
    assert old.step() == 1
    expire(store)
    assert new.step() == 0
    state(store)
    with pytest.raises(LeaseLostError):
        old.step()
    state(store)
    assert new.step() == 2
    assert new.written.numbers().keys() == {2, 3}
    assert old.written.numbers().keys() == {1}


def test_a_deposed_relay_marks_nothing_sent(store):
    """It loses the lead while it publishes: its rows stay new, and the new leader gives them the same numbers."""
    old, new = relay(store), relay(store)
    state(store)
    state(store)

    def depose(_messages):
        expire(store)
        new.written.before = lambda _: (_ for _ in ()).throw(InterruptedError)
        with pytest.raises(InterruptedError):
            new.step()
        new.written.before = lambda _: None

    old.written.before = depose
    with pytest.raises(LeaseLostError):
        old.step()
    assert sent(store) == 0
    assert new.step() == 2
    assert (sent(store), new.written.numbers()) == (2, old.written.numbers())


def test_a_machine_that_slept_asks_before_it_acts(store, monkeypatch):
    """The clock by which a lease is renewed goes on while the machine sleeps."""
    old, new = relay(store), relay(store)
    state(store)
    old.step()
    expire(store)
    new.step()
    awake = relay_module.boot_seconds
    monkeypatch.setattr(relay_module, "boot_seconds", lambda: awake() + 60)
    state(store)
    assert old.step() == 0
    assert old.written.numbers().keys() == {1}


def test_the_clock_counts_sleep():
    """Linux's CLOCK_BOOTTIME: what ``time.monotonic`` leaves out."""
    import time

    assert abs(relay_module.boot_seconds() - time.clock_gettime(time.CLOCK_BOOTTIME)) < 1


def test_a_mark_counts_what_the_deposed_leader_could_not(store):
    """What the new leader says to be the last number is the last that anybody gave."""
    said = []
    old, new = relay(store), relay(store, on_drained=lambda _started, last: said.append(dict(last)))
    state(store)
    old.step()
    expire(store)
    new.step()
    state(store)
    with pytest.raises(LeaseLostError):
        old.step()
    new.step()
    assert said[0]["consent"] == 1
    assert said[-1]["consent"] == sent(store) == 2


def test_what_is_sent_is_sent_with_its_plan_or_not_at_all(store, monkeypatch):
    """A crash between the two would leave a plan whose rows look done."""
    one = relay(store)
    state(store)

    def fail(*_arguments, **_options):
        raise KeyError("a crash between the plan and the rows")

    monkeypatch.setattr(plans, "SENT", property(fail))
    with pytest.raises(Exception):  # noqa: B017, PT011  BSON refuses the stand-in: any error will do.
        one.step()
    monkeypatch.undo()
    plan = store.database["relay"].find_one({"_id": "relay-plan"})
    assert (sent(store), len(plan["rows"])) == (0, 1)
    assert relay_after(store, one).written.numbers() == one.written.numbers()


def relay_after(store, _one):
    expire(store)
    again = relay(store)
    assert again.step() == 1
    return again
