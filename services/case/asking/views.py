"""What case shows of questions about contacts; the words are opened for the caller who may see the contact."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from services.case.asking.documents import LOOK, LOOKS
from services.case.asking.rules import ANSWERED, ASKED, look_of
from services.case.episodes.seen import seen_by
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

Rows = list[dict[str, Any]]
_MOST_PARTS = 50
"""Parts of a list in which those are looked for that somebody may see."""


class LookViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext, survivors: SurvivorViews) -> None:
        """Take case's context, and what tells who may act on whom."""
        self._database = context.client[context.database_name]
        self._context = context
        self._survivors = survivors

    def looks(self, wanted: PageRequest, who: Principal, *, state: str | None) -> Page:
        """Give a page of the looks at contacts that somebody may see."""
        where = {**self._whose(who), **({} if state is None else {"state": state})}
        page = find_page(self._database[LOOKS], wanted, where=where, row=dict)
        return replace(page, items=self._rows(self._seen(page.items, who)))

    def questions(self, who: Principal, most: int) -> tuple[Rows, Rows]:
        """Give the open questions that somebody may see, the oldest first, and the answered ones, the newest first."""
        found = []
        for state, order in ((ASKED, 1), (ANSWERED, -1)):
            where = {"state": state, **self._whose(who)}
            documents = self._database[LOOKS].find(where).sort([("updated_at", order)])
            found.append(self._first(documents, who, most))
        return found[0], found[1]

    def open_of(self, who: Principal, survivor_id: str, most: int) -> Rows:
        """Give one person's open questions that somebody may see, the oldest first."""
        where = {"state": ASKED, "survivor_id": survivor_id}
        return self._first(self._database[LOOKS].find(where).sort([("updated_at", 1)]), who, most)

    def of_contacts(self, contact_ids: Collection[str]) -> Mapping[str, str]:
        """Give, for each contact at which a supervisor looked, the look's state; no word is opened for it."""
        found = self._database[LOOKS].find({"_id": {"$in": [look_of(one) for one in contact_ids]}}, {"sealed": 0})
        return {one["contact_id"]: one["state"] for one in found}

    def of_contact(self, contact_id: str) -> dict[str, Any] | None:
        """Give the look at a contact; None where nobody looked."""
        document = self._database[LOOKS].find_one({"_id": look_of(contact_id)})
        rows = self._rows([] if document is None else [document])
        return rows[0] if rows else None

    def _whose(self, who: Principal) -> dict[str, Any]:
        return {"survivor_id": {"$in": self._survivors.theirs(who.actor_id)}} if who.role == ADVOCATE else {}

    def _first(self, documents: Iterable[dict[str, Any]], who: Principal, most: int) -> Rows:
        """Give the first that somebody may see: what is a colleague's, or of an erased person, hides nothing else."""
        rest, found = iter(documents), Rows()
        for _ in range(_MOST_PARTS):
            part = list(islice(rest, most))
            found += self._rows(self._seen(part, who))
            if len(found) >= most or len(part) < most:
                break
        return found[:most]

    def _seen(self, documents: Iterable[dict[str, Any]], who: Principal) -> Rows:
        return seen_by(who, documents, self._database, self._survivors)

    def _rows(self, documents: Iterable[dict[str, Any]]) -> Rows:
        """Open them; those of an erased person are left out."""
        documents = list(documents)
        keys = self._context.survivor_keys.find_many({one["survivor_id"] for one in documents})
        sealer = Sealer(tenant=str(self._context.tenant_id), keys=keys)
        return [
            LOOK.row(LOOK.values(one, opened=sealer.opening(one["survivor_id"])))
            for one in documents
            if one["survivor_id"] in keys
        ]
