"""Signed notes and checkpoints: one log's size and root under both signatures, as C2SP spells them.

A checkpoint says origin, size and root, and bears two signatures of the log's own: Ed25519 over the text (signed-note,
type 1), and ML-DSA-44 over origin, size, root and a time (tlog-cosignature, type 6), which a computer of the future
cannot forge either. Promise: one that lacks a signature, or bears one of another key, text or time, is not believed.
Shown by tests/unit/shared/transparency/test_notes.py.
"""

import base64
import binascii
import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from shared.kernel.errors import InvalidInputError, PoisonMessageError
from shared.kernel.tenancy import TenantId
from shared.transparency.tree import HASH_BYTES

ED25519, COSIGNATURE, ML_DSA_44 = 1, 4, 6
"""Kinds of key: of a log, of a witness, and of both."""
MOST_NOTE_BYTES = 200_000
"""Room for a text and for sixteen signatures and more of the longest kind."""
_KEY_BYTES = {ED25519: 32, COSIGNATURE: 32, ML_DSA_44: 1312}
_ID_BYTES, _STAMP_BYTES = 4, 8
_SIGNATURE_BYTES = {ED25519: 64, ML_DSA_44: _STAMP_BYTES + 2420}
_MOST_DIGITS = 15
_LABEL = b"subtree/v1\n\0"


class NoteRefusedError(PoisonMessageError):
    """A checkpoint is not believed: its form is wrong, or a signature is missing or does not fit."""

    code = "checkpoint-refused"

    def __init__(self, problem: str) -> None:
        """Say which."""
        super().__init__(
            f"This checkpoint is not believed: {problem}. Compare the keys with those that the log's owner gave you, "
            "and the checkpoint with a copy that was kept elsewhere."
        )


class VerifierKeyError(InvalidInputError):
    """A line is no verifier key of a kind that is used here."""

    code = "verifier-key"

    def __init__(self) -> None:
        """Say what one looks like."""
        super().__init__(
            "This is no key of a log. One is a line such as example+1a2b3c4d+AQ…: name, eight digits and the key, with "
            "plus signs between. A log has two of them; ask its owner for both lines."
        )


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What a log says of itself.

    Attributes:
        origin: Which log.
        at: When it said so, to the second.
    """

    origin: str
    size: int
    root: bytes
    at: datetime


@dataclass(frozen=True, kw_only=True)
class VerifierKey:
    """A public key with the name of whose it is.

    Attributes:
        kind: ``ED25519``, ``COSIGNATURE`` or ``ML_DSA_44``.
    """

    name: str
    kind: int
    public: bytes

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read a key's line.

        Raises:
            VerifierKeyError: It is none.
        """
        name, _, rest = line.strip().partition("+")
        digits, _, text = rest.partition("+")
        content = _decoded(text)
        if not name or not content or len(content) - 1 != _KEY_BYTES.get(content[0]):
            raise VerifierKeyError
        key = cls(name=name, kind=content[0], public=content[1:])
        if digits != key.id.hex():
            raise VerifierKeyError
        return key

    @property
    def id(self) -> bytes:
        """Four bytes that tell it from others of the same name."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:_ID_BYTES]

    @property
    def line(self) -> str:
        """The key as a line that others are given."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"


def origin_of(tenant: TenantId) -> str:
    """Give the name of a tenant's audit log, under which it is signed."""
    return f"alongside/{tenant}/audit"


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """Give the text that is signed."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def dated_message(name: str, checkpoint: Checkpoint) -> bytes:
    """Give what ML-DSA-44 signs: a tree from its first leaf on, as of a time."""
    signer, origin = name.encode(), checkpoint.origin.encode()
    return b"".join(
        (
            _LABEL,
            bytes([len(signer)]) + signer,
            struct.pack(">Q", int(checkpoint.at.timestamp())),
            bytes([len(origin)]) + origin,
            struct.pack(">QQ", 0, checkpoint.size),
            checkpoint.root,
        )
    )


def signature_line(key: VerifierKey, signature: bytes) -> str:
    """Give a signature as a line of a note."""
    return f"— {key.name} {base64.b64encode(key.id + signature).decode()}\n"


def note_of(keys: tuple[VerifierKey, VerifierKey], checkpoint: Checkpoint, plain: bytes, dated: bytes) -> str:
    """Give the signed note of a checkpoint and of the log's two signatures of it, Ed25519 first."""
    text = checkpoint_text(checkpoint.origin, checkpoint.size, checkpoint.root)
    stamp = struct.pack(">Q", int(checkpoint.at.timestamp()))
    return f"{text}\n{signature_line(keys[0], plain)}{signature_line(keys[1], stamp + dated)}"


def signatures_of(note: str, keys: tuple[VerifierKey, VerifierKey]) -> tuple[bytes, bytes]:
    """Give the log's two signatures of a note that was believed, Ed25519 first and without a time."""
    found = dict(_signatures(note.rpartition("\n\n")[2]))
    plain, dated = (found[key.name, key.id] for key in keys)
    return plain, dated[_STAMP_BYTES:]


def read_checkpoint(note: str, keys: tuple[VerifierKey, ...]) -> Checkpoint:
    """Read a checkpoint that bears a signature of each of these keys; others' signatures are passed over.

    Args:
        note: The signed note.
        keys: The log's own; at least one of them dates what it signs.

    Raises:
        NoteRefusedError: It is not believed.
    """
    if len(note) > MOST_NOTE_BYTES:
        raise NoteRefusedError("it is longer than any checkpoint")
    text, separator, signatures = note.rpartition("\n\n")
    text += "\n"
    found = dict(_signatures(signatures)) if separator else {}
    origin, size, root = _parts(text)
    dated = {key: found.get((key.name, key.id)) for key in keys}
    stamps = [signature[:_STAMP_BYTES] for key, signature in dated.items() if signature and key.kind == ML_DSA_44]
    if not stamps:
        raise NoteRefusedError("the signature that says when is missing")
    at = _instant(struct.unpack(">Q", stamps[0])[0] if len(stamps[0]) == _STAMP_BYTES else -1)
    checkpoint = Checkpoint(origin=origin, size=size, root=root, at=at)
    for key, signature in dated.items():
        _check(key, signature, text, checkpoint)
    return checkpoint


def _signatures(lines: str) -> Iterator[tuple[tuple[str, bytes], bytes]]:
    if not lines.endswith("\n"):
        raise NoteRefusedError("its end is missing")
    for line in lines[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        content = _decoded(encoded)
        if dash != "—" or not name or len(content) <= _ID_BYTES:
            raise NoteRefusedError("a line of its signatures cannot be read")
        yield (name, content[:_ID_BYTES]), content[_ID_BYTES:]


def _parts(text: str) -> tuple[str, int, bytes]:
    match text.split("\n"):
        # No further line: of such a one the second signature says nothing.
        case [origin, size, encoded, ""] if origin:
            root = _decoded(encoded)
        case _:
            raise NoteRefusedError("its text is not origin, size and root")
    # Its length is looked at first: a number without an end is never read.
    if not (len(size) <= _MOST_DIGITS and size.isascii() and size.isdecimal() and str(int(size)) == size):
        raise NoteRefusedError("its size is no number")
    if len(root) != HASH_BYTES:
        raise NoteRefusedError("its root cannot be read")
    return origin, int(size), root


def _decoded(text: str) -> bytes:
    """Decode what has one spelling only; give nothing of anything else."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return content if base64.b64encode(content).decode() == text else b""


def _instant(seconds: int) -> datetime:
    try:
        if seconds < 0:
            raise NoteRefusedError("the time in its signature is none")
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise NoteRefusedError("the time in its signature is none") from error


def _check(key: VerifierKey, signature: bytes | None, text: str, checkpoint: Checkpoint) -> None:
    if signature is None or len(signature) != _SIGNATURE_BYTES[key.kind]:
        raise NoteRefusedError("a signature of the log is missing")
    try:
        if key.kind == ED25519:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
        else:
            message = dated_message(key.name, checkpoint)
            MLDSA44PublicKey.from_public_bytes(key.public).verify(signature[_STAMP_BYTES:], message)
    except InvalidSignature as error:
        raise NoteRefusedError("a signature does not fit its text, its time or the log's key") from error
