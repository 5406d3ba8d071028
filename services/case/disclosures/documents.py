"""Disclosures, one document each; to whom by name, and what exactly, is sealed with the survivor's key.

All but a new one is written without a key: whoever changes one writes what stands in clear, and the sealed words stay
as they were when it was asked about them.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from pymongo import IndexModel

from services.case.disclosures.rules import ASKED, GIVEN, PERMITTED, TOLD, Answered, Disclosure, Ended, Item
from services.case.survivors.sealing import Sealer
from shared.outbox.documents import DocumentType, Field, Holds, Open
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork

DISCLOSURES = "disclosures"
MOST_OF_ONE = 200
"""Disclosures of one person for one purpose of which a no is carried out; beyond it none is begun."""


def _items(items: Iterable[Item]) -> str:
    return json.dumps([asdict(one) for one in items], ensure_ascii=False)


def _read_items(text: str | None) -> tuple[Item, ...]:
    return () if text is None else tuple(Item(**one) for one in json.loads(text))


def _rows(things: Iterable[Any]) -> list[dict[str, Any]]:
    return [asdict(one) for one in things]


DISCLOSURE = DocumentType(
    collection=DISCLOSURES,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="purpose", holds=Holds.CODE),
        Field(name="recipient_class", holds=Holds.CODE),
        Field(name="data_classes", holds=Holds.CODE, write=list, read=tuple),
        Field(name="means", holds=Holds.CODE),
        Field(name="contact", holds=Holds.CODE),
        Field(name="recipient", holds=Holds.IDENTITY, sealed=True),
        Field(name="items", holds=Holds.STORY, sealed=True, write=_items, read=_read_items),
        Field(name="salt", holds=Holds.STORY, sealed=True, shown=False),
        Field(name="binds", holds=Holds.HASH, shown=False),
        Field(name="state", holds=Holds.CODE),
        Field(name="permit_id", holds=Holds.ID, shown=False),
        Field(name="asked_by", holds=Holds.ID),
        Field(name="asked_role", holds=Holds.CODE),
        Field(name="asked_at", holds=Holds.INSTANT),
        Field(name="before", holds=Holds.CODE, write=_rows, read=lambda kept: tuple(Answered(**one) for one in kept)),
        Field(
            name="ended",
            holds=Holds.ID,
            shown=False,
            write=_rows,
            read=lambda kept: tuple(Ended(**one) for one in kept),
        ),
        Field(name="reason", holds=Holds.CODE),
        Field(name="consent_id", holds=Holds.ID),
        Field(name="consent_sequence", holds=Holds.COUNT, shown=False),
        Field(name="said_at", holds=Holds.INSTANT),
        Field(name="text_hash", holds=Holds.HASH),
        Field(name="decided_at", holds=Holds.INSTANT),
        Field(name="until", holds=Holds.INSTANT),
        Field(name="given_by", holds=Holds.ID),
        Field(name="given_at", holds=Holds.INSTANT),
        Field(name="tell", holds=Holds.CODE),
        Field(name="tell_by", holds=Holds.INSTANT),
        Field(name="told_answer", holds=Holds.CODE),
        Field(name="told_by", holds=Holds.ID),
        Field(name="told_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("updated_at", 1), ("_id", 1)]),
        IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("tell", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("survivor_id", 1), ("asked_at", -1)]),
        IndexModel([("survivor_id", 1), ("purpose", 1), ("state", 1)]),
    ),
)
TYPES = (DISCLOSURE,)
IN_CLEAR = tuple(one.name for one in DISCLOSURE.fields if not one.sealed and one.name != "updated_at")


def disclosure_from(document: Mapping[str, Any], *, opened: Open | None = None) -> Disclosure:
    """Read a document; to whom and what only where something is given to open them with."""
    return Disclosure(**DISCLOSURE.values(document, opened=opened or _unopened))


def _unopened(sealed: Mapping[str, Any]) -> Mapping[str, str | None]:
    return dict.fromkeys(sealed)


class DisclosureStore:
    """Disclosures in one transaction, in the survivor's turn."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def find(self, disclosure_id: str, survivor_id: str) -> Disclosure | None:
        """Give one of a person without its words; None where they have no such."""
        known = self._work.find(DISCLOSURES, disclosure_id)
        return None if known is None or known["survivor_id"] != survivor_id else disclosure_from(known)

    def get(self, disclosure_id: str, survivor_id: str, sealer: Sealer | None = None) -> Disclosure:
        """Give one of a person; ``DocumentMissingError`` where they have no such."""
        known = self._work.get(DISCLOSURES, disclosure_id)
        if known["survivor_id"] != survivor_id:
            raise DocumentMissingError(DISCLOSURES)
        return disclosure_from(known, opened=None if sealer is None else sealer.opening(survivor_id))

    def concerned(self, survivor_id: str, purpose: str) -> list[Disclosure]:
        """Give what is asked, permitted or given of a person for a purpose, whose recipient was not told yet."""
        where = {
            "survivor_id": survivor_id,
            "purpose": purpose,
            "state": {"$in": [ASKED, PERMITTED, GIVEN]},
            "tell": {"$ne": TOLD},
        }
        return [disclosure_from(one) for one in self._work.find_where(DISCLOSURES, where, limit=MOST_OF_ONE)]

    def add(self, disclosure: Disclosure, sealer: Sealer) -> None:
        """Keep a new one."""
        sealed = sealer.sealing(disclosure.survivor_id)
        self._work.insert(DISCLOSURES, DISCLOSURE.document(disclosure, seal=sealed))

    def save(self, before: Disclosure, after: Disclosure) -> int:
        """Write what is new, without the sealed words; give the version that stands."""
        if after == before:
            return before.version
        known = self._work.get(DISCLOSURES, after.id)
        said = {name: getattr(after, name) for name in IN_CLEAR}
        self._work.replace(DISCLOSURES, DISCLOSURE.changed(known, **said, updated_at=self._work.now))
        return before.version + 1
