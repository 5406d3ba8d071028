"""What is kept, in words that somebody outside can read: codes by their lists, days in words, and no id.

Promise: a random id is never among the words, however deep it lies; words that somebody wrote are given as they stand.
Shown by tests/unit/shared/test_gathering.py.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, time
from typing import Any

from shared.codelists.lists import get
from shared.codelists.periods import LONDON, day_words

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_ENDS = re.compile(r"_(at|on|id|ids)$")


def label(name: str) -> str:
    """Give a field's name as words."""
    return _ENDS.sub("", name).replace("_", " ").capitalize()


def plainly(value: Any, list_name: str | None = None, *, verbatim: bool = False) -> str | None:
    """Give a value in words; None where there is nothing to say.

    Args:
        value: As a document's field is read.
        list_name: The code list that it is of, where it is of one.
        verbatim: Somebody wrote it: a text is given as it stands, unless a list knows it.
    """
    if isinstance(value, str):
        return _text(value, list_name, verbatim=verbatim)
    if isinstance(value, datetime | date):
        return _time(value)
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping | Sequence) and not isinstance(value, bytes):
        return _several(value, list_name, verbatim=verbatim)
    return _one(value)


def _several(value: Mapping[Any, Any] | Sequence[Any], list_name: str | None, *, verbatim: bool) -> str | None:
    if isinstance(value, Mapping):
        said = ((label(str(name)), plainly(one, list_name, verbatim=verbatim)) for name, one in value.items())
        return "; ".join(f"{name}: {words}" for name, words in said if words is not None) or None
    parts = (plainly(one, list_name, verbatim=verbatim) for one in value)
    return ", ".join(words for words in parts if words is not None) or None


def _one(value: Any) -> str | None:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value) if isinstance(value, int | float) else None


def _time(value: datetime | date) -> str:
    if not isinstance(value, datetime):
        return day_words(datetime.combine(value, time(), tzinfo=LONDON))
    return f"{day_words(value)}, {value.astimezone(LONDON):%H:%M}"


def _text(value: str, list_name: str | None, *, verbatim: bool) -> str | None:
    if not value or _ID.fullmatch(value) or _DIGEST.fullmatch(value):
        return None
    if list_name is not None and get(list_name).has(value):
        return get(list_name).label(value)
    if verbatim or not _CODE.fullmatch(value):
        return value
    return value.replace("_", " ").capitalize()
