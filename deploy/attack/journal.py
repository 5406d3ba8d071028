"""What a run of ``make attack`` has found so far, part by part, so that one that was stopped goes on where it was.

A part counts only for the code, the tables and the scale that it was made with: their hash names the file. What stands
there is what was printed, sums alone. Lies in ``build/attack``; may be deleted at any time.

Promise: a part that was done is not run again, one that was cut is, and after any change everything is
(``tests/unit/deploy/test_attack_journal.py``).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from deploy.attack.scale import Scale
from deploy.engines.layout import PROJECT_ROOT

_CODE = (
    "deploy/attack",
    "services/case/imports/rules",
    "services/custodian/gate",
    "services/custodian/opening",
    "services/custodian/protection",
    "shared/codelists",
    "shared/contracts",
)
_PACKAGES = ("numpy", "scipy")


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one part printed, and whether everything was as required."""

    name: str
    lines: tuple[str, ...]
    sound: bool


class Journal:
    """The parts of one run that are done."""

    def __init__(self, path: Path) -> None:
        """Take its file, which need not exist."""
        self._path = path

    @classmethod
    def of(cls, folder: Path, scale: Scale, data: Path) -> "Journal":
        """Open the one for this code, these tables and this scale."""
        digest = hashlib.sha256(json.dumps(asdict(scale), sort_keys=True).encode())
        for package in _PACKAGES:
            digest.update(f"{package} {version(package)}".encode())
        for name, path in _files(data):
            digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return cls(folder / f"{scale.name}-{digest.hexdigest()[:16]}.jsonl")

    def found(self) -> dict[str, Found]:
        """Give every part that is done, by name; a line that was cut by a kill is not there."""
        if not self._path.exists():
            return {}
        done: dict[str, Found] = {}
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                stored = json.loads(line)
                one = Found(name=stored["name"], lines=tuple(stored["lines"]), sound=stored["sound"])
            except (ValueError, KeyError, TypeError):
                continue
            done[one.name] = one
        return done

    def keep(self, found: Found) -> None:
        """Add a part that is done."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            # It begins with the end of a line, in case a kill left the one before without.
            file.write("\n" + json.dumps(asdict(found)))

    def forget(self) -> None:
        """Begin anew."""
        self._path.unlink(missing_ok=True)


def _files(data: Path) -> Iterable[tuple[str, Path]]:
    """Give each file with its place in the project or among the tables, wherever those lie."""
    for folder in _CODE:
        for path in sorted((PROJECT_ROOT / folder).rglob("*")):
            # Whatever its name ends with: the countries that make the regions are no code.
            if path.is_file() and "__pycache__" not in path.parts:
                yield str(path.relative_to(PROJECT_ROOT)), path
    for path in sorted(data.rglob("*.csv")):
        yield str(path.relative_to(data)), path
