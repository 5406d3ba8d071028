"""Long steps say what is known of their time, and nothing else."""

import json

import pytest

from deploy.stack import steps as steps_module
from deploy.stack.steps import Steps


@pytest.fixture
def clock(monkeypatch):
    now = {"at": 0.0}
    monkeypatch.setattr(steps_module.time, "monotonic", lambda: now["at"])
    return now


def run(home, clock, seconds):
    said = []
    with Steps(home, said.append).step("engines", "Starting"):
        clock["at"] += seconds
    return said


def test_the_first_time_no_figure_is_invented(tmp_path, clock):
    """Afterwards it says what it took, and the next time what it took the last time."""
    assert run(tmp_path, clock, 14.2) == ["Starting", "  done in 14 s"]
    assert run(tmp_path, clock, 9.0) == ["Starting (last time 14 s)", "  done in 9 s"]


def test_what_is_quick_is_not_timed_aloud(tmp_path, clock):
    """A second is no long step."""
    assert run(tmp_path, clock, 0.5) == ["Starting"]
    assert run(tmp_path, clock, 0.5) == ["Starting"]


def test_a_step_that_failed_leaves_no_time(tmp_path, clock):
    """The figure is of a step that came to its end."""

    def fail():
        with Steps(tmp_path, print).step("engines", "Starting"):
            clock["at"] += 60
            raise OSError("away")

    with pytest.raises(OSError, match="away"):
        fail()
    assert run(tmp_path, clock, 3.0)[0] == "Starting"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"engines": "soon"}'])
def test_a_torn_file_of_times_stops_nothing(tmp_path, clock, text):
    """It is only for people."""
    (tmp_path / "durations.json").write_text(text, encoding="utf-8")
    assert run(tmp_path, clock, 5.0) == ["Starting", "  done in 5 s"]
    assert json.loads((tmp_path / "durations.json").read_text(encoding="utf-8"))["engines"] == 5.0
