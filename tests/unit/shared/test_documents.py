"""A collection's one list of fields: what is stored, read back, shown, and what must be sealed."""

from dataclasses import dataclass
from datetime import date

import pytest

from shared.outbox.documents import DocumentType, Field, FieldMisdeclaredError, Holds


@dataclass(frozen=True, kw_only=True)
class Visit:
    id: str
    kind: str
    day: date
    words: str | None
    places: tuple[str, ...] = ()
    version: int = 0


VISIT = DocumentType(
    collection="visits",
    fields=(
        Field(name="kind", holds=Holds.CODE),
        Field(name="day", holds=Holds.IDENTITY, sealed=True, write=date.isoformat, read=date.fromisoformat),
        Field(name="words", holds=Holds.STORY, sealed=True, shown=False),
        Field(name="places", holds=Holds.CODE, write=list, read=tuple, missing=()),
    ),
)
A_VISIT = Visit(id="v-1", kind="HOME", day=date(2026, 11, 3), words=None, places=("A", "B"))


def seal(values):
    return {name: value and value[::-1] for name, value in values.items()}


def test_what_is_stored_reads_back_the_same():
    """Plain fields stand in the open, sealed ones apart, and both come back."""
    document = VISIT.document(A_VISIT, seal=seal)
    assert document == {
        "_id": "v-1",
        "kind": "HOME",
        "places": ["A", "B"],
        "sealed": {"day": "30-11-6202", "words": None},
    }
    assert Visit(**VISIT.values({**document, "version": 4}, opened=seal)) == Visit(
        id="v-1", kind="HOME", day=date(2026, 11, 3), words=None, places=("A", "B"), version=4
    )


def test_a_document_from_before_a_field_reads_as_it_was_then():
    """What the field says of that time; a field that says nothing of it is missed loudly."""
    document = VISIT.document(A_VISIT, seal=seal)
    del document["places"]
    assert VISIT.values(document, opened=seal)["places"] == ()
    del document["kind"]
    with pytest.raises(KeyError):
        VISIT.values(document, opened=seal)


def test_the_row_shows_what_is_declared_shown():
    """In the declared order, between id and version."""
    row = VISIT.row(VISIT.values({**VISIT.document(A_VISIT, seal=seal), "version": 2}, opened=seal))
    assert list(row) == ["id", "kind", "day", "places", "version"]


@pytest.mark.parametrize("holds", [Holds.IDENTITY, Holds.STORY])
def test_what_names_or_describes_somebody_cannot_be_declared_in_the_open(holds):
    """The process does not start with such a declaration."""
    with pytest.raises(FieldMisdeclaredError, match="must be sealed"):
        DocumentType(collection="visits", fields=(Field(name="name", holds=holds),))


def test_a_name_stands_once():
    """Two fields of one name would overwrite each other."""
    with pytest.raises(FieldMisdeclaredError, match="twice"):
        DocumentType(collection="visits", fields=(Field(name="a", holds=Holds.ID), Field(name="a", holds=Holds.CODE)))


def test_nothing_is_stored_unsealed_for_want_of_a_key():
    """Without a seal a document with sealed fields is not made."""
    with pytest.raises(FieldMisdeclaredError, match="seal with"):
        VISIT.document(A_VISIT)
