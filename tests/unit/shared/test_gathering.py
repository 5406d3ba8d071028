"""What is kept, in the words of a copy: every declared field, no id, and one bad document alone."""

from datetime import UTC, date, datetime

import pytest

from shared.codelists.plainly import plainly
from shared.keys.sealing import ServerKey, seal
from shared.outbox.documents import DocumentType, Field, Holds
from shared.runtime import access_parts
from shared.runtime.access_parts import Item, Part, from_text, to_text
from shared.runtime.gathering import MOST_OF_A_KIND, Kind, items_of

ID = "3f1c0000-0000-4000-8000-00000000000a"
THING = DocumentType(
    collection="things",
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="actor_id", holds=Holds.ID),
        Field(name="gender", holds=Holds.CODE),
        Field(name="answer", holds=Holds.CODE, missing=None),
        Field(name="recorded_at", holds=Holds.INSTANT),
        Field(name="note", holds=Holds.STORY, sealed=True),
    ),
)
KIND = Kind(type=THING, what="A thing", when="recorded_at")
DOCUMENT = {
    "_id": ID, "survivor_id": ID, "actor_id": ID, "gender": "FEMALE", "recorded_at": datetime(2026, 8, 4, 9, tzinfo=UTC),
    "sealed": {"note": "NHS rang."},
}  # fmt: skip


def test_a_document_is_told_field_by_field_and_without_an_id():
    """Codes by their list, days in London's words, and what somebody wrote as it stands."""
    (item,) = items_of(KIND, [DOCUMENT], opened=lambda sealed: sealed)
    assert (item.what, item.when, item.by) == ("A thing", "4 August 2026, 10:00", (ID,))
    assert item.lines == (("Gender", "Female"), ("Note", "NHS rang."))


def test_one_that_cannot_be_read_holds_up_no_other():
    """It is named as such; so is that there are more than are listed."""
    broken = {"_id": ID}
    first, second = items_of(KIND, [broken, DOCUMENT], opened=lambda sealed: sealed)
    assert "cannot be read" in first.lines[0][1]
    assert second.lines[-1] == ("Note", "NHS rang.")
    many = list(items_of(KIND, [DOCUMENT] * (MOST_OF_A_KIND + 5), opened=lambda sealed: sealed))
    assert len(many) == MOST_OF_A_KIND + 1
    assert many[-1].lines[0][0] == "More"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, None), ("", None), (ID, None), ("a" * 64, None), (b"x", None), (True, "Yes"), (False, "No"), (0, "0"),
        ("IN_PERSON", "In person"), ("two words", "two words"), (date(2026, 8, 4), "4 August 2026"),
        (["A_B", ID, "C"], "A b, C"), ({"taken_by": ID, "state": "OPEN"}, "State: Open"), ([], None), ({"a": {"b": ID}}, None),
    ],
)  # fmt: skip
def test_no_id_is_among_the_words(value, words):
    """However deep it lies."""
    assert plainly(value) == words


def test_a_part_comes_back_as_it_was_written_and_says_what_did_not_fit(monkeypatch):
    """Nothing is cut silently."""
    items = tuple(Item(what="A", when=None, lines=(("Note", "x" * 100),), by=(ID,)) for _ in range(3))
    part = Part(question_id=ID, about=None, items=items)
    assert from_text(to_text(part)) == part
    monkeypatch.setattr(access_parts, "MOST_BYTES", 250)
    short = from_text(to_text(part))
    assert len(short.items) == 2
    assert short.items[-1].lines[0][1].startswith("2 more things")


def test_what_is_sealed_for_one_question_opens_for_no_other():
    """The place is part of the seal; a size tells no number of things."""
    key = ServerKey.generate()
    place = access_parts._place(ID, "consent")
    sealed = seal(key.public_bytes, b"{}", place)
    assert key.open_sealed(sealed, place) == b"{}"
    for other in (access_parts._place(ID, "audit"), access_parts._place("another", "consent")):
        with pytest.raises(Exception, match="does not open"):
            key.open_sealed(sealed, other)
    assert len(seal(key.public_bytes, b"x" * 4_000, place)) == len(sealed)
