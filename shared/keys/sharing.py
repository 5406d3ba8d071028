"""Two-server additive sharing: neither half says anything about a host's vector, their sums say the sum.

Share A is the vector less a stream made from a random seed, mod 2**32; the board keeps it, the custodian
keeps the seed. Limit: board and custodian together read every host; so they are two legal entities. A
seed and context used for two vectors show their difference: draw a new seed for each report.
"""

import hashlib
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.kernel.errors import InvalidInputError, PoisonMessageError

SEED_BYTES = 32

_CELL_BYTES = 4
_LITTLE_ENDIAN = "<u4"
_DOMAIN = b"alongside/share/v1/"
_SEPARATOR = "|"

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Share = npt.NDArray[np.uint32]
else:
    # As in ``shared.contracts.vector``: numpy is loaded with the first share.
    Share = Any


class WrongSeedError(PoisonMessageError):
    """A seed is 32 bytes."""

    code = "wrong-seed"

    def __init__(self, found: int) -> None:
        """Keep the length, never the seed."""
        super().__init__(f"A seed has {SEED_BYTES} bytes, not {found}; the host must send its report again.")


class WrongShareSizeError(PoisonMessageError):
    """A share's bytes are not those of a vector of this task's plan."""

    code = "wrong-share-size"

    def __init__(self, expected: int, found: int) -> None:
        """Keep both sizes, in bytes."""
        super().__init__(f"A share of this plan has {expected} bytes, not {found}: it belongs to another plan.")


class AmbiguousContextError(InvalidInputError):
    """A part of a context is empty or holds the separator, so two contexts could be one."""

    code = "ambiguous-context"

    def __init__(self, part: str) -> None:
        """Name the part."""
        super().__init__(f"The {part} of a report is a code without '{_SEPARATOR}' and not empty.")


def new_seed() -> bytes:
    """Draw the seed of one report."""
    return secrets.token_bytes(SEED_BYTES)


def report_context(*, task_hash: str, period: str, host: str, report_id: str) -> bytes:
    """Bind a report to its one place: the context of its stream and the associated data of its seals.

    Raises:
        AmbiguousContextError: A part is empty or holds ``|``.
    """
    parts = {"task hash": task_hash, "period": period, "host": host, "report id": report_id}
    for name, value in parts.items():
        if not value or _SEPARATOR in value:
            raise AmbiguousContextError(name)
    return _SEPARATOR.join(parts.values()).encode()


def sum_context(*, task_hash: str, period: str) -> bytes:
    """Bind the board's sum to its task: the associated data of its seal."""
    return f"alongside-sum|{task_hash}|{period}".encode()


def expand(seed: bytes, context: bytes, length: int) -> Share:
    """Make the stream of a report: HKDF-SHA256 of seed and context, then AES-256 in counter mode.

    Args:
        seed: 32 random bytes.
        context: From ``report_context``.
        length: Cells.

    Raises:
        WrongSeedError: The seed is not 32 bytes.
    """
    import numpy as np  # noqa: PLC0415

    if len(seed) != SEED_BYTES:
        raise WrongSeedError(len(seed))
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_DOMAIN + context).derive(seed)
    # The key is used for this one stream only, so the counter may start at zero.
    stream = Cipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor()
    return np.frombuffer(stream.update(bytes(_CELL_BYTES * length)), dtype=_LITTLE_ENDIAN).astype(np.uint32)


def split(vector: Share, seed: bytes, context: bytes) -> Share:
    """Give share A: the vector less the report's stream, mod 2**32.

    Raises:
        WrongSeedError: The seed is not 32 bytes.
    """
    return vector.astype("uint32") - expand(seed, context, vector.size)


def add_up(shares: Iterable[Share], length: int) -> Share:
    """Add shares, expansions or check shares, mod 2**32.

    Raises:
        WrongShareSizeError: One of them has another length.
    """
    import numpy as np  # noqa: PLC0415

    total = np.zeros(length, dtype=np.uint32)
    for share in shares:
        if share.shape != (length,):
            raise WrongShareSizeError(_CELL_BYTES * length, _CELL_BYTES * share.size)
        total += share
    return total


def combine(sum_a: Share, sum_of_expansions: Share) -> Share:
    """Open the sum over a cohort: the board's sum of shares plus the custodian's sum of streams.

    Raises:
        WrongShareSizeError: The two are not equally long.
    """
    return add_up((sum_a, sum_of_expansions), sum_a.size)


def to_bytes(share: Share) -> bytes:
    """Give a share as little-endian bytes, 4 a cell: the size depends on the plan alone."""
    return share.astype(_LITTLE_ENDIAN).tobytes()


def with_more(share: Share, more: bytes) -> bytes:
    """Give a share's bytes and what travels behind them in one seal."""
    return to_bytes(share) + more


def parted(content: bytes, length: int) -> tuple[Share, bytes]:
    """Read a share of ``length`` cells and the bytes behind it.

    Raises:
        WrongShareSizeError: It is shorter than such a share.
    """
    end = _CELL_BYTES * length
    return from_bytes(content[:end], length), content[end:]


def from_bytes(content: bytes, length: int) -> Share:
    """Read a share of ``length`` cells.

    Raises:
        WrongShareSizeError: It has another size.
    """
    import numpy as np  # noqa: PLC0415

    if len(content) != _CELL_BYTES * length:
        raise WrongShareSizeError(_CELL_BYTES * length, len(content))
    return np.frombuffer(content, dtype=_LITTLE_ENDIAN).astype(np.uint32)


def cohort_hash(task_hash: str, report_ids: Iterable[str]) -> str:
    """Name a cohort: SHA-256 over task and sorted report ids, the same on both servers."""
    lines = "\n".join((task_hash, *sorted(report_ids)))
    return hashlib.sha256(_DOMAIN + b"cohort\n" + lines.encode()).hexdigest()
