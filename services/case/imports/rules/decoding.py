"""Bytes to text: one encoding for the whole file, known for sure or stated, or the file is refused with the line.

Promise: no byte is replaced and none is read in another encoding than its neighbours, so that no name turns to
mojibake in silence; the encoding stands in the report. UTF-8, a byte order mark, UTF-16 and the Western European
Windows encoding are known for sure; what could be one of several is asked. A file is read in blocks, never whole.
Shown by ``tests/unit/case/test_import_decoding.py``.
Limit: single accented letters between plain ones are taken for Western European.
"""

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from charset_normalizer import from_bytes

from services.case.imports.rules.encodings import CANDIDATES, ENCODINGS, odd_lines
from shared.kernel.errors import InvalidInputError

BLOCK_BYTES = 512 * 1024

_UTF_8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_LINE_END = re.compile(r"\r\n|\r|\n")
_BOM = "\ufeff"
_SAMPLE = 4_000
_MOSTLY = 0.4
_LONGEST_LINE = 8 * BLOCK_BYTES

# What stands in British exports between plain letters, and what stands beside words and numbers.
_LETTERS = "àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßœÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝŸŒŵŷŴŶ"
_MARKS = "\u00a0£€§©®°·½¼¾²«»‘’“”–—…•™"  # noqa: RUF001  A bytes' reading, on purpose.
_WESTERN = re.compile(f"[A-Za-z][{_LETTERS}]{{1,2}}|[{_LETTERS}](?=[A-Za-z])|[{_MARKS}]|[\x00-\x7f]")


class UnreadableFileError(InvalidInputError):
    """The file cannot be read as an export; nothing of it was taken."""

    code = "unreadable-file"

    def __init__(self, why: str, mend: str) -> None:
        """Say why and how to mend it."""
        super().__init__(f"The file cannot be read: {why}. {mend}")


class TooMuchAlikeError(UnreadableFileError):
    """More rows of the file may be about the same people than a list of people has."""

    code = "too-much-alike"


class EncodingQuestionError(UnreadableFileError):
    """The file is text in one of several encodings; somebody who knows the system has to say which.

    Attributes:
        candidates: Names that may be stated, the likeliest first.
    """

    code = "encoding-unknown"

    def __init__(self, candidates: tuple[str, ...]) -> None:
        """Name the likely ones."""
        likely = f"; it may be {' or '.join(candidates)}" if candidates else ""
        super().__init__(
            f"its encoding is not known here for sure{likely}", "Save it as CSV UTF-8, or state the encoding."
        )
        self.candidates = candidates


def decode(content: bytes, stated: str | None = None) -> tuple[str, str]:
    """Give the text without byte order marks, and the name of its encoding.

    Raises:
        UnreadableFileError: It is no text, is in two encodings, or in none that is known.
    """
    source = io.BytesIO(content)
    encoding = find_encoding(source, stated)
    return "".join(text_blocks(source, encoding)), encoding


def find_encoding(source: BinaryIO, stated: str | None = None) -> str:
    """Give the encoding in which every byte of a file can be read.

    Args:
        source: The file; it is read from its beginning, block by block.
        stated: What somebody says it is; it must be so.

    Raises:
        UnreadableFileError: It is no text, is in two encodings, or in none that is known.
    """
    found = _by_its_marks(source)
    if stated is not None:
        name = stated.strip().casefold().replace("_", "-")
        if name not in ENCODINGS:
            raise UnreadableFileError("the encoding that was stated is not known here", _NAMES)
        return _stated(source, name, found)
    try:
        _check(source, found)
    except UnicodeDecodeError as error:
        if found != "utf-8":
            raise UnreadableFileError(
                f"it begins as {found.upper()} and continues in another encoding", _SAVE
            ) from error
        return _not_utf_8(source)
    return found


def text_blocks(source: BinaryIO, encoding: str) -> Iterator[str]:
    """Give a file's text in blocks; none ends between the two characters of one line end."""
    decoder = codecs.getincrementaldecoder(ENCODINGS[encoding])("strict")
    held, begun = "", False
    for block in _blocks(source):
        text = held + decoder.decode(block)
        if not begun:
            text = text.lstrip(_BOM)
            begun = bool(text)
        held = "\r" if text.endswith("\r") else ""
        if text := text[: len(text) - len(held)]:
            yield text
    if rest := held + decoder.decode(b"", final=True):
        yield rest


def _blocks(source: BinaryIO) -> Iterator[bytes]:
    at = 0
    while True:
        # Another reader of the same file may have moved it meanwhile.
        source.seek(at)
        block = source.read(BLOCK_BYTES)
        if not block:
            return
        at += len(block)
        yield block


def _by_its_marks(source: BinaryIO) -> str:
    source.seek(0)
    sample = source.read(_SAMPLE)
    if sample.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "utf-32"
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if not any(b"\x00" in block for block in _blocks(source)):
        return "utf-8"
    half = max(1, len(sample) // 2)
    # A system that writes UTF-16 without its mark: every second byte of Western text is 0.
    if sample[1::2].count(0) / half > _MOSTLY and not sample[::2].count(0):
        return "utf-16-le"
    if sample[::2].count(0) / half > _MOSTLY and not sample[1::2].count(0):
        return "utf-16-be"
    raise UnreadableFileError("it is not text", "Save it as CSV, or as XLSX or ODS.")


def _check(source: BinaryIO, encoding: str) -> None:
    """Read every block once; a character that is no text refuses the file with its line."""
    line = 1
    for text in text_blocks(source, encoding):
        at = text.find("\x00")
        if at >= 0:
            line += len(_LINE_END.findall(text, 0, at))
            raise UnreadableFileError(f"line {line} holds a character that is not text (NUL)", _SAVE)
        line += len(_LINE_END.findall(text))


def _stated(source: BinaryIO, name: str, found: str) -> str:
    sure = found != "utf-8" or _is_marked(source)
    if sure and ENCODINGS[name] != ENCODINGS[found]:
        raise UnreadableFileError(f"it was said to be {name}, but its first bytes say {found}", _NAMES)
    if not sure and ENCODINGS[name] != "utf-8" and _has_utf_8(source) and _fits(source, "utf-8"):
        raise UnreadableFileError(f"it was said to be {name}, but it is utf-8", _NAMES)
    try:
        _check(source, name)
    except UnicodeError as error:
        # Also where it has no byte order mark and would need one, which is no error of decoding to Python.
        raise UnreadableFileError(f"it was said to be {name}, and not all of it is", _NAMES) from error
    return name


def _is_marked(source: BinaryIO) -> bool:
    source.seek(0)
    return source.read(3) == b"\xef\xbb\xbf"


def _fits(source: BinaryIO, encoding: str) -> bool:
    try:
        _check(source, encoding)
    except UnicodeDecodeError:
        return False
    return True


def _has_utf_8(source: BinaryIO) -> bool:
    tail = b""
    for block in _blocks(source):
        if _UTF_8_CHARACTER.search(tail + block):
            return True
        tail = block[-3:]
    return False


def _not_utf_8(source: BinaryIO) -> str:
    """Name a file that is no UTF-8: mixed with it, surely Western European, or a question."""
    if _is_marked(source) or _has_utf_8(source):
        line = _first_odd_line(source)
        raise UnreadableFileError(
            f"it is in two encodings; the first character that is not UTF-8 is in line {line}", _SAVE
        )
    odd = odd_lines(_blocks(source))
    if _fits(source, "windows-1252") and _is_western(source):
        return "windows-1252"
    guesses = from_bytes(odd, cp_isolation=list(CANDIDATES), enable_fallback=False)
    likely = dict.fromkeys(CANDIDATES[one.encoding] for one in guesses if one.encoding in CANDIDATES)
    raise EncodingQuestionError(tuple(name for name in likely if _fits(source, name))[:3])


def _first_odd_line(source: BinaryIO) -> int:
    decoder, line, held = codecs.getincrementaldecoder("utf-8")("strict"), 1, b""
    for block in _blocks(source):
        try:
            text = decoder.decode(block)
        except UnicodeDecodeError as error:
            seen = held + error.object[: error.start]
            return line + len(re.findall(rb"\r\n|\r|\n", seen))
        whole = held + text.encode()
        held = b"\r" if whole.endswith(b"\r") else b""
        line += len(re.findall(rb"\r\n|\r|\n", whole[: len(whole) - len(held)]))
    return line


def _is_western(source: BinaryIO) -> bool:
    held = ""
    for block in text_blocks(source, "windows-1252"):
        text = held + block
        cut = max(text.rfind("\n"), text.rfind("\r")) + 1 if len(text) < _LONGEST_LINE else len(text)
        if not _only_western(text[:cut]):
            return False
        held = text[cut:]
    return _only_western(held)


def _only_western(text: str) -> bool:
    return not _WESTERN.sub("", text)


_SAVE = "Save it as CSV UTF-8."
_NAMES = "Leave the encoding out, or state one such as utf-8, windows-1252, windows-1250 or utf-16."
