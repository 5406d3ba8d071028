"""The one-slot escrow copy of the tenant key, so that a lost disk does not lose the tenant.

While an erasure runs the slot holds the old and the new generation, at its end the new one only. Each
copy has a version, and the slot refuses a lower one: a process that slept through a later erasure
cannot put an old key back.

Limit: one slot, so an erasure truly ends the old key; losing both file and slot loses the tenant.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from shared.kernel.errors import RuleViolationError
from shared.keys import key_file

_NUMBER_BYTES = 8


class EscrowSlot(Protocol):
    """Whoever keeps the copy; an erasure is done only when this has answered."""

    def replace(self, *, version: int, content: bytes) -> None:
        """Keep this copy in place of the former one, durably; the same version may come again.

        Raises:
            EscrowIsNewerError: The slot holds a later version.
            TemporarilyUnavailableError: No answer; the erasure stays unfinished and asks again.
        """


def escrow_version(generation: int, *, final: bool) -> int:
    """Number a copy: within one generation, the final copy lies above the one made during the erasure."""
    return generation * 2 + final


def generation_of(version: int) -> int:
    """Give the newest generation of the tenant key in a copy of this version; 0 where there is no copy."""
    return version // 2


class EscrowIsNewerError(RuleViolationError):
    """The slot already holds a later copy."""

    code = "escrow-is-newer"

    def __init__(self, *, offered: int, held: int) -> None:
        """Keep both numbers."""
        super().__init__(
            f"The escrow slot holds copy {held} of the tenant key and refuses copy {offered}. Another "
            "process has gone further with this erasure; run it again and it goes on from there."
        )


class FileEscrowSlot:
    """A slot in a file on another disk than the key's, its content sealed to the escrow holder."""

    def __init__(self, path: Path, *, seal: Callable[[bytes], bytes]) -> None:
        """Keep the file's place and the function that seals to the holder's public key."""
        self._path = path
        self._seal = seal

    def replace(self, *, version: int, content: bytes) -> None:
        """Replace the copy durably; see ``EscrowSlot``."""
        with key_file.exclusive(self._path):
            held = self.version()
            if held > version:
                raise EscrowIsNewerError(offered=version, held=held)
            key_file.put(self._path, version.to_bytes(_NUMBER_BYTES) + self._seal(content))

    def version(self) -> int:
        """Give the version of the copy in the slot, 0 if it is empty."""
        try:
            return int.from_bytes(self._path.read_bytes()[:_NUMBER_BYTES])
        except FileNotFoundError:
            return 0

    def sealed_copy(self) -> bytes:
        """Give the sealed copy for the holder to open at a restore."""
        return self._path.read_bytes()[_NUMBER_BYTES:]
