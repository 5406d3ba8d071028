"""One document a person, and one for each thing that is part of their record; random ids alone.

An erasure takes both out (``services.audit.log.clearing``).
"""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel
from pymongo.database import Database

from shared.outbox.documents import DocumentType, Field, Holds

PEOPLE, THINGS = "people", "things"
PERSON = DocumentType(
    collection=PEOPLE,
    fields=(
        Field(name="advocate_ids", holds=Holds.ID, write=list, read=tuple, missing=()),
        # Everybody who ever was their advocate; a no is never made of "not any more".
        Field(name="worked", holds=Holds.ID, write=list, read=tuple, missing=()),
        # Whether everything of the record was heard of from its beginning.
        Field(name="whole", holds=Holds.CODE, missing=False),
    ),
)
THING = DocumentType(
    collection=THINGS,
    fields=(Field(name="survivor_id", holds=Holds.ID),),
    indexes=(IndexModel([("survivor_id", 1)]),),
)
TYPES = (PERSON, THING)
MOST_THINGS = 2_000
"""Parts of one person's record that are looked at; more is said on the paper."""


def advocates_in(document: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Give who may act on a person now; of somebody unknown nobody."""
    return () if document is None else tuple(PERSON.values(document)["advocate_ids"])


class WhoseViews:
    """Reads of audit's own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._people, self._things = database[PEOPLE], database[THINGS]

    def person(self, survivor_id: str) -> Mapping[str, Any] | None:
        """Give what is known of a person; None where nothing was heard of them."""
        document = self._people.find_one({"_id": survivor_id})
        return None if document is None else PERSON.values(document)

    def may_act(self, actor_id: str, survivor_id: str) -> bool:
        """Whether somebody is this person's advocate as it was heard last; of somebody unknown nobody is."""
        return actor_id in advocates_in(self._people.find_one({"_id": survivor_id}))

    def parts_of(self, survivor_id: str) -> list[str]:
        """Give the ids of a person's record: their own, and those of its parts, ``MOST_THINGS`` at most."""
        found = self._things.find({"survivor_id": survivor_id}).limit(MOST_THINGS)
        return [survivor_id, *(one["_id"] for one in found)]
