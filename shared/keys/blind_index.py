"""Blind index: finds a survivor by exact name or reference without the database holding either.

Limit: 32 bits are enough for some thousand people, and two names may share an entry: open and compare
what is found. Equal names show as equal entries. Whoever holds the tenant key file can test guesses, so
entries of an erased person must be deleted with the person's documents.

Source: reference on privacy, part 7: HMAC(HMAC(k, tenant|field), value), never for low-entropy fields.
"""

import hashlib
import hmac
import re
import unicodedata

from shared.kernel.errors import InvalidInputError
from shared.kernel.tenancy import TenantId

NAME_FIELDS = frozenset({"given_name", "family_name", "full_name", "preferred_name", "former_name", "alias"})
REFERENCE_FIELDS = frozenset({"case_reference", "client_reference", "host_reference", "nrm_reference"})
INDEXED_FIELDS = NAME_FIELDS | REFERENCE_FIELDS
ENTRY_BYTES = 4

_SPACES = re.compile(r"[\s\-\u2010-\u2015_]+")
_NOT_WORD = re.compile(r"[^\w ]")
_NOT_REFERENCE = re.compile(r"[\W_]+")


class FieldNotIndexedError(InvalidInputError):
    """Only fields of high entropy may have a blind index."""

    code = "field-not-indexed"

    def __init__(self, field: str) -> None:
        """Name the field."""
        super().__init__(
            f"The field {field} has no blind index: a field with few possible values could be read off by "
            f"counting. Indexed are {', '.join(sorted(INDEXED_FIELDS))}."
        )
        self.field = field


class NothingToIndexError(InvalidInputError):
    """After normalising, the value holds no letter or digit."""

    code = "nothing-to-index"

    def __init__(self, field: str) -> None:
        """Name the field."""
        super().__init__(f"The field {field} holds no letter or digit to search by.")
        self.field = field


class BlindIndex:
    """Computes the entries of one tenant; the key is the tenant key's ``BLIND_INDEX`` sub-key."""

    def __init__(self, key: bytes, tenant: TenantId) -> None:
        """Derive one key for each field, so that the same text in two fields shows nothing."""
        self._keys = {field: hmac.digest(key, f"{tenant}|{field}".encode(), hashlib.sha256) for field in INDEXED_FIELDS}

    def entry(self, field: str, value: str) -> str:
        """Give the entry to store or to look for: 8 hexadecimal digits.

        Raises:
            FieldNotIndexedError: ``field`` is not in ``INDEXED_FIELDS``.
            NothingToIndexError: The value has no letter or digit.
        """
        key = self._keys.get(field)
        if key is None:
            raise FieldNotIndexedError(field)
        normal = normalise(field, value)
        if not normal:
            raise NothingToIndexError(field)
        return hmac.digest(key, normal.encode(), hashlib.sha256)[:ENTRY_BYTES].hex()


def normalise(field: str, value: str) -> str:
    """Give the form in which two spellings of one name or reference are equal.

    Names lose case, accents, apostrophes and repeated spaces, hyphens count as spaces; references keep
    letters and digits only.
    """
    folded = unicodedata.normalize("NFKD", value.casefold())
    plain = "".join(character for character in folded if not unicodedata.combining(character))
    if field in REFERENCE_FIELDS:
        return _NOT_REFERENCE.sub("", plain)
    return _NOT_WORD.sub("", _SPACES.sub(" ", plain)).strip()
