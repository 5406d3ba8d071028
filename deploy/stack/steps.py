"""Long steps of a stack say that they began, how long they took the last time here, and how long they took now.

Promise: no figure that was not measured in this very home; the first time says none (tests/unit/client/test_steps.py).
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.engines.secret_files import write_private

_WORTH_SAYING_S = 2.0


class Steps:
    """The steps of one home; their times stand in ``durations.json`` there."""

    def __init__(self, home: Path, say: Callable[[str], None]) -> None:
        """Take the home and who listens."""
        self._file = home / "durations.json"
        self._say = say

    @contextmanager
    def step(self, name: str, words: str) -> Iterator[None]:
        """Say what begins, and what it took; a step that failed is not timed."""
        last = self._times().get(name, 0.0)
        self._say(f"{words} (last time {last:.0f} s)" if last >= _WORTH_SAYING_S else words)
        began = time.monotonic()
        yield
        took = time.monotonic() - began
        self._note(name, took)
        if took >= _WORTH_SAYING_S:
            self._say(f"  done in {took:.0f} s")

    def _times(self) -> dict[str, float]:
        try:
            content = json.loads(self._file.read_text(encoding="utf-8"))
            return {str(name): float(seconds) for name, seconds in content.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _note(self, name: str, seconds: float) -> None:
        # Only for people: a full disk stops nothing here.
        with suppress(OSError):
            write_private(self._file, json.dumps({**self._times(), name: round(seconds, 1)}))
