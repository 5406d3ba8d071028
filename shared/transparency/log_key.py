"""The key with which a log signs its checkpoints: one file with two private halves, Ed25519 and ML-DSA-44.

Limit: whoever reads the file can sign in the log's name. What was signed before still binds: another history of the
same log contradicts checkpoints that others kept.
Shown by tests/unit/shared/transparency/test_notes.py.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from shared.kernel.errors import RuleViolationError
from shared.transparency.notes import (
    ED25519,
    ML_DSA_44,
    Checkpoint,
    VerifierKey,
    checkpoint_text,
    dated_message,
    note_of,
)

_SEED_BYTES = 32
_NAMES = ("ed25519", "ml-dsa-44")
_LOST = (
    "Restore it from the owner's safe copy, or from the backup of keys. Only where its log was never signed, draw one: "
    "alongside tenant add."
)


class LogKeyFileError(RuleViolationError):
    """The key file of a log cannot be used as it stands."""

    code = "log-key-file"

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        """Say which file, what is wrong and how to mend it."""
        super().__init__(f"The file {path} {problem}. {remedy}")


@dataclass(frozen=True, kw_only=True)
class LogKey:
    """Both private halves."""

    ed25519: bytes = field(repr=False)
    ml_dsa_44: bytes = field(repr=False)

    @classmethod
    def draw(cls) -> Self:
        """Draw a new one."""
        return cls(
            ed25519=Ed25519PrivateKey.generate().private_bytes_raw(),
            ml_dsa_44=MLDSA44PrivateKey.generate().private_bytes_raw(),
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a key file, mode 0600: two lines, each the kind and 32 bytes as hexadecimal.

        Raises:
            LogKeyFileError: It is missing, readable by others or no key.
        """
        try:
            if path.stat().st_mode & 0o077:
                raise LogKeyFileError(path, "may be read by other users", "Set its mode to 0600.")
            lines = dict(line.split() for line in path.read_text(encoding="utf-8").splitlines())
            first, second = (bytes.fromhex(lines[name]) for name in _NAMES)
        except FileNotFoundError as error:
            raise LogKeyFileError(path, "does not exist", _LOST) from error
        except (PermissionError, IsADirectoryError) as error:
            raise LogKeyFileError(path, "cannot be read", "Let its owner read it, and nobody else.") from error
        except (ValueError, KeyError):
            first = second = b""
        if {len(first), len(second)} != {_SEED_BYTES}:
            raise LogKeyFileError(path, "is not the key of a log", "Restore it from the owner's safe copy.")
        return cls(ed25519=first, ml_dsa_44=second)

    @property
    def text(self) -> str:
        """The file's content."""
        return "".join(
            f"{name} {half.hex()}\n" for name, half in zip(_NAMES, (self.ed25519, self.ml_dsa_44), strict=True)
        )

    def public(self, name: str) -> tuple[VerifierKey, VerifierKey]:
        """Give both public keys, under the name of the log."""
        first = Ed25519PrivateKey.from_private_bytes(self.ed25519).public_key().public_bytes_raw()
        second = MLDSA44PrivateKey.from_seed_bytes(self.ml_dsa_44).public_key().public_bytes_raw()
        return (
            VerifierKey(name=name, kind=ED25519, public=first),
            VerifierKey(name=name, kind=ML_DSA_44, public=second),
        )

    def sign(self, checkpoint: Checkpoint) -> str:
        """Give the signed note; the log signs under its own origin."""
        text = checkpoint_text(checkpoint.origin, checkpoint.size, checkpoint.root)
        plain = Ed25519PrivateKey.from_private_bytes(self.ed25519).sign(text.encode())
        dated = MLDSA44PrivateKey.from_seed_bytes(self.ml_dsa_44).sign(dated_message(checkpoint.origin, checkpoint))
        return note_of(self.public(checkpoint.origin), checkpoint, plain, dated)
