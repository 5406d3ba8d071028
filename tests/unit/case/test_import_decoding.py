"""One encoding for the whole file, known for sure; else the file is refused with the line."""

import pytest

from services.case.imports.rules.decoding import UnreadableFileError, decode

TEXT = "Ref,Name\nZo\u00eb-1,caf\u00e9\nR-2,plain\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8"),
        (b"\xef\xbb\xbf" * 2 + TEXT.encode(), "utf-8"),
        (TEXT.encode("cp1252"), "windows-1252"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
        (("\ufeff" * 2 + TEXT).encode("utf-16-le"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-32"), "utf-32"),
    ],
)
def test_every_common_encoding_gives_the_same_text(content, encoding):
    """With one mark, with two, or with none."""
    assert decode(content) == (TEXT, encoding)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Ref,Name\nR-1,caf\u00e9\n".encode() + "R-2,caf\u00e9\n".encode("cp1252"), "line 3"),
        ("R-1,caf\u00e9\r".encode("cp1252") + "R-2,caf\u00e9\r".encode(), "line 1"),
        ("caf\u00e9 ".encode() + "caf\u00e9".encode("cp1252"), "two encodings"),
        (b"\xef\xbb\xbf" + "R-1,caf\u00e9".encode("cp1252"), "line 1"),
        (b"\x81\x8d,\x8f", "its encoding is not known here"),
        (b"PK\x03\x04\x00\x00", "not text"),
        (b"a,b\n1,\x002\n", "not text"),
        ("a,b\n1,\x00\n".encode("utf-16"), "line 2"),
        ("abc".encode("utf-16") + b"\x41", "UTF-16"),
        (b"\xff\xfe\x00\xd8", "UTF-16"),
    ],
)
def test_what_is_not_one_encoding_is_refused_with_the_line(content, words):
    """Mixed lines, half a character, a character that is no text: told, and never turned to mojibake."""
    with pytest.raises(UnreadableFileError, match=words):
        decode(content)
