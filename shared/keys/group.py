"""The group of the commitments: the subgroup of prime order of Curve25519 in Edwards form, as libsodium computes it.

Points are 32 bytes, scalars are whole numbers mod ``ORDER``. ``SECOND`` is made by hashing a name to the curve, so
nobody knows what multiple of the base point it is: that is what makes a commitment binding. Limit: whether two
scalars are equal is decided in Python, not in constant time; only a host computes with secret ones, at home.
"""

import functools
import hashlib
import secrets
from collections.abc import Iterable

from nacl import bindings
from nacl.exceptions import CryptoError

from shared.kernel.errors import PoisonMessageError

ORDER = 2**252 + 27_742_317_777_372_353_535_851_937_790_883_648_493
"""Of the group (RFC 8032, 5.1); a prime."""
BYTES = 32
"""Of a point, and of a scalar in little-endian order."""
IDENTITY = (1).to_bytes(BYTES, "little")

_WIDE = 64


class NotInGroupError(PoisonMessageError):
    """Bytes that are no point of the group, or no scalar below its order."""

    code = "not-in-group"

    def __init__(self) -> None:
        """Say what to do; the bytes are not repeated."""
        super().__init__("These bytes are not an element of the group. Send what this version's builder makes.")


def point_of(name: str) -> bytes:
    """Hash a name to a point whose logarithm nobody knows (Elligator 2 over SHA-512, cofactor cleared)."""
    return bindings.crypto_core_ed25519_from_uniform(hashlib.sha512(name.encode()).digest()[:BYTES])


SECOND = point_of("alongside/commitment/v1/second-generator")


def draw() -> int:
    """Draw a secret scalar."""
    return secrets.randbelow(ORDER)


def hash_to_scalar(*parts: bytes) -> int:
    """Give the challenge over some bytes: SHA-512, each part with its length before it."""
    digest = hashlib.sha512()
    for part in parts:
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return int.from_bytes(digest.digest(), "little") % ORDER


def scalars_of(stream: bytes) -> tuple[int, ...]:
    """Read a stream of random bytes as scalars, 64 bytes each, so that none is likelier than another."""
    return tuple(
        int.from_bytes(stream[start : start + _WIDE], "little") % ORDER for start in range(0, len(stream), _WIDE)
    )


def stream_bytes(count: int) -> int:
    """Give how many bytes ``scalars_of`` reads for so many scalars."""
    return _WIDE * count


def scalar_to(value: int) -> bytes:
    """Give a scalar as bytes."""
    return (value % ORDER).to_bytes(BYTES, "little")


def scalar_from(content: bytes) -> int:
    """Read a scalar.

    Raises:
        NotInGroupError: It is not below the group's order: one scalar has one form.
    """
    value = int.from_bytes(content, "little")
    if len(content) != BYTES or value >= ORDER:
        raise NotInGroupError
    return value


def base_times(scalar: int) -> bytes:
    """Multiply the base point."""
    reduced = scalar % ORDER
    return bindings.crypto_scalarmult_ed25519_base_noclamp(scalar_to(reduced)) if reduced else IDENTITY


def times(scalar: int, point: bytes) -> bytes:
    """Multiply a point.

    Raises:
        NotInGroupError: It is no point of the group.
    """
    reduced = scalar % ORDER
    if point == IDENTITY or not reduced:
        return IDENTITY
    try:
        return bindings.crypto_scalarmult_ed25519_noclamp(scalar_to(reduced), point)
    except CryptoError as error:
        raise NotInGroupError from error


def add(*points: bytes) -> bytes:
    """Add points; a single one is given back as it is.

    Raises:
        NotInGroupError: One of several is no point of the curve.
    """
    try:
        return functools.reduce(bindings.crypto_core_ed25519_add, points) if points else IDENTITY
    except CryptoError as error:
        raise NotInGroupError from error


def less(one: bytes, other: bytes) -> bytes:
    """Subtract a point.

    Raises:
        NotInGroupError: One of them is no point of the curve.
    """
    try:
        return bindings.crypto_core_ed25519_sub(one, other)
    except CryptoError as error:
        raise NotInGroupError from error


def add_rows(rows: Iterable[tuple[bytes, ...]], length: int) -> tuple[bytes, ...]:
    """Add rows of points, place by place."""
    total = (IDENTITY,) * length
    for row in rows:
        total = tuple(map(add, total, row))
    return total


def commit(value: int, blinding: int) -> bytes:
    """Commit to a number (Pedersen): hides it perfectly, and nobody can open it as another."""
    return add(base_times(value), times(blinding, SECOND))
