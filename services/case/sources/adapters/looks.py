"""What is remembered between two looks into a folder: which of its files may be read now.

Promise: what is still being written is not given; what was dealt with and could not be moved aside is given again only
when it has changed, or after a quarter of an hour. Shown by tests/unit/case/test_source_folder.py.
"""

import time

from services.case.sources.adapters.folder import DropFolder, Seen

LOOKS_APART_S = 5.0
_LEFT_S = 900.0


class Looks:
    """Remembers how files looked, so that only what stands still between two looks is taken for complete."""

    def __init__(self, apart_s: float = LOOKS_APART_S) -> None:
        """Remember nothing yet."""
        self._apart_s = apart_s
        self._since: dict[str, tuple[Seen, float]] = {}
        self._left: dict[str, tuple[Seen, float]] = {}

    @property
    def leaves(self) -> bool:
        """Whether a file stands there that was dealt with and could not be moved aside."""
        return bool(self._left)

    def leave(self, name: str) -> None:
        """Give a file again only when it has changed, or after a while: it was dealt with and cannot be moved aside."""
        seen, _ = self._since[name]
        self._left[name] = (seen, time.monotonic() + _LEFT_S)

    def complete(self, folder: DropFolder) -> tuple[list[str], bool]:
        """Give the names of what is complete, the oldest first, and whether there is more than is looked at."""
        entries, more = folder.entries()
        now = time.monotonic()
        before, self._since = self._since, {}
        self._left = {
            name: (seen, until)
            for name, (seen, until) in self._left.items()
            if entries.get(name) == seen and now < until
        }
        ready = []
        for name, seen in entries.items():
            known, since = before.get(name, (None, now))
            since = since if known == seen else now
            self._since[name] = (seen, since)
            if name in self._left:
                continue
            if folder.has_mark(name) or (known == seen and now - since >= self._apart_s):
                ready.append((seen.changed_ns, name))
        return [name for _, name in sorted(ready)], more
