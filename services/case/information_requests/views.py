"""What case shows of requests for survivors' information; a list opens nobody's words."""

from collections.abc import Mapping
from typing import Any

from services.case.information_requests.documents import INFORMATION_REQUEST, INFORMATION_REQUESTS, opens
from services.case.rights.views import person_of, sealer_of
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

_WORDS = ("words", "answer")


class InformationViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._context = context
        self._requests = context.client[context.database_name][INFORMATION_REQUESTS]
        self._survivors = SurvivorViews(context)

    def requests(self, wanted: PageRequest, *, state: str | None) -> Page:
        """Give a page of requests, the longest untouched first."""
        where = {"state": state} if state is not None else {}
        return find_page(self._requests, wanted, where=where, row=_closed_row)

    def sealer(self, request_id: str) -> Sealer:
        """Give what seals and opens the words of one; ``DocumentMissingError`` if there is none."""
        return self._sealer(self._found(request_id)["survivor_id"])

    def request(self, request_id: str) -> dict[str, Any]:
        """Give a whole request; of somebody erased, its codes and days alone.

        Raises:
            DocumentMissingError: There is none.
        """
        document = self._found(request_id)
        survivor_id = document["survivor_id"]
        values = INFORMATION_REQUEST.values(document, opened=opens(survivor_id, self._sealer(survivor_id)))
        return {
            **_closed_row(document),
            **{name: values[name] for name in _WORDS},
            "person": None if survivor_id is None else person_of(self._survivors, survivor_id),
        }

    def _found(self, request_id: str) -> Mapping[str, Any]:
        found = self._requests.find_one({"_id": request_id})
        if found is None:
            raise DocumentMissingError(INFORMATION_REQUESTS)
        return found

    def _sealer(self, survivor_id: str | None) -> Sealer:
        if survivor_id is None:
            return Sealer(tenant=str(self._context.tenant_id), keys={})
        return sealer_of(self._context, survivor_id)


def _closed_row(document: Mapping[str, Any]) -> dict[str, Any]:
    values = INFORMATION_REQUEST.values(document, opened=dict.fromkeys)
    row = INFORMATION_REQUEST.row(values)
    return {name: value for name, value in row.items() if name not in _WORDS}
