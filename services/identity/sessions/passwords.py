"""Passwords as argon2id (RFC 9106); two are checked at a time, since each takes 64 MB.

Promise: checking against nobody costs what checking against somebody costs; whoever finds the queue full is told so
at once (HTTP 429) and never holds a thread for long. Shown by tests/integration/identity/test_identity_sign_in.py.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.identity.sessions.common_passwords import is_common
from services.identity.sessions.errors import BusyError, WeakPasswordError

SHORTEST = 12
LONGEST = 256
AT_A_TIME = 2
WAITING = 6
"""How many may wait besides those that are checked; more would hold every thread of the server."""
PATIENCE_S = 4.0
"""Seconds for which anybody waits for a turn."""


class Passwords:
    """Hashes and checks the passwords of one tenant."""

    def __init__(self, *, cheap: bool) -> None:
        """Choose the work.

        Args:
            cheap: For demo and test stacks, whose passwords are drawn at random and guard invented people.
        """
        self._hasher = PasswordHasher(memory_cost=8192, time_cost=1, parallelism=1) if cheap else PasswordHasher()
        self._turns = threading.BoundedSemaphore(AT_A_TIME)
        self._places = threading.BoundedSemaphore(AT_A_TIME + WAITING)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn; whoever counts failures does so inside, so that guesses do not overtake the count.

        Raises:
            BusyError: Too many wait already, or the turn did not come in time.
        """
        if not self._places.acquire(blocking=False):
            raise BusyError
        try:
            if not self._turns.acquire(timeout=PATIENCE_S):
                raise BusyError
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._places.release()

    @cached_property
    def _nobody(self) -> str:
        """What an unknown login is compared with, so that it costs as much as a known one."""
        return self._hasher.hash(secrets.token_hex(16))

    def hash(self, password: str, *, login: str) -> str:
        """Hash a password, in its turn.

        Raises:
            BusyError: Too many are being hashed or checked.
            WeakPasswordError: It is too short, too long, the login, or one that is tried first.
        """
        own = (login, *login.split("@"), login.partition("@")[2].partition(".")[0])
        if not SHORTEST <= len(password) <= LONGEST or is_common(password, also=own):
            raise WeakPasswordError(SHORTEST, LONGEST)
        with self.turn():
            return self._hasher.hash(password.encode(errors="replace"))

    def fits(self, password: str, stored: str | None) -> bool:
        """Whether a password fits a hash; None costs the same and never fits."""
        # Made at the first check of all, whoever is checked, so that no unknown login is the one that waits for it.
        nobody = self._nobody
        try:
            right = self._hasher.verify(stored or nobody, password[: LONGEST + 1].encode(errors="replace"))
        except (VerificationError, InvalidHashError):
            return False
        return right and stored is not None
