"""What case shows of the NRM; everything is opened for the caller who may see it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.case.episodes.documents import EPISODES, episode_from
from services.case.nrm.deadlines import Deadline, deadlines, nation_of
from services.case.nrm.documents import MOST_EPISODES, MOST_READ, NRM_ENTRIES, NRM_ENTRY, entry_from
from services.case.nrm.policy import version
from services.case.nrm.rules import DECISIONS, WAITING, Entry, current, next_id, standing
from services.case.nrm.words import days_since
from services.case.steps.documents import STEPS
from services.case.survivors.sealing import Sealer
from shared.codelists.periods import london_day
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

Rows = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of one person's NRM.

    Attributes:
        nation: In which they are supported; None where it is none of the four or not known.
        current: Where it stands; None where nobody wrote anything.
        waited_days: For a first responder; None where they do not wait, or nobody knows since when.
        deadlines: Every time that runs or is over, the nearest first.
        entries: Everything that was written down, in that order.
    """

    nation: str | None
    current: dict[str, Any] | None
    waited_days: int | None
    deadlines: Rows
    entries: Rows

    @property
    def row(self) -> dict[str, Any]:
        """The row that the API shows."""
        return {
            "nation": self.nation,
            "stage": None if self.current is None else self.current["stage"],
            "waited_days": self.waited_days,
            "policy_version": version(),
            "items": self.deadlines,
        }


class NrmViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._database = context.client[context.database_name]
        self._entries = self._database[NRM_ENTRIES]
        self._context = context

    def of_survivor(self, survivor_id: str, wanted: PageRequest) -> Page:
        """Give a page of a survivor's entries, with what was corrected and by which."""
        page = find_page(self._entries, wanted, where={"survivor_id": survivor_id}, row=dict)
        later = {next_id(one["_id"]) for one in page.items}
        there = {one["_id"] for one in self._entries.find({"_id": {"$in": list(later)}}, {"_id": 1})}
        return replace(page, items=self._rows(page.items, self._sealer(survivor_id), there))

    def known(self, survivor_id: str) -> Known:
        """Give everything of a survivor at once: it is bounded, and what runs follows from all of it."""
        sealer, today = self._sealer(survivor_id), london_day(self._context.clock.now())
        order = [("updated_at", 1), ("_id", 1)]
        documents = list(self._entries.find({"survivor_id": survivor_id}).sort(order).limit(MOST_READ))
        episodes = self._database[EPISODES].find({"survivor_id": survivor_id}).limit(MOST_EPISODES)
        nation = nation_of(episode_from(one, sealer) for one in episodes)
        rows = self._rows(documents, sealer, {one["_id"] for one in documents})
        stand = standing([entry_from(one, sealer) for one in documents])
        now = current(stand)
        waits = now is not None and now.stage == WAITING and now.day is not None
        return Known(
            nation=nation,
            current=next((row for row in rows if now is not None and row["id"] == now.id), None),
            waited_days=days_since(now.latest_day, today) if now is not None and waits else None,
            deadlines=self._with_steps(deadlines(stand, nation, today)),
            entries=rows,
        )

    def _sealer(self, survivor_id: str) -> Sealer:
        return Sealer.of_known(self._context, [survivor_id])

    def _with_steps(self, running: list[Deadline]) -> Rows:
        ids = [one.step_id for one in running]
        there = {one["_id"] for one in self._database[STEPS].find({"_id": {"$in": ids}}, {"_id": 1})} if ids else set()
        return [{**_row(one), "step_id": one.step_id if one.step_id in there else None} for one in running]

    @staticmethod
    def _rows(documents: Iterable[Mapping[str, Any]], sealer: Sealer, there: set[str]) -> Rows:
        rows = []
        for document in documents:
            values = NRM_ENTRY.values(document, opened=sealer.opening(document["survivor_id"]))
            decision, outcome = DECISIONS.get(values["stage"] or "", (None, None))
            follows = next_id(document["_id"])
            rows.append(
                {
                    **NRM_ENTRY.row(values),
                    "decision": decision,
                    "outcome": outcome,
                    "corrected_by": follows if follows in there else None,
                }
            )
        return rows


def _row(one: Deadline) -> dict[str, Any]:
    entry: Entry = one.entry
    return {
        "kind": one.kind,
        "entry_id": entry.id,
        "stage": entry.stage,
        "began_on": entry.day,
        "due_on": one.due_on,
        "latest": one.latest,
        "overdue": one.overdue,
        "exceptions": one.exceptions,
        "amount": one.line.amount,
        "unit": one.line.unit,
        "nation": one.line.nation,
        "source": one.line.source,
        "verify": one.line.verify,
    }
