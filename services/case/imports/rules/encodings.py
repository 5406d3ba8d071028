"""Encodings by the names under which people know them; a codec that does more than decode is none of them."""

import re
from collections.abc import Iterable, Mapping

ENCODINGS: Mapping[str, str] = {
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "utf-32": "utf-32",
    **{f"windows-{number}": f"cp{number}" for number in (874, *range(1250, 1259))},
    **{f"iso-8859-{part}": f"iso8859-{part}" for part in (*range(1, 12), *range(13, 17))},
    "dos-437": "cp437",
    "dos-850": "cp850",
    "dos-852": "cp852",
    "mac-roman": "mac-roman",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
    "big5": "big5",
    "gb18030": "gb18030",
    "shift-jis": "cp932",
    "euc-jp": "euc-jp",
    "euc-kr": "cp949",
}
"""Name that may be stated, and Python's codec."""

CANDIDATES: Mapping[str, str] = {
    "cp1250": "windows-1250",
    "cp1251": "windows-1251",
    "cp1252": "windows-1252",
    "cp1253": "windows-1253",
    "cp1254": "windows-1254",
    "cp1255": "windows-1255",
    "cp1256": "windows-1256",
    "cp1257": "windows-1257",
    "cp1258": "windows-1258",
    "iso8859_2": "iso-8859-2",
    "cp850": "dos-850",
    "mac_roman": "mac-roman",
    "koi8_r": "koi8-r",
    "big5": "big5",
    "gb18030": "gb18030",
    "cp932": "shift-jis",
    "cp949": "euc-kr",
}
"""What charset-normalizer may propose, by its own names."""

_ODD_BYTES = 24 * 1024
"""Of the lines that are not ASCII, as much as is looked at to name an encoding."""


def odd_lines(blocks: Iterable[bytes]) -> bytes:
    """Give what stands around the bytes that are not ASCII, by which an encoding can be named."""
    found: list[bytes] = []
    size = 0
    for block in blocks:
        for line in re.findall(rb"[^\r\n]{0,200}[\x80-\xff][^\r\n]{0,200}", block):
            found.append(line)
            size += len(line)
            if size >= _ODD_BYTES:
                return b"\n".join(found)
    return b"\n".join(found)
