"""Whom somebody means who says that it is an emergency, and whether they are let in.

Promise: nobody, somebody erased and somebody of whom the caller is named are one and the same answer; each of these
counts as a try, and whoever tried often enough is told the same of everybody. Shown by
tests/integration/case/test_emergencies.py.
"""

from dataclasses import replace

from services.case.emergencies.documents import EMERGENCIES, NEVERS, TRIES, TRY, holding, keep_tries, tries_of
from services.case.emergencies.roles import LEAD
from services.case.emergencies.rules import Tries
from services.case.references.index import ReferenceIndex
from services.case.references.views import ReferenceViews
from services.case.survivors.documents import SURVIVORS
from services.case.survivors.views import SurvivorViews
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

NOBODY = "unknown"
"""What audit keeps in place of an id where a reference means nobody, or several."""


class Door:
    """Judges who is let in, before anything of anybody is read."""

    def __init__(self, context: ServiceContext, survivors: SurvivorViews) -> None:
        """Take case's context, and what tells who may act on whom."""
        self._context = context
        self._database = context.client[context.database_name]
        self._survivors = survivors
        self._references = ReferenceViews(context, ReferenceIndex(context), survivors)

    def whom(self, who: Principal, *, survivor_id: str | None, reference: str | None) -> str:
        """Give whom a number or a reference means; ``NOBODY`` of several and of none.

        Raises:
            EmergencyTooOftenError: The caller opened or tried as often as one person may today.
        """
        meant = survivor_id if survivor_id is not None else self._by_reference(who, reference or "")
        known = self._database[TRIES].find_one({"_id": who.actor_id})
        # A repeat of the request by which they opened it gets the first answer, whatever was counted since.
        if known is not None and not self._is_open(who, meant):
            Tries(**TRY.values(known)).check(self._survivors.today)
        return meant

    def _by_reference(self, who: Principal, reference: str) -> str:
        # The index is asked as for somebody who may see everybody: whether they are let in is judged below.
        rows = self._references.search(reference, source=None, who=replace(who, role=LEAD))
        found = {row["survivor_id"] for row in rows}
        return found.pop() if len(found) == 1 else NOBODY

    def _is_open(self, who: Principal, survivor_id: str) -> bool:
        theirs = {"survivor_id": survivor_id, "actor_id": who.actor_id, "until": {"$gt": self._context.clock.now()}}
        return self._database[EMERGENCIES].find_one(theirs, {"_id": 1}) is not None

    def lets_in(self, who: Principal, survivor_id: str) -> bool:
        """Whether there is somebody, who was not erased, and of whom the caller is not named."""
        known = self._database[SURVIVORS].find_one({"_id": survivor_id}, {"_id": 1}) is not None
        kept = survivor_id in self._context.survivor_keys.find_many([survivor_id])
        return known and kept and not self.is_named(who, survivor_id)

    def is_named(self, who: Principal, survivor_id: str) -> bool:
        """Whether the caller never opens this person's record."""
        return self._database[NEVERS].find_one(holding(survivor_id, who.actor_id), {"_id": 1}) is not None

    def note_missed(self, who: Principal) -> None:
        """Count a try that shows nothing."""

        def count(work: UnitOfWork) -> Answer:
            tries = tries_of(work, who.actor_id)
            keep_tries(work, replace(tries, missed=tries.missed + 1))
            return Answer(status=200)

        self._context.committer.execute(Command(run=count))
