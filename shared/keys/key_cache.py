"""Data keys in memory, usable for a few seconds after they were read and never longer.

Limit: an expired key is refused at once but leaves memory only at the next call or ``drop_expired``.
"""

from collections.abc import Callable, Iterable, Mapping
from threading import Lock


class KeyCache:
    """Keys by survivor id, each with the moment it expires; reading one does not lengthen its life."""

    def __init__(self, *, life_s: float, clock: Callable[[], float]) -> None:
        """Take the life in seconds and a clock that only grows."""
        self._life_s = life_s
        self._clock = clock
        self._keys: dict[str, tuple[bytes, float]] = {}
        self._lock = Lock()

    def find(self, survivor_ids: Iterable[str]) -> dict[str, bytes]:
        """Give those keys that still live."""
        now = self._clock()
        with self._lock:
            self._sweep(now)
            held = ((id_, self._keys.get(id_)) for id_ in survivor_ids)
            return {id_: entry[0] for id_, entry in held if entry is not None and now < entry[1]}

    def keep(self, keys: Mapping[str, bytes], *, read_at: float) -> None:
        """Keep keys whose reading began at ``read_at``; a slow read may leave them no life at all."""
        expires_at = read_at + self._life_s
        with self._lock:
            self._sweep(self._clock())
            for id_, key in keys.items():
                # Taken out first, so that the newest stand last and a sweep may stop at the first live one.
                self._keys.pop(id_, None)
                self._keys[id_] = (key, expires_at)

    def drop(self, survivor_id: str) -> None:
        """Let go of one key."""
        with self._lock:
            self._keys.pop(survivor_id, None)

    def drop_expired(self) -> None:
        """Let go of every key past its life."""
        with self._lock:
            self._sweep(self._clock())

    def _sweep(self, now: float) -> None:
        expired = []
        for id_, (_, expires_at) in self._keys.items():
            if now < expires_at:
                break
            expired.append(id_)
        for id_ in expired:
            del self._keys[id_]
