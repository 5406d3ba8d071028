"""``python -m shared.runtime.probe live|ready``: whether the process beside it is well, for an orchestrator.

For worker, relay, job and courier, which answer no HTTP; the api has /healthz and /readyz. Exit codes: 0
well, 1 not, with one line for each loop that is not; 78 nobody said where the heartbeats are. Imports
nothing of the product but exit codes: it is started every few seconds, beside a process with little memory.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.kernel.exits import EXIT_CONFIGURATION, EXIT_DONE, EXIT_REFUSED

PARTS_NOTE = "parts.note"
"""Beside the beats: how the parts of the process stand, written when one changes."""


@dataclass(frozen=True, kw_only=True)
class PartNote:
    """How one part of a process stands.

    Attributes:
        restarts: How often it was started again since the process began.
        waits: Whether it waits to be started: it has ended, or its database or broker does not answer.
        down: Why it stays down; None while it does not.
    """

    restarts: int = 0
    waits: bool = False
    down: str | None = None


def parts_in(folder: Path) -> dict[str, PartNote]:
    """Read how the parts stand; none where nothing was noted."""
    try:
        content = json.loads((folder / PARTS_NOTE).read_text(encoding="utf-8"))
        return {name: PartNote(**note) for name, note in content.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def heartbeat_folder() -> Path | None:
    """Give the folder that ``ALONGSIDE_HEARTBEAT`` names; None where nobody asks for heartbeats."""
    folder = os.environ.get("ALONGSIDE_HEARTBEAT")
    return Path(folder) if folder else None


def verdict(folder: Path, *, ready: bool, now: float) -> list[str]:
    """Say what is wrong with the process whose folder this is; nothing means that it is well.

    Args:
        folder: Where its loops beat.
        ready: Also ask whether every loop does its work, not only whether it lives.
        now: Real time in seconds.
    """
    beats = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if not beats:
        return ["No loop has begun."]
    wrong = []
    for file in beats:
        try:
            said = json.loads(file.read_text(encoding="utf-8"))
            age_s = now - file.stat().st_mtime
        except FileNotFoundError:
            # Its part has just ended; the note of the parts says so.
            continue
        if age_s > said["patience_s"]:
            wrong.append(
                f"Loop {file.stem} has not come round for {age_s:.0f} s; it may take {said['patience_s']:.0f}."
            )
        elif ready and not said["ready"]:
            wrong.append(f"Loop {file.stem} lives but cannot do its work yet.")
    return wrong + (_not_at_work(folder) if ready else [])


def _not_at_work(folder: Path) -> list[str]:
    wrong = []
    for name, note in parts_in(folder).items():
        if note.down is not None:
            wrong.append(f"Part {name} stays down: {note.down}")
        elif note.waits:
            wrong.append(f"Part {name} does not work now; it is started by itself (it ended {note.restarts} times).")
    return wrong


def build_parser() -> argparse.ArgumentParser:
    """Build the command line."""
    parser = argparse.ArgumentParser(prog="python -m shared.runtime.probe")
    parser.add_argument("question", choices=("live", "ready"))
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Look at the heartbeats once and give the exit code."""
    options = build_parser().parse_args(arguments)
    folder = heartbeat_folder()
    if folder is None:
        sys.stderr.write("ALONGSIDE_HEARTBEAT is not set. It names the folder of this process's heartbeats.\n")
        return EXIT_CONFIGURATION
    wrong = verdict(folder, ready=options.question == "ready", now=time.time())
    sys.stderr.write("".join(f"{line}\n" for line in wrong))
    return EXIT_REFUSED if wrong else EXIT_DONE


if __name__ == "__main__":
    sys.exit(main())
