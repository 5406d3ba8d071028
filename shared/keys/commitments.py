"""Commitments to a report, cell by cell: what binds the board's sum to the shares that it was given.

For each cell of a vector the host draws two blindings, one of the count and one of the borrow (whether the stream was
greater than the count, so that share A wrapped around). Both come from one seed of 32 bytes, which travels with share
A to the board alone; the commitments travel with the seed of the stream to the custodian alone. A commitment hides
its number perfectly; who holds blinding and commitment could try small numbers, so the two never meet.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.keys import group
from shared.keys.sharing import SEED_BYTES, Share, WrongSeedError, WrongShareSizeError

WRAP = 2**32
"""What a borrow adds: share A = count - stream + WRAP * borrow, in whole numbers."""

_DOMAIN = b"alongside/blinding/v1/"
_NAME = b"alongside/share-commitment/v1/"


@dataclass(frozen=True, kw_only=True)
class Blindings:
    """The blindings of one report.

    Attributes:
        counts: Of each cell's count.
        borrows: Of each cell's borrow.
    """

    counts: tuple[int, ...] = field(repr=False)
    borrows: tuple[int, ...] = field(repr=False)

    @classmethod
    def of(cls, seed: bytes, context: bytes, length: int) -> Self:
        """Make the blindings of a report: HKDF-SHA256 of seed and context, then AES-256 in counter mode.

        Args:
            seed: 32 random bytes, used for nothing else.
            context: From ``sharing.report_context``.
            length: Cells of the vector.

        Raises:
            WrongSeedError: The seed is not 32 bytes.
        """
        if len(seed) != SEED_BYTES:
            raise WrongSeedError(len(seed))
        key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_DOMAIN + context).derive(seed)
        # The key is used for this one stream only, so the counter may start at zero.
        stream = Cipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor()
        drawn = group.scalars_of(stream.update(bytes(group.stream_bytes(2 * length))))
        return cls(counts=drawn[:length], borrows=drawn[length:])

    @property
    def shares(self) -> tuple[int, ...]:
        """The blindings of share A, which follow from the two others."""
        return tuple((one + WRAP * other) % group.ORDER for one, other in zip(self.counts, self.borrows, strict=True))


def commit_share(share: Share, blindings: Blindings) -> tuple[bytes, ...]:
    """Commit to each cell of a share A."""
    return tuple(group.commit(int(cell), one) for cell, one in zip(share, blindings.shares, strict=True))


def name_of(commitments: Iterable[bytes], context: bytes) -> str:
    """Name the commitments to one share A: the same on both sides only if both mean the same share of one report."""
    return hashlib.sha256(_NAME + context + b"|" + b"".join(commitments)).hexdigest()


def add_blindings(blindings: Iterable[Blindings], length: int) -> tuple[int, ...]:
    """Add up the blindings of the counts, cell by cell: what opens the product of a cohort's commitments."""
    total = [0] * length
    for one in blindings:
        total = [(before + more) % group.ORDER for before, more in zip(total, one.counts, strict=True)]
    return tuple(total)


def blindings_to(blindings: Iterable[int]) -> bytes:
    """Give a sum of blindings as bytes, 32 a cell."""
    return b"".join(map(group.scalar_to, blindings))


def blindings_from(content: bytes, length: int) -> tuple[int, ...]:
    """Read a sum of blindings.

    Raises:
        WrongShareSizeError: It has another size.
        NotInGroupError: A part is no scalar.
    """
    if len(content) != group.BYTES * length:
        raise WrongShareSizeError(group.BYTES * length, len(content))
    parts = (content[start : start + group.BYTES] for start in range(0, len(content), group.BYTES))
    return tuple(map(group.scalar_from, parts))


def is_sum_of(sums: Share, blindings: Sequence[int], commitments: Sequence[bytes]) -> bool:
    """Whether sums and added blindings open the added commitments, in every cell.

    The counts of each report were proven to be far below 2**32, so their sum is a whole number that did not wrap; a
    sum that is off by 1 in one cell is false here.
    """
    return all(
        group.commit(int(cell), blinding) == commitment
        for cell, blinding, commitment in zip(sums, blindings, commitments, strict=True)
    )
