"""What case shows of copies: how far one is, a part as it is read through, what a second reader judges, and the copy.

Promise: in the copy, as a page and as JSON alike, stands nothing that is left out and no id, and there is none while
anything is waited for. Shown by tests/integration/case/test_access_copies.py.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from services.case.access.documents import COPIES, COPY, COPY_PART, COPY_PARTS, copy_from
from services.case.access.errors import CollectionEndedError, PartNotThereError
from services.case.access.pieces import LeftOut, Question
from services.case.access.rules import GONE, Copy
from services.case.access.words import NOTES, NOTHING_HELD, PARTS, TITLE
from services.case.rights.documents import opening
from services.case.rights.views import sealer_of
from shared.codelists.lists import get
from shared.codelists.periods import day_words
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.access_parts import Item, Part, from_text
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

_TOLD = ("id", "party", "numbers", "reason", "asked_by", "asked_at", "agreed_by", "agreed_at")


class CopyViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._context = context
        database = context.client[context.database_name]
        self._copies, self._parts = database[COPIES], database[COPY_PARTS]
        self._now = context.clock.now

    def survivor_of(self, copy_id: str) -> str:
        """Give whose copy it is; ``DocumentMissingError`` if there is none."""
        survivor_id: str = self._found(copy_id)["survivor_id"]
        return survivor_id

    def copy(self, copy_id: str) -> dict[str, Any]:
        """Give how far a copy is, and nothing of what stands in it; ``DocumentMissingError`` if there is none."""
        document = self._found(copy_id)
        copy, now = self._read(document), self._now()
        row = COPY.row(COPY.values(document, opened=dict.fromkeys))
        late = {one.id for one in copy.late(now)}
        return {
            **row,
            "state": copy.state_at(now),
            "parts": [_question(one, late=one.id in late) for one in copy.questions],
            "left_out": [_told(one) for one in copy.left_out],
            "safe": None if copy.safe is None else {"by": copy.safe.by, "on": copy.safe.on, "at": copy.safe.at},
            "given": None if copy.given is None else dict(vars(copy.given)),
        }

    def part(self, copy_id: str, party: str) -> dict[str, Any]:
        """Give a part as it is read through: also what is left out, which says so.

        Raises:
            DocumentMissingError, NoSuchCopyPartError, PartNotThereError, CollectionEndedError: It cannot be read.
        """
        copy = self._read(self._found(copy_id))
        if copy.state_at(self._now()) == GONE:
            raise CollectionEndedError
        items = self._items(copy, copy.question(party))
        shown = [
            {**_item(one), "number": number, "left_out": copy.is_left_out(party, number)}
            for number, one in enumerate(items, start=1)
        ]
        return {"id": copy.id, "party": party, "items": shown, "version": copy.version}

    def waiting(self, wanted: PageRequest) -> Page:
        """Give the copies in which something waits for a second reader: these things, and nothing else of them."""
        return find_page(self._copies, wanted, where={"waits": True, "ended_at": None}, row=self._waiting)

    def document(self, copy_id: str) -> dict[str, Any]:
        """Give the copy as the person has it.

        Raises:
            DocumentMissingError, CollectionEndedError, CopyNotReadyError: There is none to give.
        """
        copy = self._read(self._found(copy_id))
        copy.check_ready(self._now())
        reasons = sorted({one.reason for one in copy.left_out})
        return {
            "title": TITLE,
            "organisation": self._context.settings.name,
            "collected_on": day_words(copy.began_at),
            "parts": [self._written(copy, question) for question in copy.questions],
            "left_out": [get("access_left_out").label(reason) for reason in reasons],
            "notes": list(NOTES),
        }

    def _written(self, copy: Copy, question: Question) -> dict[str, Any]:
        held = self._items(copy, question)
        items = [_item(one) for number, one in enumerate(held, start=1) if not copy.is_left_out(question.party, number)]
        return {"title": PARTS[question.party], "items": items, "nothing": NOTHING_HELD if not held else None}

    def _waiting(self, document: Mapping[str, Any]) -> dict[str, Any]:
        copy = self._read(document)
        waiting = [] if copy.state_at(self._now()) == GONE else [one for one in copy.left_out if one.waits]
        return {
            "id": copy.id,
            "waiting": [{**_told(one), "items": list(self._judged(copy, one))} for one in waiting],
            "version": copy.version,
        }

    def _judged(self, copy: Copy, asked: LeftOut) -> Iterator[dict[str, Any]]:
        for number, item in enumerate(self._items(copy, copy.question(asked.party)), start=1):
            if asked.leaves_out(number):
                yield {**_item(item), "number": number}

    def _items(self, copy: Copy, question: Question) -> tuple[Item, ...]:
        found = self._parts.find_one({"_id": question.id, "copy_id": copy.id, "survivor_id": copy.survivor_id})
        if question.is_open or found is None:
            raise PartNotThereError
        opened = opening(copy.survivor_id, sealer_of(self._context, copy.survivor_id))
        content = COPY_PART.values(found, opened=opened)["content"]
        if content is None:
            raise CollectionEndedError
        part: Part = from_text(content)
        return part.items

    def _found(self, copy_id: str) -> Mapping[str, Any]:
        found = self._copies.find_one({"_id": copy_id})
        if found is None:
            raise DocumentMissingError(COPIES)
        return found

    def _read(self, document: Mapping[str, Any]) -> Copy:
        return copy_from(document, sealer_of(self._context, document["survivor_id"]))


def _question(one: Question, *, late: bool) -> dict[str, Any]:
    return {
        "party": one.party,
        "answered_at": one.answered_at,
        "things": len(one.wrote) if not one.is_open else None,
        "asked": one.asked,
        "late": late,
        "looked_by": one.looked_by,
        "looked_at": one.looked_at,
    }


def _told(one: LeftOut) -> dict[str, Any]:
    return {**{name: getattr(one, name) for name in _TOLD}, "numbers": list(one.numbers)}


def _item(one: Item) -> dict[str, Any]:
    return {"what": one.what, "when": one.when, "lines": [{"name": n, "words": w} for n, w in one.lines]}
