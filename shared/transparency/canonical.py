"""One spelling of a JSON object, so that whoever writes it anew gets the same bytes (RFC 8785).

Of what RFC 8785 knows this takes what a log's entries need: texts, whole numbers, flags, null, lists and objects whose
names are ASCII. Anything else is refused and never rounded, so nothing has two spellings.
Shown by tests/unit/shared/transparency/test_canonical.py.
"""

import json
from collections.abc import Mapping
from typing import Any

from shared.kernel.errors import InvalidInputError

MOST = 2**53 - 1
"""The greatest whole number that every reader of JSON keeps exactly."""


class NotCanonicalError(InvalidInputError):
    """Something has no single spelling here: a fraction, a number beyond 2^53, or a name that is not ASCII."""

    code = "not-canonical"

    def __init__(self, kind: str) -> None:
        """Say what kind of value it was; never the value."""
        super().__init__(
            f"An entry of the log holds {kind}, which has no single spelling. Put it down as text, a whole number "
            "below 2^53, a flag, or a list or object of these."
        )


def canonical(value: Mapping[str, Any]) -> bytes:
    """Give the bytes of an object.

    Raises:
        NotCanonicalError: Something in it has no single spelling.
    """
    _check(value)
    # Names are ASCII, where Python's order and that of UTF-16 units, which the RFC asks for, are one.
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonicalError("half of a character") from error


def _check(value: Any) -> None:
    if isinstance(value, Mapping):
        for name, one in value.items():
            if not isinstance(name, str) or not name.isascii():
                raise NotCanonicalError("a name that is not ASCII")
            _check(one)
    elif isinstance(value, list):
        for one in value:
            _check(one)
    elif isinstance(value, int):
        if abs(value) > MOST:
            raise NotCanonicalError("a number beyond 2^53")
    elif value is not None and not isinstance(value, str):
        raise NotCanonicalError(f"a value of type {type(value).__name__}")
