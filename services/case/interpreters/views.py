"""What case shows of the register of interpreters."""

from dataclasses import asdict
from typing import Any

from services.case.interpreters.documents import INTERPRETERS, ClosedWords
from services.case.interpreters.rules import MOST_INTERPRETERS, Interpreter, Words
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

Rows = list[dict[str, Any]]


class InterpreterViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._interpreters = context.client[context.database_name][INTERPRETERS]
        self._closed = ClosedWords.of(context)

    def every(self) -> list[Interpreter]:
        """Give everybody of the register."""
        return [self._closed.read(one) for one in self._interpreters.find().sort("_id", 1).limit(MOST_INTERPRETERS)]

    def names(self) -> dict[str, str | None]:
        """Give everybody's name by id; None of what cannot be read."""
        return {one.id: one.words.name if one.words is not None else None for one in self.every()}

    def rows(self) -> Rows:
        """Give everybody's row, by name."""
        return sorted((row_of(one) for one in self.every()), key=lambda row: str(row["name"]).casefold())

    def one(self, interpreter_id: str) -> dict[str, Any]:
        """Give one's row; ``DocumentMissingError`` if there is none."""
        document = self._interpreters.find_one({"_id": interpreter_id})
        if document is None:
            raise DocumentMissingError(INTERPRETERS)
        return row_of(self._closed.read(document))

    def listed(self, wanted: PageRequest) -> Page:
        """Give a page of the register."""
        return find_page(self._interpreters, wanted, where={}, row=lambda found: row_of(self._closed.read(found)))


def row_of(one: Interpreter) -> dict[str, Any]:
    """Give what the API shows; without words where they cannot be read."""
    words = one.words or Words(name="")
    return {
        "id": one.id,
        "name": words.name or None,
        "languages": list(one.languages),
        "dialects": list(words.dialects),
        "gender": one.gender,
        "modes": list(one.modes),
        "agency": words.agency,
        "communities": list(words.communities),
        "from_on": one.from_on,
        "until_on": one.until_on,
        "ties": [asdict(tie) for tie in words.ties],
        "stated_by": one.stated_by,
        "updated_at": one.updated_at,
        "version": one.version,
    }
