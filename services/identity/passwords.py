"""Passwords as argon2id (RFC 9106); two are checked at a time, since each takes 64 MB.

Promise: checking against nobody costs what checking against somebody costs.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.identity.errors import WeakPasswordError

SHORTEST = 12
LONGEST = 256
_AT_A_TIME = 2


class Passwords:
    """Hashes and checks the passwords of one tenant."""

    def __init__(self, *, cheap: bool) -> None:
        """Choose the work.

        Args:
            cheap: For demo and test stacks, whose passwords are drawn at random and guard invented people.
        """
        self._hasher = PasswordHasher(memory_cost=8192, time_cost=1, parallelism=1) if cheap else PasswordHasher()
        # What an unknown login is compared with, so that it costs as much as a known one.
        self._nobody = self._hasher.hash(secrets.token_hex(16))
        self._turns = threading.BoundedSemaphore(_AT_A_TIME)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn; whoever counts failures does so inside, so that guesses do not overtake the count."""
        with self._turns:
            yield

    def hash(self, password: str, *, login: str) -> str:
        """Hash a password.

        Raises:
            WeakPasswordError: It is too short, too long, or the login.
        """
        if not SHORTEST <= len(password) <= LONGEST or password.casefold() == login.casefold():
            raise WeakPasswordError(SHORTEST, LONGEST)
        return self._hasher.hash(password)

    def fits(self, password: str, stored: str | None) -> bool:
        """Whether a password fits a hash; None costs the same and never fits."""
        try:
            right = self._hasher.verify(stored or self._nobody, password[: LONGEST + 1].encode(errors="replace"))
        except (VerificationError, InvalidHashError):
            return False
        return right and stored is not None
