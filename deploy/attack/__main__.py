"""``python -m deploy.attack``: what is published of the real tables, and what the attackers get from it.

Runs part by part and keeps what each found, so that a run that was stopped goes on with the next part; says on the
error stream how far it is. ``--full`` tries four times as many keys, ``--minutes`` sets when it stops by itself.

Exit codes: 0 everything as required; 1 a table that must come out does not, one that must not does, or a release fails
the gate; 75 the time was up, run it again. Shown by ``tests/unit/deploy/test_attack_run.py``.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from deploy.attack.cohorts import folder
from deploy.attack.journal import Found, Journal
from deploy.attack.parts import Part, Stage, parts
from deploy.attack.scale import USUAL, WHOLE, Scale
from deploy.engines.layout import PROJECT_ROOT
from shared.kernel.exits import EXIT_DONE, EXIT_REFUSED, EXIT_TEMPORARY

KEPT = PROJECT_ROOT / "build" / "attack"
_TELL_EVERY_S = 10.0
_MINUTES = {USUAL.name: 30, WHOLE.name: 120}
"""Three times and more what a quiet machine takes."""


class TimeIsUpError(Exception):
    """The run has taken as long as it may."""


@dataclass(kw_only=True)
class Clock:
    """Tells how far a run is, and ends it when its time is up.

    Attributes:
        ends_at: Monotonic seconds.
        tell: Takes a line for whoever waits.
    """

    ends_at: float
    tell: Callable[[str], None]
    part: str = ""
    began_at: float = 0.0
    told_at: float = 0.0

    def begin(self, part: str) -> None:
        """Begin a part."""
        self.part, self.began_at = part, time.monotonic()
        self.tell(f"{part} …")

    def tick(self, what: str) -> None:
        """Take note of one try.

        Raises:
            TimeIsUpError: This was the last.
        """
        now = time.monotonic()
        if now - self.told_at >= _TELL_EVERY_S:
            self.told_at = now
            self.tell(f"{self.part}: {what}, {now - self.began_at:.0f} s so far")
        if now > self.ends_at:
            raise TimeIsUpError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every part that is not done yet and print all."""
    parser = argparse.ArgumentParser(prog="python -m deploy.attack", description="Play every attacker.")
    parser.add_argument("--full", action="store_true", help="try 200 coin keys instead of 50")
    parser.add_argument("--minutes", type=float, help="stop after so many; what is done is kept (30, with --full 120)")
    parser.add_argument("--anew", action="store_true", help="run every part again")
    options = parser.parse_args(arguments)
    data = folder()
    if data is None:
        say("The real tables do not lie beside the project; set ALONGSIDE_REAL_DATA to their folder.")
        return EXIT_REFUSED
    scale = WHOLE if options.full else USUAL
    journal = Journal.of(KEPT, scale, data)
    if options.anew:
        journal.forget()
    minutes = _MINUTES[scale.name] if options.minutes is None else options.minutes
    clock = Clock(ends_at=time.monotonic() + 60 * minutes, tell=tell)
    return run(list(parts(data, scale)), scale, journal, clock)


def run(every: Sequence[Part], scale: Scale, journal: Journal, clock: Clock) -> int:
    """Print what is done, and run what is not."""
    done, sound = journal.found(), []
    for number, part in enumerate(every, 1):
        say(f"\n== {part.name}")
        found = done.get(part.name)
        if found is None:
            clock.begin(f"part {number} of {len(every)}")
            try:
                found = _played(part, scale, clock)
            except TimeIsUpError:
                say(f"The time is up: {number - 1} of {len(every)} parts are done and kept. Run it again to go on.")
                return EXIT_TEMPORARY
            journal.keep(found)
        else:
            _all(found.lines)
        sound.append(found.sound)
    say(f"\nEverything as required: {'yes' if all(sound) else 'NO'}")
    return EXIT_DONE if all(sound) else EXIT_REFUSED


def _played(part: Part, scale: Scale, clock: Clock) -> Found:
    lines: list[str] = []

    def both(line: str) -> None:
        lines.append(line)
        say(line)

    clock.tick("begins")
    return Found(name=part.name, sound=part.run(Stage(scale, both, clock.tick)), lines=tuple(lines))


def _all(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def tell(line: str) -> None:
    """Print how far it is, apart from what is found."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
