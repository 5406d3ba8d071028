"""The parts of one process: each is started again alone, one that cannot work stays down, and the end is told truly."""

import threading

import pytest
from pymongo.errors import ServerSelectionTimeoutError

from shared.bus.guard import WrongPlaceError
from shared.runtime import parts as parts_module
from shared.runtime.context import ConfigurationError
from shared.runtime.heartbeat import Heartbeat
from shared.runtime.parts import Part, Parts
from shared.runtime.probe import PartNote, parts_in, verdict
from shared.telemetry.metric_names import PART_RESTARTS, PARTS_DOWN
from shared.telemetry.metrics import configure_metrics, snapshot


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    configure_metrics((), resource={})
    monkeypatch.setattr(parts_module, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(parts_module, "LONGEST_WAIT_S", 0.04)
    monkeypatch.setattr(parts_module, "JOIN_S", 2.0)
    monkeypatch.setattr(parts_module, "_PLACE_WAITS_S", (0.01,))


@pytest.fixture
def asked():
    """Tells the parts to stop; set in the end whatever a test does."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def begin(tmp_path, asked):
    """Runs parts beside the test; gives what waits for the exit code."""

    def start(*parts):
        codes = []
        runs = Parts(parts, Heartbeat(tmp_path), asked)
        thread = threading.Thread(target=lambda: codes.append(runs.run()), name="MainLoop", daemon=True)
        thread.start()

        def end():
            asked.set()
            thread.join(30)
            return codes[0]

        end.thread = thread
        return end

    return start


def part(name, run, *, prepare=lambda: None, kind="relay"):
    return Part(kind=kind, name=name, prepare=prepare, run=run)


def noted(folder, name):
    return parts_in(folder).get(name, PartNote())


def working(asked, seen=None):
    """A part that works until it is asked to stop."""

    def run(heartbeat):
        if seen is not None:
            seen.append(threading.current_thread().name)
        heartbeat.watch(asked, loop="a-loop").is_set()
        return asked.wait(60)

    return run


def test_a_part_that_dies_is_started_again_and_its_neighbour_goes_on(begin, asked, tmp_path, eventually):
    """Each death is counted, in the metric and in the note; the neighbour began once."""
    died, neighbours = [], []

    def dies(_heartbeat):
        died.append(1)
        if len(died) <= 3:
            raise LookupError
        return asked.wait(60)

    end = begin(part("relay-case", dies), part("jobs-case", working(asked, neighbours), kind="job"))
    eventually(lambda: len(died) == 4)
    eventually(lambda: verdict(tmp_path, ready=True, now=0.0) == [])
    assert noted(tmp_path, "relay-case").restarts == 3
    assert neighbours == ["jobs-case"]
    assert {(p["labels"]["kind"], p["value"]) for p in snapshot()[PART_RESTARTS.name]["points"]} == {("relay", 3)}
    assert end() == 0


def test_a_part_that_just_ends_is_started_again_too(begin, asked, eventually):
    """Nobody asked it to: that is a death without an error."""
    began = []

    def ends(_heartbeat):
        began.append(1)
        return len(began) < 3 or asked.wait(60)

    end = begin(part("courier", ends))
    eventually(lambda: len(began) == 3)
    assert end() == 0


def test_the_wait_grows_and_is_bounded(begin, asked, monkeypatch, eventually):
    """Twice as long each time, never longer than the longest; a calm time forgives."""
    waits = []
    real = asked.wait
    monkeypatch.setattr(asked, "wait", lambda s: (waits.append(s) if s < 1 else None, real(min(s, 0.001)))[1])

    def dies(_heartbeat):
        raise LookupError

    end = begin(part("relay-case", dies))
    eventually(lambda: len(waits) >= 5)
    assert waits[:5] == [0.01, 0.02, 0.04, 0.04, 0.04]
    monkeypatch.setattr(parts_module, "CALM_S", -1.0)
    waits.clear()
    eventually(lambda: len(waits) >= 4)
    assert waits[3] == 0.01
    end()


@pytest.mark.parametrize("error", [ConfigurationError("No such file."), WrongPlaceError("Another's.", "Look.")])
def test_what_no_restart_mends_stays_down_and_is_said(begin, asked, tmp_path, eventually, error):
    """It is tried once; readiness and the note say why, the process lives, and its neighbour goes on."""
    tried, neighbours = [], []

    def prepare():
        tried.append(1)
        raise error

    end = begin(part("consumers-case", lambda _: True, prepare=prepare), part("watch", working(asked, neighbours)))
    eventually(lambda: noted(tmp_path, "consumers-case").down == str(error))
    eventually(lambda: neighbours == ["watch"])
    said = verdict(tmp_path, ready=True, now=0.0)
    assert said == [f"Part consumers-case stays down: {error}"]
    assert verdict(tmp_path, ready=False, now=0.0) == []
    assert snapshot()[PARTS_DOWN.name]["points"][0]["value"] == 1
    assert tried == [1]
    assert end() == 0


def test_where_every_part_is_down_the_process_ends_with_78(begin, asked):
    """Nothing is left that a running process would be good for; whoever only watches is no such thing."""

    def prepare():
        raise ConfigurationError("No such file.")

    end = begin(
        *(part(name, lambda _: True, prepare=prepare) for name in ("relay-case", "relay-consent")),
        part("watch", working(asked), kind="watch"),
    )
    end.thread.join(30)
    assert not end.thread.is_alive()
    assert end() == 78


def test_a_database_that_is_away_is_waited_for(begin, asked, tmp_path, eventually):
    """Such a part is not ready, has not died, and begins when the database answers."""
    away, worked = threading.Event(), []

    def prepare():
        if not away.is_set():
            raise ServerSelectionTimeoutError("away")

    end = begin(part("relay-case", working(asked, worked), prepare=prepare))
    eventually(lambda: noted(tmp_path, "relay-case").waits)
    assert worked == []
    away.set()
    eventually(lambda: worked)
    note = noted(tmp_path, "relay-case")
    assert (note.restarts, note.waits, note.down) == (0, False, None)
    assert end() == 0


@pytest.mark.parametrize("how", ["says so", "hangs", "fails"])
def test_what_was_not_finished_is_75(begin, asked, monkeypatch, how):
    """Whether the part says so, does not end in time, or fails while it ends."""
    monkeypatch.setattr(parts_module, "JOIN_S", 0.2)
    held, began = threading.Event(), threading.Event()

    def run(_heartbeat):
        began.set()
        asked.wait(60)
        if how == "hangs":
            held.wait(30)
        if how == "fails":
            raise LookupError
        return False

    end = begin(part("consumers-case", run), part("watch", working(asked)))
    assert began.wait(30)
    assert end() == 75
    held.set()


@pytest.mark.parametrize("how", ["looks for its place", "looks on"])
def test_who_had_nothing_in_hand_is_no_reason_for_75(begin, asked, monkeypatch, how):
    """On a busy machine a look at broker or database outlasts the stop; nothing is left undone by that."""
    monkeypatch.setattr(parts_module, "JOIN_S", 0.2)
    held, began = threading.Event(), threading.Event()

    def look(_heartbeat=None):
        began.set()
        held.wait(30)
        return True

    looking = (
        part("relay-consent", working(asked), prepare=look)
        if how == "looks for its place"
        else part("watch", look, kind="watch")
    )
    end = begin(part("relay-case", working(asked)), looking)
    assert began.wait(30)
    code = end()
    held.set()
    assert code == 0


def test_the_silence_of_a_dead_part_is_not_its_process_s(begin, asked, tmp_path, monkeypatch, eventually):
    """The beats of its loops go with it; an orchestrator must not kill its neighbours for it."""
    died = threading.Event()

    def dies(heartbeat):
        heartbeat.watch(asked, loop="of-the-dead").is_set()
        if not died.is_set():
            died.set()
            raise LookupError
        return asked.wait(60)

    monkeypatch.setattr(parts_module, "FIRST_WAIT_S", 30.0)
    monkeypatch.setattr(parts_module, "LONGEST_WAIT_S", 30.0)
    end = begin(part("relay-case", dies), part("watch", working(asked)))
    eventually(lambda: died.is_set() and noted(tmp_path, "relay-case").waits)
    eventually((tmp_path / "a-loop.json").exists)
    assert not (tmp_path / "of-the-dead.json").exists()
    assert verdict(tmp_path, ready=False, now=0.0) == []
    assert len(verdict(tmp_path, ready=True, now=0.0)) == 1
    end()


def test_a_process_without_parts_stands_by(begin, tmp_path, eventually):
    """The chosen services hear nothing: it is alive, and ends with 0 when asked."""
    end = begin()
    eventually((tmp_path / "MainLoop.json").exists)
    assert verdict(tmp_path, ready=True, now=0.0) == []
    assert end() == 0
