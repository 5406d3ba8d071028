"""Field encryption: AES-256-GCM under the survivor's data key, bound to tenant, survivor, field, version.

A sealed field is ``version (1 byte) | nonce (12) | ciphertext | tag (16)``: 29 bytes more than the text.

Limit: the length of a text shows. Random nonces stay safe below 2^32 encryptions under one data key
(NIST SP 800-38D, 8.3), far above what one person's file can reach.
"""

import os
from collections.abc import Iterator, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.kernel.errors import InvalidInputError, PoisonMessageError

OVERHEAD_BYTES = 29
MAX_VERSION = 255

_NONCE_BYTES = 12
_HEAD_BYTES = 1 + _NONCE_BYTES


class CiphertextMovedError(PoisonMessageError):
    """A sealed field does not open at this place: it was moved, altered, or closed by another key."""

    code = "ciphertext-moved"

    def __init__(self, field: str, version: int) -> None:
        """Name the field; never its content."""
        super().__init__(
            f"The sealed field {field} (version {version}) does not open here: it was written for another "
            "tenant, survivor, field or version, under another key, or was altered. Restore the document "
            "from a sound copy."
        )
        self.field = field
        self.version = version


class SealingVersionError(InvalidInputError):
    """A version of sealed fields is 1 to 255."""

    code = "sealing-version"

    def __init__(self, version: int) -> None:
        """Keep the version."""
        super().__init__(f"The version of a sealed field is 1 to {MAX_VERSION}, not {version}.")


def encrypt_field(
    dek: bytes, plaintext: bytes | str, *, tenant: str, survivor_id: str, field: str, version: int = 1
) -> bytes:
    """Seal one field of one survivor.

    Args:
        dek: The survivor's data key, 32 bytes.
        plaintext: Text is sealed as UTF-8.
        tenant: Whose database it lies in.
        survivor_id: Whom it is about.
        field: Name of the field in its document.
        version: Of what the field means, 1-255; a new meaning takes the next one.

    Raises:
        SealingVersionError: ``version`` is out of range.
    """
    nonce = os.urandom(_NONCE_BYTES)
    return _seal(AESGCM(dek), plaintext, _bound_to(tenant, survivor_id, field, version), version, nonce)


def decrypt_field(dek: bytes, sealed: bytes, *, tenant: str, survivor_id: str, field: str, version: int = 1) -> bytes:
    """Open one field of one survivor.

    Raises:
        CiphertextMovedError: It was sealed for another place or key, or was altered.
    """
    return _open(AESGCM(dek), sealed, _bound_to(tenant, survivor_id, field, version), field, version)


def seal_fields(
    dek: bytes, values: Mapping[str, str | None], *, tenant: str, survivor_id: str, version: int = 1
) -> dict[str, bytes | None]:
    """Seal a document's fields, field name to text; None stays None (that a field is empty is no secret).

    Raises:
        SealingVersionError: ``version`` is out of range.
    """
    cipher = AESGCM(dek)
    # One call to the system for all of them: it costs more than the sealing does.
    nonces = _nonces(len(values))
    return {
        field: None
        if text is None
        else _seal(cipher, text, _bound_to(tenant, survivor_id, field, version), version, next(nonces))
        for field, text in values.items()
    }


def open_fields(
    dek: bytes, sealed: Mapping[str, bytes | None], *, tenant: str, survivor_id: str, version: int = 1
) -> dict[str, str | None]:
    """Open what ``seal_fields`` sealed.

    Raises:
        CiphertextMovedError: One field was sealed for another place or key, or was altered.
    """
    cipher = AESGCM(dek)
    return {
        field: None
        if content is None
        else _open(cipher, content, _bound_to(tenant, survivor_id, field, version), field, version).decode()
        for field, content in sealed.items()
    }


def _nonces(count: int) -> Iterator[bytes]:
    """Draw so many nonces, each of which is used once."""
    drawn = os.urandom(_NONCE_BYTES * count)
    return (drawn[at : at + _NONCE_BYTES] for at in range(0, len(drawn), _NONCE_BYTES))


def _seal(cipher: AESGCM, plaintext: bytes | str, bound_to: bytes, version: int, nonce: bytes) -> bytes:
    if not 1 <= version <= MAX_VERSION:
        raise SealingVersionError(version)
    data = plaintext.encode() if isinstance(plaintext, str) else plaintext
    return version.to_bytes(1) + nonce + cipher.encrypt(nonce, data, bound_to)


def _open(cipher: AESGCM, sealed: bytes, bound_to: bytes, field: str, version: int) -> bytes:
    if len(sealed) < OVERHEAD_BYTES or sealed[0] != version:
        raise CiphertextMovedError(field, version)
    try:
        return cipher.decrypt(sealed[1:_HEAD_BYTES], sealed[_HEAD_BYTES:], bound_to)
    except InvalidTag as error:
        raise CiphertextMovedError(field, version) from error


def _bound_to(tenant: str, survivor_id: str, field: str, version: int) -> bytes:
    # Lengths first, so that no two places share one text however their names are chosen.
    return (
        f"alongside-field:{version}:{len(tenant)}:{tenant}{len(survivor_id)}:{survivor_id}{len(field)}:{field}"
    ).encode()
