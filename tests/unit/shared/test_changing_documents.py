"""Writing some fields of a document anew."""

import pytest

from shared.outbox.documents import DocumentType, Field, FieldMisdeclaredError, Holds

PEOPLE = DocumentType(
    collection="people",
    fields=(
        Field(name="turn", holds=Holds.COUNT, write=str),
        Field(name="name", holds=Holds.IDENTITY, sealed=True),
    ),
)


def test_what_is_not_named_stays():
    """Also what a newer version of the service keeps there; the field's own spelling is written."""
    assert PEOPLE.changed({"_id": "p", "newer": 1, "turn": "1"}, turn=2) == {"_id": "p", "newer": 1, "turn": "2"}


@pytest.mark.parametrize("name", ["colour", "name"])
def test_only_what_is_declared_and_not_sealed_is_written_so(name):
    """A name that nobody declared is a slip, and a sealed one would be written readable."""
    with pytest.raises(FieldMisdeclaredError):
        PEOPLE.changed({"_id": "p"}, **{name: "x"})
