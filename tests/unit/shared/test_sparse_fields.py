"""Fields of a collection that most documents do not have."""

from types import SimpleNamespace

import pytest

from shared.outbox.documents import DocumentType, Field, Holds

THING = DocumentType(
    collection="things",
    fields=(
        Field(name="kind", holds=Holds.CODE),
        Field(name="minutes", holds=Holds.COUNT, sparse=True),
        Field(name="tries", holds=Holds.COUNT, sparse=True, missing=0),
    ),
)


@pytest.mark.parametrize(("minutes", "stored"), [(None, {}), (0, {"minutes": 0}), (5, {"minutes": 5})])
def test_what_is_none_is_not_stored(minutes, stored):
    """A sparse field stands in the document only where it says something; nought may say something."""
    document = THING.document(SimpleNamespace(id="one", kind="CALL", minutes=minutes, tries=0))
    assert document == {"_id": "one", "kind": "CALL", **stored}


def test_what_is_not_stored_is_read_as_missing():
    """None, or what the declaration says; the document is no fault."""
    values = THING.values({"_id": "one", "kind": "CALL", "version": 1})
    assert values == {"id": "one", "kind": "CALL", "minutes": None, "tries": 0, "version": 1}
