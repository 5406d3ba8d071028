"""What a page remembers of a file while somebody makes a mapping of it: names of columns, guesses, words of lists.

Promise: nothing of it is kept here: it travels in the form, and the file itself is let go of as soon as it was looked
at. Whoever may not see what stands in rows is given no word of them. A form that was tampered with is at most a strange
mapping of their own, which is checked like any other. Shown by ``tests/unit/case/test_seen_file.py``.
"""

import base64
import zlib
from collections.abc import Mapping

import msgspec

from shared.kernel.errors import InvalidInputError

MOST_CHARACTERS, MOST_BYTES = 250_000, 4_000_000
"""Of what a form carries, packed and opened; a form of ours may have 500 kB."""


class SeenFileError(InvalidInputError):
    """What a form says of a file cannot be read, or two of its columns have one name."""

    code = "mapping-form"


class SeenColumn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One column of the file.

    Attributes:
        guess: The field that it may be; empty where nothing fits.
        sure: Whether that is proposed; else it is asked.
        why: In plain words, without what any cell says.
        order: Of its dates, where the cells or an earlier mapping say it.
        separator: What parts several values in one cell.
        words: Words that may be shown, with how often they stand there.
        hidden: Different words that are not shown.
        means: What a word is proposed to mean.
    """

    name: str
    guess: str = ""
    sure: bool = False
    why: str = ""
    order: str | None = None
    separator: str | None = None
    words: tuple[tuple[str, int], ...] = ()
    hidden: int = 0
    means: Mapping[str, str] = {}


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was said of the file itself, as a profile has it under ``file``."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None


class Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an earlier mapping says beside its columns and words."""

    id: str = ""
    title: str = ""
    source: str = ""
    version: int = 0
    constants: Mapping[str, str] = {}
    defaults: Mapping[str, str] = {}
    footer: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class SeenFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file, or an approved mapping that somebody changes.

    Attributes:
        stated: What was said of the file itself.
        not_known: Words for "not known".
        kept: Of an earlier mapping.
        gone: Columns of an earlier mapping that this file does not have.
        follows: The proposal that this one takes the place of.
    """

    kind: str
    fingerprint: str | None
    columns: tuple[SeenColumn, ...]
    questions: tuple[str, ...] = ()
    stated: Said = Said()
    not_known: tuple[str, ...] = ()
    kept: Kept = Kept()
    gone: tuple[str, ...] = ()
    follows: str | None = None

    def pack(self) -> str:
        """Write it for a form.

        Raises:
            SeenFileError: It is more than a form holds.
        """
        text = base64.urlsafe_b64encode(zlib.compress(msgspec.json.encode(self), 6)).decode()
        if len(text) > MOST_CHARACTERS:
            raise SeenFileError(
                "This file has too many columns and words to map on a page. Export only the columns that are needed, "
                "or write the mapping with: alongside import map"
            )
        return text

    @classmethod
    def unpack(cls, text: str) -> "SeenFile":
        """Read it from a form.

        Raises:
            SeenFileError: It is not one.
        """
        try:
            if len(text) > MOST_CHARACTERS:
                raise SeenFileError(_BROKEN)
            opened = zlib.decompressobj()
            written = opened.decompress(base64.urlsafe_b64decode(text), MOST_BYTES)
            return msgspec.json.decode(written, type=cls)
        except (ValueError, zlib.error, msgspec.MsgspecError) as error:
            raise SeenFileError(_BROKEN) from error


_BROKEN = "This form did not come whole. Choose the file again."
