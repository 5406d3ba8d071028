"""A run of the attackers: part by part, told while it runs, ended by the clock, gone on with the next time."""

import math
import time

import pytest

from deploy.attack.__main__ import Clock, run
from deploy.attack.cohorts import folder
from deploy.attack.journal import Journal
from deploy.attack.parts import Part, parts
from deploy.attack.scale import USUAL, WHOLE


class Played:
    """Parts that count how often they are run; the clock stands where a test puts it."""

    def __init__(self, tmp_path, *, sound=(True, True, True)):
        self.journal = Journal(tmp_path / "journal.jsonl")
        self.ran, self.told = [], []
        self.parts = [
            Part(name=f"part-{n}", run=lambda stage, n=n, ok=ok: self._one(stage, n, ok)) for n, ok in enumerate(sound)
        ]

    def _one(self, stage, number, sound):
        self.ran.append(number)
        stage.say(f"found by {number}")
        stage.tick("a key")
        self.after(number)
        stage.tick("another key")
        return sound

    def after(self, number):
        """A test may put the clock forward here."""

    def run(self):
        self.clock = Clock(ends_at=math.inf, tell=self.told.append)
        return run(self.parts, USUAL, self.journal, self.clock)


@pytest.fixture
def played(tmp_path):
    return Played(tmp_path)


def test_everything_is_printed_and_told(played, capsys):
    """What was found goes to the output, how far it is to whoever waits."""
    assert played.run() == 0
    out = capsys.readouterr().out
    told = "".join(f"\n== part-{n}\nfound by {n}\n" for n in range(3))
    assert out == told + "\nEverything as required: yes\n"
    assert [line for line in played.told if line.startswith("part 3 of 3")]


def test_when_the_time_is_up_the_next_run_goes_on(played, capsys):
    """What was done is printed from what was kept; the part that was cut is run again."""

    def late(number):
        if number == 1:
            played.clock.ends_at = time.monotonic() - 1

    played.after = late
    assert played.run() == 75
    assert "1 of 3 parts are done" in capsys.readouterr().out
    played.after = lambda _number: None
    assert played.run() == 0
    assert played.ran == [0, 1, 1, 2]
    out = capsys.readouterr().out
    assert all(f"found by {n}" in out for n in range(3))


def test_a_kept_no_stays_a_no(tmp_path, capsys):
    """A part that is not as required makes the whole run so, also when it is only printed again."""
    played = Played(tmp_path, sound=(True, False, True))
    assert (played.run(), played.run()) == (1, 1)
    assert played.ran == [0, 1, 2]
    assert capsys.readouterr().out.endswith("Everything as required: NO\n")


@pytest.mark.parametrize("scale", [USUAL, WHOLE], ids=lambda scale: scale.name)
def test_every_part_has_a_name_of_its_own(tmp_path, scale):
    """Else one would be taken for another that is done; and the whole run leaves nothing out that the usual one has."""
    names = [part.name for part in parts(tmp_path, scale)]
    assert len(set(names)) == len(names) == len(list(parts(tmp_path, USUAL)))


@pytest.mark.skipif(folder() is None, reason="the real tables do not lie beside the project")
def test_the_short_parts_are_as_required(tmp_path, capsys):
    """Against the real tables: one release of each, with and without history, and the planted ones."""
    short = ("one release", "13 earlier", "planted", "outsider")
    chosen = [part for part in parts(folder(), USUAL) if any(word in part.name for word in short)]
    assert len(chosen) == 7
    clock = Clock(ends_at=math.inf, tell=lambda _line: None)
    assert run(chosen, USUAL, Journal(tmp_path / "journal.jsonl"), clock) == 0
    assert "gate: passed" in capsys.readouterr().out
