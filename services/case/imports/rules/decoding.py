"""Bytes to text: one encoding for the whole file, known for sure, or the file is refused with the line.

Promise: no byte is replaced and none is read in another encoding than its neighbours, so that no name turns to
mojibake in silence; the encoding stands in the report. Shown by ``tests/unit/case/test_import_decoding.py``.
"""

import re

from shared.kernel.errors import InvalidInputError

_UTF_8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_BOM = "\ufeff"
_SAMPLE = 4_000
_MOSTLY = 0.4


class UnreadableFileError(InvalidInputError):
    """The file cannot be read as a CSV export; nothing of it was taken."""

    code = "unreadable-file"

    def __init__(self, why: str, mend: str) -> None:
        """Say why and how to mend it."""
        super().__init__(f"The file cannot be read: {why}. {mend}")


def decode(content: bytes) -> tuple[str, str]:
    """Give the text without byte order marks, and the name of its encoding.

    Raises:
        UnreadableFileError: It is no text, is in two encodings, or in none that is known.
    """
    encoding = _encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise UnreadableFileError(
                f"it begins as {encoding.upper()} and continues in another encoding", _SAVE
            ) from error
        text, encoding = _as_windows(content, error.start), "windows-1252"
    text = text.lstrip(_BOM)
    at = text.find("\x00")
    if at >= 0:
        line = len(_TEXT_LINE_END.findall(text, 0, at)) + 1
        raise UnreadableFileError(f"line {line} holds a character that is not text (NUL)", _SAVE)
    return text, encoding


def _encoding(content: bytes) -> str:
    if content.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "utf-32"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    sample = content[:_SAMPLE]
    half = max(1, len(sample) // 2)
    if b"\x00" not in content:
        return "utf-8"
    # A system that writes UTF-16 without its mark: every second byte of Western text is 0.
    if sample[1::2].count(0) / half > _MOSTLY and not sample[::2].count(0):
        return "utf-16-le"
    if sample[::2].count(0) / half > _MOSTLY and not sample[1::2].count(0):
        return "utf-16-be"
    raise UnreadableFileError("it is not text", "Save it as CSV, not as a spreadsheet.")


def _as_windows(content: bytes, first_odd: int) -> str:
    line = len(_LINE_END.findall(content, 0, first_odd)) + 1
    if content.startswith(b"\xef\xbb\xbf") or _UTF_8_CHARACTER.search(content):
        raise UnreadableFileError(
            f"it is in two encodings; the first character that is not UTF-8 is in line {line}", _SAVE
        )
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise UnreadableFileError("its encoding is not known here", _SAVE) from error


_TEXT_LINE_END = re.compile(r"\r\n|\r|\n")
_SAVE = "Save it as CSV UTF-8."
