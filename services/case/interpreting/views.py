"""What case shows of interpreting for somebody; opened for whoever may act on them, judged at each reading."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from services.case.interpreters.views import InterpreterViews
from services.case.interpreting.documents import (
    BOOKINGS,
    NEVERS,
    WISHES,
    never_from,
    readable,
    wish_from,
)
from services.case.interpreting.judging import Needs, Wanted, judge, remarks
from services.case.interpreting.marks import Marks
from services.case.interpreting.rechecking import wanted_of
from services.case.interpreting.rules import BOOKED, FIND_OTHER, OPEN, Booking, Never, Wish, standing_nevers
from services.case.interpreting.rules import standing_wish as standing
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.codelists.periods import london_day
from shared.runtime.context import ServiceContext

Row = dict[str, Any]
Rows = list[Row]
LAST = 20
"""Bookings that are over and are shown."""


class InterpretingViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext, survivors: SurvivorViews) -> None:
        """Take case's context, and what tells who somebody is."""
        self._context = context
        self._database = context.client[context.database_name]
        self._survivors = survivors
        self._register = InterpreterViews(context)

    def of_person(self, survivor_id: str) -> Row:
        """Give everything; ``KeyDestroyedError`` where they were erased."""
        sealer = Sealer.of_known(self._context, [survivor_id])
        wishes, nevers = self._wishes(survivor_id, sealer), self._nevers(survivor_id, sealer)
        wish, standing_ids = standing(wishes), {one.id for one in standing_nevers(nevers)}
        newest = sorted(nevers, key=lambda one: (one.recorded_at, one.id), reverse=True)
        return {
            "wish": None if wish is None else asdict(wish),
            "remarks": list(remarks(wish)),
            "wishes": [asdict(one) for one in sorted(wishes, key=lambda one: one.number, reverse=True)],
            "nevers": [{**_unmarked(one), "stands": one.id in standing_ids} for one in newest],
            "bookings": self._bookings(survivor_id, sealer, self._needs(survivor_id, sealer, wishes, nevers)),
        }

    def for_handover(self, survivor_id: str) -> Row:
        """Give what stands, for whoever takes over: what they need, each never, and what is still to come."""
        known = self.of_person(survivor_id)
        return {
            "wish": known["wish"],
            "remarks": known["remarks"],
            "nevers": [one for one in known["nevers"] if one["stands"]],
            "bookings": [one for one in known["bookings"] if one["state"] in OPEN],
        }

    def candidates(self, survivor_id: str, at: datetime, mode: str) -> Row:
        """Give everybody of the register, whoever may first, each other one with every reason."""
        sealer = Sealer.of_known(self._context, [survivor_id])
        wishes, nevers = self._wishes(survivor_id, sealer), self._nevers(survivor_id, sealer)
        needs, wanted = self._needs(survivor_id, sealer, wishes, nevers), Wanted(on=london_day(at), mode=mode)
        found = []
        for one in self._register.every():
            verdict = judge(needs, one, wanted)
            found.append(
                {
                    "interpreter_id": one.id,
                    "name": one.words and one.words.name,
                    "may": verdict.may,
                    "may_if_agreed": verdict.may_if_agreed,
                    "refusals": list(verdict.refusals),
                }
            )
        order = sorted(found, key=lambda row: (not row["may"], not row["may_if_agreed"], str(row["name"]).casefold()))
        return {"items": order, "remarks": list(remarks(needs.wish))}

    def _needs(self, survivor_id: str, sealer: Sealer, wishes: Sequence[Wish], nevers: Sequence[Never]) -> Needs:
        name = self._survivors.survivor(survivor_id)["name"]
        return Needs(
            wish=standing(wishes),
            nevers=standing_nevers(nevers),
            names=(name,) if name else (),
            marks=Marks(sealer.keys[survivor_id], survivor_id),
        )

    def _wishes(self, survivor_id: str, sealer: Sealer) -> list[Wish]:
        return [wish_from(one, sealer) for one in self._database[WISHES].find({"survivor_id": survivor_id})]

    def _nevers(self, survivor_id: str, sealer: Sealer) -> list[Never]:
        return [never_from(one, sealer) for one in self._database[NEVERS].find({"survivor_id": survivor_id})]

    def _bookings(self, survivor_id: str, sealer: Sealer, needs: Needs) -> Rows:
        bookings, theirs = self._database[BOOKINGS], {"survivor_id": survivor_id}
        is_open, over = {**theirs, "state": {"$in": list(OPEN)}}, {**theirs, "state": {"$nin": list(OPEN)}}
        found = [*bookings.find(is_open), *bookings.find(over).sort([("updated_at", -1), ("_id", -1)]).limit(LAST)]
        known = {one.id: one for one in self._register.every()}
        now, rows = self._context.clock.now(), []
        for booking in readable(found, sealer):
            interpreter = known.get(booking.interpreter_id)
            judged: Booking = booking
            if booking.state == BOOKED and booking.at > now:
                verdict = judge(needs, interpreter, wanted_of(booking))
                # What the register says since stands here at once, whoever changed it.
                judged = booking if verdict.may else replace(booking, state=FIND_OTHER, refusals=verdict.refusals)
            name = interpreter.words.name if interpreter is not None and interpreter.words is not None else None
            rows.append({**asdict(judged), "refusals": list(judged.refusals), "interpreter": name})
        return sorted(rows, key=lambda row: (row["state"] not in OPEN, row["at"]))


def _unmarked(never: Never) -> Row:
    """Give a never without its marks, which are for matching alone."""
    return {name: value for name, value in asdict(never).items() if name not in ("marks", "person_mark")}
