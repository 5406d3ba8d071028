"""The database server's clock, so that what several machines record has one time.

A mark through T says that whatever was recorded by T is out. That holds only if whoever records and whoever
sends the mark read one clock. The server is asked every ten seconds; between two answers the machine's
``boot_seconds`` goes on, which no one sets and which counts while the machine sleeps.

Promise: a recorded time lies no more than a tenth of a second from the server's, however wrong the machine's
clock is, and a process that knows its clock to be wrong carries out no command (``tests/kernel/test_marks.py``).
Limit: before the first answer the machine's own clock is taken, and nobody is refused.
"""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from shared.kernel.clock import BusinessClock, Now, boot_seconds, real_now

SKEW_LIMIT_S = 2.0
"""A machine whose clock is further from the server's than this sends no marks and carries out no command."""

_ASK_EVERY_S = 10.0
_ASK_AGAIN_S = 1.0
"""Who was found wrong asks again so soon: a clock that was set right, or one slow answer, is no reason to wait."""
_ASK_LIMIT_S = 2.0
_NOISE_S = 0.1
"""A difference as small as this is the measurement's own error; then the machine's clock is left as it is."""


class ServerClock:
    """Reads the server's clock through a client.

    Args:
        now: The time to correct: the business clock's, or one that is taken for real time. What is taken for
            real time never runs behind the server's.
    """

    def __init__(self, client: MongoClient[dict[str, Any]], now: Now) -> None:
        """Remember whom to ask; nothing is asked yet."""
        self._client = client
        self._now = now
        self._is_business = isinstance(getattr(now, "__self__", None), BusinessClock)
        self._lock = threading.Lock()
        self._asked_at = float("-inf")
        self._server_at_boot: datetime | None = None
        self._doubt_s = 0.0
        self._pause_s = _ASK_EVERY_S

    def real(self) -> datetime:
        """Give the server's time."""
        return real_now() - timedelta(seconds=self.skew_s())

    def now(self) -> datetime:
        """Give the time to record: the business clock's as it would be on the server's machine."""
        corrected = self._now() - timedelta(seconds=self.skew_s())
        if not self._is_business:
            corrected = max(corrected, self.real() - timedelta(seconds=_NOISE_S))
        return corrected.replace(microsecond=corrected.microsecond // 1000 * 1000)

    def skew_s(self) -> float:
        """Give how far this machine's clock is ahead of the server's, in seconds; 0 where none can be seen."""
        self._ask_when_due()
        if self._server_at_boot is None:
            return 0.0
        server = self._server_at_boot + timedelta(seconds=boot_seconds())
        skew = (real_now() - server).total_seconds()
        return skew if abs(skew) > _NOISE_S else 0.0

    def wrong_by_s(self) -> float:
        """Give for certain how far this machine's clock is off, less what a slow answer may feign."""
        return max(0.0, abs(self.skew_s()) - self._doubt_s)

    def is_wrong(self) -> bool:
        """Whether this machine's clock is known to be wrong."""
        return self.wrong_by_s() > SKEW_LIMIT_S

    def _ask_when_due(self) -> None:
        if boot_seconds() - self._asked_at < self._pause_s or not self._lock.acquire(blocking=False):
            return
        try:
            self._asked_at = began = boot_seconds()
            with pymongo.timeout(_ASK_LIMIT_S):
                told: datetime = self._client.admin.command("hello")["localTime"]
            ended = boot_seconds()
            self._server_at_boot = told.replace(tzinfo=UTC) - timedelta(seconds=(began + ended) / 2)
            self._doubt_s = (ended - began) / 2
            off_s = abs((real_now() - told.replace(tzinfo=UTC)).total_seconds())
            self._pause_s = _ASK_AGAIN_S if off_s > SKEW_LIMIT_S else _ASK_EVERY_S
        except PyMongoError:
            # A database that is away is noticed by the work itself; the last answer goes on.
            return
        finally:
            self._lock.release()
