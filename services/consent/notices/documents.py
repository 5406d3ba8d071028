"""The notices, one document a version."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from pymongo import IndexModel

from services.consent.notices.rules import Notice, Text
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

NOTICES = "notices"


def _texts(texts: Iterable[Text]) -> list[dict[str, Any]]:
    return [asdict(one) for one in texts]


NOTICE = DocumentType(
    collection=NOTICES,
    fields=(
        Field(name="purpose", holds=Holds.CODE),
        Field(name="recipient_class", holds=Holds.CODE),
        Field(name="number", holds=Holds.COUNT),
        Field(name="filled", holds=Holds.TEXT, write=dict, shown=False),
        Field(name="holds", holds=Holds.CODE, write=list, read=tuple),
        Field(name="texts", holds=Holds.TEXT, write=_texts, read=lambda kept: tuple(Text(**one) for one in kept)),
        Field(name="published_by", holds=Holds.ID),
        Field(name="published_at", holds=Holds.INSTANT),
        Field(name="replaced_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, missing=None, shown=False),
    ),
    indexes=(
        IndexModel([("updated_at", 1), ("_id", 1)]),
        IndexModel([("purpose", 1), ("recipient_class", 1), ("number", -1)]),
    ),
)
TYPES = (NOTICE,)


class NoticeStore:
    """The notices."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def get(self, notice_id: str) -> Notice:
        """Give a version; ``DocumentMissingError`` if there is none."""
        return notice_from(self._work.get(NOTICES, notice_id))

    def newest(self, purpose: str, recipient_class: str) -> Notice | None:
        """Give the version that is in use, or None."""
        where = {"purpose": purpose, "recipient_class": recipient_class}
        found = self._work.find_where(NOTICES, where, sort=[("number", -1)], limit=1)
        return notice_from(found[0]) if found else None

    def save(self, notice: Notice) -> None:
        """Keep a version."""
        known = self._work.find(NOTICES, notice.id) or {"_id": notice.id}
        said = {name: value for name, value in vars(notice).items() if name not in ("id", "version")}
        self._work.save(NOTICES, NOTICE.changed(known, **said, updated_at=self._work.now))


def notice_from(document: Mapping[str, Any]) -> Notice:
    """Read a version's document."""
    said = NOTICE.values(document)
    return Notice(**{name: value for name, value in said.items() if name != "updated_at"})


def notice_row(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give a version as the API shows it."""
    values = NOTICE.values(document)
    row = NOTICE.row({**values, "holds": list(values["holds"]), "texts": [asdict(one) for one in values["texts"]]})
    return {"code": row.pop("id"), **row}
