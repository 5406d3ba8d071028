"""Records of a file, one JSON object a line; a line that is none stops no other.

Promise: nothing of a line is mended, and what is told of a line that cannot be read never repeats it. No more of a file
stands in memory than one line. Shown by tests/unit/client/test_record_commands.py.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

MOST_BYTES = 64 * 1024
"""Of a line; the fourteen cells of a record have a thousand characters each."""

_BOM = b"\xef\xbb\xbf"
SHAPE = 'one JSON object with "reference" and "record" alone'


class WrongLineError(Exception):
    """A line is no record; says what it should be, and nothing of what it is."""


@dataclass(frozen=True, kw_only=True)
class RecordLine:
    """A line of a file.

    Attributes:
        wrong: Why it is no record, if it is none.
    """

    number: int
    reference: str = field(default="", repr=False)
    record: Mapping[str, Any] = field(default_factory=dict, repr=False)
    wrong: str | None = None


def lines_of(file: BinaryIO) -> Iterator[RecordLine]:
    """Give the lines of a file that hold anything."""
    number = 0
    while line := file.readline(MOST_BYTES + 1):
        number += 1
        is_whole = len(line) <= MOST_BYTES
        while not line.endswith(b"\n") and (rest := file.readline(MOST_BYTES)):
            is_whole, line = False, rest
        if is_whole and not line.strip():
            continue
        try:
            if not is_whole:
                raise WrongLineError(f"It is longer than {MOST_BYTES // 1024} kB.")
            reference, record = record_of(line.removeprefix(_BOM) if number == 1 else line)
        except WrongLineError as error:
            yield RecordLine(number=number, wrong=str(error))
        else:
            yield RecordLine(number=number, reference=reference, record=record)


def record_of(content: bytes) -> tuple[str, dict[str, Any]]:
    """Read a reference and its record.

    Raises:
        WrongLineError: It is none.
    """
    try:
        said = json.loads(content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except WrongLineError:
        raise
    except (ValueError, RecursionError):
        raise WrongLineError(f"It is no JSON in UTF-8. Write {SHAPE}.") from None
    if not isinstance(said, dict) or set(said) != {"reference", "record"}:
        raise WrongLineError(f"Write {SHAPE}.")
    reference, record = said["reference"], said["record"]
    if not isinstance(reference, str) or not reference.strip() or not isinstance(record, dict):
        raise WrongLineError("The reference is a text, and the record a JSON object.")
    return reference, record


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise WrongLineError("A name stands in it twice, so nobody can tell which is meant.")
    return found


def _refuse(_constant: str) -> Any:
    raise WrongLineError("It has a number that JSON does not have.")
