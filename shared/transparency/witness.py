"""What a witness of a log does: it cosigns what goes on from what it saw, and refuses everything else. Pure.

Promise: two checkpoints that a witness cosigned are of one history, the later one with the earlier as its beginning and
not dated before it. Whoever cuts, rewrites or splits a log, or signs it with another key, is refused from then on.
Shown by tests/unit/shared/transparency/test_witness.py. Formats: C2SP tlog-witness (what is compared), tlog-cosignature
(cosignature/v1, Ed25519).
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.transparency.notes import (
    COSIGNATURE,
    Checkpoint,
    NoteRefusedError,
    VerifierKey,
    checkpoint_text,
    read_checkpoint,
    signature_line,
)
from shared.transparency.tree import EMPTY_ROOT, ProofRefusedError, verify_consistency

COSIGNED = "COSIGNED"
CONFLICT = "CONFLICT"
"""The proof begins elsewhere than what the witness saw last; it names that size, and is asked again."""
STALE = "STALE"
"""It was signed before what the witness saw last, and comes late or a second time. It says nothing against the log."""
KEY_REPLACED, BAD_SIGNATURE, AHEAD = "KEY_REPLACED", "BAD_SIGNATURE", "AHEAD"
FORKED, WENT_BACK, BACK_DATED = "FORKED", "WENT_BACK", "BACK_DATED"
UNKNOWN_HOST = "UNKNOWN_HOST"
ALARMS = (KEY_REPLACED, BAD_SIGNATURE, AHEAD, FORKED, WENT_BACK, BACK_DATED)
"""What a person must look into."""
OUTCOMES = (COSIGNED, CONFLICT, STALE, UNKNOWN_HOST, *ALARMS)
MOST_AHEAD = timedelta(days=1)
"""By which a log's clock may be ahead of its witness's."""
MOST_HASHES = 63
"""Of a proof between two sizes of 32 bits."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a witness saw last of a log.

    Attributes:
        keys: The log's, as they were the first time.
    """

    size: int
    root: bytes
    at: datetime
    keys: tuple[VerifierKey, VerifierKey]


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A checkpoint as it came.

    Attributes:
        note: With the log's signatures.
        keys: By which the log says that it signs.
        before: Where the proof begins.
    """

    note: str
    keys: tuple[VerifierKey, VerifierKey]
    before: int
    proof: Sequence[bytes]


def judge(
    offer: Offer, seen: Seen | None, *, now: datetime, root_of: Callable[[int], bytes | None]
) -> tuple[str, Checkpoint | None]:
    """Say what becomes of a checkpoint: ``COSIGNED`` or why not, with the checkpoint where its signatures fit.

    Args:
        offer: As it came.
        seen: None: this witness sees the log for the first time, and believes the keys that it comes with.
        now: Of the witness.
        root_of: Gives the root that this witness saw at some size; None where it never saw that size.
    """
    if seen is not None and offer.keys != seen.keys:
        return KEY_REPLACED, None
    try:
        checkpoint = read_checkpoint(offer.note, offer.keys)
    except NoteRefusedError:
        return BAD_SIGNATURE, None
    return _why(offer, checkpoint, seen, now=now, root_of=root_of), checkpoint


def _why(
    offer: Offer,
    checkpoint: Checkpoint,
    seen: Seen | None,
    *,
    now: datetime,
    root_of: Callable[[int], bytes | None],
) -> str:
    size, known = checkpoint.size, seen.size if seen is not None else 0
    is_older = seen is not None and checkpoint.at < seen.at
    in_this_order = (
        (AHEAD, checkpoint.at > now + MOST_AHEAD),
        (FORKED, root_of(size) not in (None, checkpoint.root)),
        # Signed before the last one, and no larger: it was long on its way. Signed after it, the log shrank.
        (STALE, size <= known and is_older),
        (WENT_BACK, size < known or size == 0),
        (BACK_DATED, is_older),
        # The same once more is cosigned once more.
        (COSIGNED, size == known),
        (CONFLICT, offer.before != known),
        (FORKED, not _goes_on(offer, checkpoint, seen)),
    )
    return next((outcome for outcome, is_so in in_this_order if is_so), COSIGNED)


def _goes_on(offer: Offer, checkpoint: Checkpoint, seen: Seen | None) -> bool:
    size, root = (seen.size, seen.root) if seen is not None else (0, EMPTY_ROOT)
    if checkpoint.size <= size or len(offer.proof) > MOST_HASHES:
        return False
    try:
        verify_consistency(size, root, checkpoint.size, checkpoint.root, offer.proof)
    except ProofRefusedError:
        return False
    return True


def witness_key(name: str, public: str) -> VerifierKey:
    """Give a witness's public key as verifiers are given it; ``public`` is hexadecimal."""
    return VerifierKey(name=witness_name(name), kind=COSIGNATURE, public=bytes.fromhex(public))


def witness_name(name: str) -> str:
    """Give the name under which the board or the custodian cosigns."""
    return f"alongside/{name}/witness"


def cosigned_message(origin: str, size: int, root: bytes, at: datetime) -> bytes:
    """Give what a witness signs: the checkpoint, as of a time."""
    return f"cosignature/v1\ntime {int(at.timestamp())}\n{checkpoint_text(origin, size, root)}".encode()


def cosignature_line(key: VerifierKey, at: datetime, signature: str) -> str:
    """Give a cosignature as a line of a note; ``signature`` is hexadecimal."""
    return signature_line(key, struct.pack(">Q", int(at.timestamp())) + bytes.fromhex(signature))
