"""What whoever takes over must know of one person, at one look; composed of what the other rooms show.

Promise: it shows nothing that its reader could not read elsewhere, and a note for them; everything in it is bounded.
Shown by tests/integration/case/test_handing_over.py. Source: ADR 0062.
"""

from dataclasses import dataclass
from typing import Any

from services.case.approvals.views import ApprovalViews
from services.case.asking.views import LookViews
from services.case.contacts.views import ContactViews
from services.case.dependants.views import DependantViews
from services.case.episodes.views import EpisodeViews
from services.case.goals.rules import OPEN
from services.case.goals.views import GoalViews
from services.case.handing_over.views import HandoverViews
from services.case.interpreting.views import InterpretingViews
from services.case.nrm.views import Known, NrmViews
from services.case.steps.views import StepViews
from services.case.survivors.views import SurvivorViews
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext

Rows = list[dict[str, Any]]
LAST = 5
"""Contacts whose days are shown."""
MOST_ASKED = 20
"""Open questions, and approvals that wait, that are shown."""


@dataclass(frozen=True, kw_only=True)
class Pack:
    """One person, for whoever takes over.

    Attributes:
        person: Who they are, and how to reach them safely.
        handovers: Theirs that the reader has, or of everybody where a supervisor reads.
        notes: What those before would tell the reader.
        questions: What a supervisor asked about a contact that nobody has answered.
        approvals: What waits for somebody else's approval, or was sent back and not read yet.
        steps: What is open, reviews among it, the nearest day first.
        goals: What the person wants to reach and has not.
        contacts: The last ones: day and mode, and no word.
        interpreting: What they need of an interpreter, who never interprets for them, and what is booked.
        dependants: Whether children depend on them, in a code, and when it is asked again.
        nrm: What is known of the NRM, and by when something is to be done.
        support: The episodes that the reader may see.
        covers: Who covers for whom, today and later.
    """

    person: dict[str, Any]
    handovers: Rows
    notes: Rows
    questions: Rows
    approvals: Rows
    steps: Rows
    goals: Rows
    contacts: Rows
    interpreting: dict[str, Any]
    dependants: dict[str, Any]
    nrm: Known
    support: Rows
    covers: Rows

    @property
    def row(self) -> dict[str, Any]:
        """The row that the API shows."""
        shown = ("handovers", "notes", "questions", "approvals", "steps", "goals", "contacts", "covers")
        support = [
            {name: one[name] for name in ("id", "status", "referral_date", "advocate_id")} for one in self.support
        ]
        return {
            "survivor_id": self.person["id"],
            **{name: self.person[name] for name in ("reference", "name", "safe_contact")},
            **{name: getattr(self, name) for name in shown},
            "interpreting": self.interpreting,
            "dependants": self.dependants,
            "nrm": self.nrm.row,
            "support": support,
        }


class PackViews:
    """Reads from case's own database, by the views of the rooms that keep what is shown."""

    def __init__(self, context: ServiceContext, survivors: SurvivorViews) -> None:
        """Take case's context, and what tells who may act on whom."""
        self._survivors = survivors
        self._handovers = HandoverViews(context, survivors)
        self._episodes = EpisodeViews(context, survivors)
        self._looks = LookViews(context, survivors)
        self._approvals = ApprovalViews(context, survivors)
        self._steps, self._goals = StepViews(context, survivors), GoalViews(context)
        self._dependants = DependantViews(context)
        self._interpreting = InterpretingViews(context, survivors)
        self._contacts, self._nrm = ContactViews(context), NrmViews(context)

    def pack(self, who: Principal, survivor_id: str) -> Pack:
        """Give everything at once; ``DocumentMissingError`` or ``KeyDestroyedError`` if there is nobody."""
        person = self._survivors.survivor(survivor_id)
        support = self._episodes.seen_of(who, survivor_id)
        ids = [row["id"] for row in support]
        last = self._contacts.last(survivor_id, ids, LAST)
        return Pack(
            person=person,
            handovers=self._handovers.of_person(who, survivor_id),
            notes=self._handovers.notes(who, survivor_id),
            questions=self._looks.open_of(who, survivor_id, MOST_ASKED),
            approvals=self._approvals.of_person(who, survivor_id, MOST_ASKED),
            steps=self._steps.open_of(survivor_id),
            goals=[row for row in self._goals.of_person(survivor_id, ids) if row["state"] == OPEN],
            contacts=[{name: row[name] for name in ("id", "on", "mode")} for row in last],
            interpreting=self._interpreting.for_handover(survivor_id),
            dependants=self._dependants.now(survivor_id),
            nrm=self._nrm.known(survivor_id),
            support=support,
            covers=self._survivors.covers_of(survivor_id),
        )
