"""One encoding for the whole file, known for sure; else the file is refused with the line."""

import pytest

from services.case.imports.rules.decoding import EncodingQuestionError, UnreadableFileError, decode

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


POLISH = (
    "Ref,Imi\u0119\nR-1,Ma\u0142gorzata\nR-2,B\u0142a\u017cej Wa\u0142\u0119sa\nR-3,Zo\u015bka Gr\u00f3jec\nR-4,wycofa\u0142a zgod\u0119\n"
    * 5
)
RUSSIAN = (
    "Ref,\u0418\u043c\u044f\nR-1,\u043e\u0442\u043e\u0437\u0432\u0430\u043d\u043e \u0441\u043e\u0433\u043b\u0430\u0441\u0438\u0435\nR-2,\u041c\u0430\u0440\u0438\u044f \u0418\u0432\u0430\u043d\u043e\u0432\u0430\n"
    * 5
)


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [(POLISH, "cp1250", "windows-1250"), (RUSSIAN, "cp1251", "windows-1251"), ("Ref,caf\u00e9\n" * 5, "mac-roman", "mac-roman"),
     ("Ref,caf\u00e9 \u00a31\n" * 5, "cp850", "dos-850")],
)  # fmt: skip
def test_what_could_be_several_encodings_is_asked_and_may_be_stated(text, codec, name):
    """Never guessed: the wrong one would make another word of a withdrawal. Stated, every character is read."""
    content = text.encode(codec)
    with pytest.raises(EncodingQuestionError, match="state the encoding") as caught:
        decode(content)
    assert len(caught.value.candidates) <= 3
    assert decode(content, name.upper()) == (text, name)


@pytest.mark.parametrize(
    "text", ["Zo\u00eb, Si\u00f4n \u2013 \u2018No\u2019 \u00a35\u2026", "fianc\u00e9e na\u00efve \u00c9lodie \u20ac"]
)
def test_western_words_are_read_without_a_question(text):
    """What a British system writes on Windows."""
    assert decode((text + "\n").encode("cp1252")) == (text + "\n", "windows-1252")


@pytest.mark.parametrize(
    ("content", "stated", "words"),
    [
        ("caf\u00e9".encode(), "windows-1252", "it is utf-8"),
        ("caf\u00e9".encode("utf-16"), "utf-8", "its first bytes say utf-16"),
        (b"\xef\xbb\xbfabc", "windows-1252", "its first bytes say utf-8"),
        ("caf\u00e9".encode("cp1252"), "utf-8", "not all of it is"),
        (b"abc", "utf-16", "not all of it is"),
        (b"abcd", "utf-32", "not all of it is"),
        (b"abc", "unicode_escape", "not known here"),
        (b"abc", "utf-7", "not known here"),
    ],
)
def test_a_stated_encoding_has_to_be_so(content, stated, words):
    """Whoever states it may be wrong; a codec that does more than decode is none."""
    with pytest.raises(UnreadableFileError, match=words):
        decode(content, stated)


def test_a_word_is_judged_whole_where_a_block_ends(monkeypatch):
    """An accented letter at a block's edge has its neighbours beside it."""
    monkeypatch.setattr("services.case.imports.rules.decoding.BLOCK_BYTES", 5)
    text = "caf\u00e9,Zo\u00eb\r\n" * 20
    assert decode(text.encode("cp1252")) == (text, "windows-1252")
