"""What case shows of hand-overs; a note is opened for whoever took the person over from its author.

Promise: whose hand-over it is any more follows from the stated fact of who acts on the person, read at that moment; an
erased person stands on no list. Shown by tests/integration/case/test_handing_over.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from services.case.handing_over.documents import HANDOVER, HANDOVERS, NOTE, NOTES, handover_from, note_from
from services.case.handing_over.rules import COVER, MOST_HANDOVERS, MOST_READ, WAITING, standing, told_by
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

Rows = list[dict[str, Any]]
MOST_LOOKED = 1_000
"""Hand-overs that wait, up to which a page looks; those that are nobody's any more are left out of them."""


class HandoverViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext, survivors: SurvivorViews) -> None:
        """Take case's context, and what tells who may act on whom."""
        self._database = context.client[context.database_name]
        self._context = context
        self._survivors = survivors

    def handovers(self, wanted: PageRequest, who: Principal, *, state: str | None) -> Page:
        """Give a page of hand-overs: an advocate those that are theirs to read, a supervisor all."""
        where = {**self._whose(who), **({} if state is None else {"state": state})}
        page = find_page(self._database[HANDOVERS], wanted, where=where, row=dict)
        rows = self._live(page.items, who) if who.role == ADVOCATE else self._not_erased(page.items)
        return replace(page, items=rows)

    def waiting(self, who: Principal, most: int) -> Rows:
        """Give what nobody has read yet and somebody still has to, the oldest first."""
        today = self._survivors.today.isoformat()
        for_good = {"state": WAITING, "last_on": None, **self._whose(who)}
        covered = {"state": WAITING, "last_on": {"$gte": today}, **self._whose(who)}
        found: Rows = []
        for where in (for_good, covered):
            found += self._database[HANDOVERS].find(where).sort([("last_on", 1), ("given_at", 1)]).limit(MOST_LOOKED)
        return sorted(self._live(found, who), key=lambda row: row["given_at"])[:most]

    def of_person(self, who: Principal, survivor_id: str) -> Rows:
        """Give one person's hand-overs that somebody still has, read or not, the newest first; an advocate's own."""
        found = self._of_person(survivor_id)
        own = [one for one in found if who.role != ADVOCATE or one["to_id"] == who.actor_id]
        today = self._survivors.today
        return [row for row in self._live(own, who) if row["last_on"] is None or row["last_on"] >= today]

    def notes(self, who: Principal, survivor_id: str) -> Rows:
        """Give the notes that stand about a person and are for somebody, the newest first."""
        found = list(self._database[NOTES].find({"survivor_id": survivor_id}).limit(MOST_READ))
        sealer = Sealer.of_known(self._context, [survivor_id])
        stands = {one.id: one for one in standing(note_from(document, sealer) for document in found)}
        if who.role == ADVOCATE:
            parts = self._survivors.acts_as(survivor_id, who.actor_id)
            heard = told_by(map(handover_from, self._of_person(survivor_id)), parts)
            stands = {key: one for key, one in stands.items() if one.part_of is None or one.part_of in heard}
        opening = sealer.opening(survivor_id)
        rows = [NOTE.row(NOTE.values(one, opened=opening)) for one in found if one["_id"] in stands]
        return sorted(rows, key=lambda row: row["recorded_at"], reverse=True)

    def _of_person(self, survivor_id: str) -> Rows:
        where = {"survivor_id": survivor_id}
        return list(self._database[HANDOVERS].find(where).sort([("given_at", -1)]).limit(MOST_HANDOVERS))

    def _whose(self, who: Principal) -> dict[str, Any]:
        return {"to_id": who.actor_id} if who.role == ADVOCATE else {}

    def _live(self, documents: Iterable[Mapping[str, Any]], who: Principal) -> Rows:
        """Leave out what is nobody's to read any more, and of an advocate's what is not theirs to read yet."""
        rows, today = self._not_erased(documents), self._survivors.today
        if who.role == ADVOCATE:
            rows = [row for row in rows if row["first_on"] is None or row["first_on"] <= today]
        acting = self._survivors.who_acts({row["survivor_id"] for row in rows})
        return [
            row
            for row in rows
            if row["move_id" if row["kind"] == COVER else "to_id"] in acting.get(row["survivor_id"], ())
        ]

    def _not_erased(self, documents: Iterable[Mapping[str, Any]]) -> Rows:
        documents = list(documents)
        keys = self._context.survivor_keys.find_many({one["survivor_id"] for one in documents})
        return [HANDOVER.row(HANDOVER.values(one)) for one in documents if one["survivor_id"] in keys]
