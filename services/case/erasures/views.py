"""What case shows of erasures: who waits for a second person, and the certificate of one that is done."""

from collections.abc import Mapping
from typing import Any

from services.case.erasures.documents import ERASURE, ERASURES
from services.case.survivors.views import SurvivorViews
from shared.codelists.lists import get
from shared.keys.survivor_keys import KeyDestroyedError
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

_KNOWN_BY = ("reference", "name")


class ErasureViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._erasures = context.client[context.database_name][ERASURES]
        self._survivors = SurvivorViews(context)

    def erasures(self, wanted: PageRequest, *, state: str | None) -> Page:
        """Give a page of erasures, the longest untouched first."""
        return find_page(self._erasures, wanted, where={"state": state} if state is not None else {}, row=_row)

    def survivor_of(self, erasure_id: str) -> str:
        """Give whose erasure it is; ``DocumentMissingError`` if there is none."""
        survivor_id: str = self._found(erasure_id)["survivor_id"]
        return survivor_id

    def certificate(self, erasure_id: str) -> dict[str, Any]:
        """Give how far an erasure is: its three dates, and what stays and why; while it waits, whose it is.

        Raises:
            DocumentMissingError: There is none.
        """
        row = _row(self._found(erasure_id))
        remains = get("erasure_remains")
        return {
            **row,
            "person": self._person(row["survivor_id"]),
            "remains": [{"code": code, "words": remains.label(code)} for code in remains.codes],
        }

    def _found(self, erasure_id: str) -> Mapping[str, Any]:
        found = self._erasures.find_one({"_id": erasure_id})
        if found is None:
            raise DocumentMissingError(ERASURES)
        return found

    def _person(self, survivor_id: str) -> dict[str, Any] | None:
        try:
            known = self._survivors.survivor(survivor_id)
        except (DocumentMissingError, KeyDestroyedError):
            return None
        return {name: known[name] for name in _KNOWN_BY}


def _row(document: Mapping[str, Any]) -> dict[str, Any]:
    return ERASURE.row(ERASURE.values(document))
