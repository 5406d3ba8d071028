"""Stands for a host's feed on this machine: invented events, one drawn key, and faults that are planted on purpose.

It holds what it is given and nothing else. Shown by tests/unit/client/test_feed_conformance.py.
"""

import base64
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_LONGEST_POLL_S = 25.0
RETRY_AFTER_S = 2


@dataclass(kw_only=True)
class Seen:
    """What the consumer did so far.

    Attributes:
        base: The position that it had when it came first; None before.
        reached: Everything up to it was taken, as its next reading or its acknowledgement says.
        served: The last position that it was given.
        too_far: Whether it acknowledged more than that.
        told_to_wait_at: When it was told to come later, until it comes.
        pauses: How often it came again after that.
        rushed: Whether it came before the time that it was told.
        read_after: After which positions it read, one reading after the other.
    """

    base: int | None = None
    reached: int = 0
    served: int = 0
    reads: int = 0
    sign_ins: int = 0
    snapshots: int = 0
    too_far: bool = False
    told_to_wait_at: float | None = None
    pauses: int = 0
    rushed: bool = False
    read_after: list[int] = field(default_factory=list)


class StandIn:
    """The feed's state; each of its methods may be called by many threads."""

    def __init__(self) -> None:
        """Begin empty."""
        self.client_id, self.client_secret = f"check-{secrets.token_hex(8)}", secrets.token_hex(16)
        self.seen = Seen()
        self.changed = threading.Condition()
        self._token, self._cursor = secrets.token_hex(16), 0
        self._items: list[dict[str, Any]] = []
        self._faults: list[str] = []

    @property
    def head(self) -> int:
        """The newest position."""
        return self._items[-1]["position"] if self._items else (self.seen.base or 0)

    def add(self, events: list[dict[str, Any]]) -> None:
        """Let events come, one position after the other."""
        with self.changed:
            for event in events:
                self._items.append({**event, "position": self.head + 1})
            self.changed.notify_all()

    def replace(self, after: int, event: dict[str, Any]) -> None:
        """Put another event in the place of each after a position, such as of those that a consumer stands still at."""
        with self.changed:
            self._items = [
                {**event, "position": one["position"]} if one["position"] > after else one for one in self._items
            ]
            self.changed.notify_all()

    def plant(self, fault: str) -> None:
        """Let the next reading meet a fault: ``503``, ``LOST``, ``401``, ``410`` or ``BUSY``."""
        with self.changed:
            self._faults.append(fault)
            self.changed.notify_all()

    def clear(self) -> None:
        """Take back faults that nobody met."""
        with self.changed:
            self._faults.clear()

    def until(self, met: Callable[[Seen], bool], within_s: float, alive: Callable[[], bool]) -> bool:
        """Wait until something is so; ends early where the consumer has ended."""
        ends = time.monotonic() + within_s
        with self.changed:
            while not met(self.seen):
                if time.monotonic() >= ends or not alive():
                    return False
                self.changed.wait(0.1)
            return True

    def token(self, given: str | None, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Answer a sign-in, by Basic or by form."""
        basic = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        by_form = (form.get("client_id"), form.get("client_secret")) == (self.client_id, self.client_secret)
        if given != f"Basic {basic}" and not by_form:
            return 401, {"error": "invalid_client"}
        with self.changed:
            self.seen.sign_ins += 1
            self.changed.notify_all()
            return 200, {"access_token": self._token, "token_type": "Bearer", "expires_in": 900}

    def knows(self, bearer: str | None) -> bool:
        """Whether a token is today's."""
        return bearer == f"Bearer {self._token}"

    def acknowledge(self, position: int) -> dict[str, Any]:
        """Move the stored cursor."""
        with self.changed:
            given = max(self.seen.served, self.seen.base or 0)
            self.seen.too_far |= position > given
            self._cursor = max(self._cursor, min(position, given))
            self.seen.reached = max(self.seen.reached, min(position, given))
            self.changed.notify_all()
            return {"id": "consumer", "position": self._cursor, "version": 1}

    def snapshot(self) -> dict[str, Any]:
        """Give a state of nothing, exact at the newest position."""
        with self.changed:
            self.seen.snapshots += 1
            self.seen.served = self._cursor = self.head
            self.changed.notify_all()
            known = {"known_since": None, "whole": True, "complete_through": None}
            return {"items": [], "position": self.head, **known, "next": None}

    def read(self, query: dict[str, str]) -> tuple[int, dict[str, Any]] | None:
        """Answer one reading; None where the connection is to be lost."""
        with self.changed:
            after = int(query["after"]) if "after" in query else self._cursor
            self._note(after)
            ends = time.monotonic() + min(float(query.get("wait", 0)), _LONGEST_POLL_S)
            while not self._faults and self.head <= after and time.monotonic() < ends:
                self.changed.wait(0.1)
            if self._faults:
                return self._fault(self._faults.pop(0), after)
            items = [one for one in self._items if one["position"] > after][: int(query.get("limit", 100))]
            return 200, self._page(items, after, waited=True)

    def _note(self, after: int) -> None:
        seen = self.seen
        if seen.base is None:
            # It may have a store from before: what comes now comes after that.
            seen.base = seen.served = self._cursor = after
        if seen.told_to_wait_at is not None:
            seen.rushed |= time.monotonic() - seen.told_to_wait_at < RETRY_AFTER_S - 0.2
            seen.told_to_wait_at, seen.pauses = None, seen.pauses + 1
        seen.reads += 1
        seen.read_after.append(after)
        seen.reached = max(seen.reached, after)
        self.changed.notify_all()

    def _fault(self, fault: str, after: int) -> tuple[int, dict[str, Any]] | None:
        if fault == "LOST":
            return None
        if fault == "BUSY":
            self.seen.told_to_wait_at = time.monotonic()
            return 200, self._page([], after, waited=False)
        if fault == "401":
            self._token = secrets.token_hex(16)
        return int(fault), {"status": int(fault), "title": "Planted by a check", "code": "planted"}

    def _page(self, items: list[dict[str, Any]], after: int, *, waited: bool) -> dict[str, Any]:
        position = items[-1]["position"] if items else after
        self.seen.served = max(self.seen.served, position)
        head = max(self.head, after)
        return {
            "items": items, "next": position, "head": head, "lag": head - position, "oldest": 1,
            "complete_through": None, "waited": waited,
        }  # fmt: skip
