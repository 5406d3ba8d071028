"""What a host sees of its own period: its true numbers, who is left out and why, and what is missing."""

from typing import Any

from services.reporting.contributions.turns import CONSENT, STREAMS
from services.reporting.periods.documents import (
    JUDGEMENT,
    JUDGEMENTS,
    SIGN_OFFS,
    TASK,
    TASKS,
    VECTORS,
    SealedVector,
    sealed_from,
    signed_from,
    task_from,
)
from services.reporting.periods.episodes import Episodes
from services.reporting.periods.errors import NoTaskError
from services.reporting.periods.readiness import consent_is_proven, may_be_signed
from services.reporting.periods.rules import Figures, Tally
from services.reporting.periods.signature import LAPSED, SIGNED, SignedPreview
from services.reporting.periods.task import OPEN, KeptTask
from shared.codelists.lists import get
from shared.kernel.streams import from_document
from shared.runtime.context import ServiceContext

READERS = ("HOST_DATA_LEAD", "HOST_DPO", "HOST_ADMIN")
"""Who of a host sees what leaves it."""


class PeriodViews:
    """Reads from reporting's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take reporting's context."""
        self._context = context
        self._database = context.client[context.database_name]

    def periods(self) -> list[dict[str, Any]]:
        """Give all tasks of this host with their state."""
        return [_task_row(document) for document in self._database[TASKS].find().sort("seal_at", 1)]

    def task(self, period: str) -> KeptTask:
        """Give the newest task for a period.

        Raises:
            NoTaskError: There is none.
        """
        document = self._database[TASKS].find_one({"period": period}, sort=[("seal_at", -1)])
        if document is None:
            raise NoTaskError(period)
        return task_from(document)

    def preview(self, period: str) -> dict[str, Any]:
        """Give what would leave at the seal, and who is left out.

        Raises:
            NoTaskError: There is no task for the period.
        """
        task = self.task(period)
        episodes = Episodes.of(lambda collection, query: self._database[collection].find(query), task)
        counted = episodes.tally()
        signed, sealed = self.signed(task), self.sealed(task)
        progress = from_document(self._database[STREAMS].find_one({"_id": CONSENT}))
        return {
            "period": period,
            "plan": task.plan_id,
            "seal_at": task.seal_at,
            "closes_at": task.closes_at,
            "state": task.state,
            "reason": task.reason,
            "digest": counted.digest(task),
            "signature": _signature(episodes, signed),
            "signed_at": signed.signed_at if signed is not None else None,
            "consent_proven": consent_is_proven(progress, task.seal_at),
            "may_be_signed": may_be_signed(progress, task, self._context.clock.now()),
            "figures": _figures(counted),
            "sealed_figures": _stored(sealed),
            "signed_figures": _stored(signed),
            "covers": list(task.covers),
            "board_says": self._judgements(task.id),
        }

    def signed(self, task: KeptTask) -> SignedPreview | None:
        """Give what was signed of a task, or None."""
        return signed_from(self._database[SIGN_OFFS].find_one({"_id": task.id}))

    def sealed(self, task: KeptTask) -> SealedVector | None:
        """Give what was sealed of a task, or None."""
        return sealed_from(self._database[VECTORS].find_one({"_id": task.id}))

    def provenance(self, period: str) -> dict[str, Any]:
        """Give the ledger of who was counted, with the commitment that went out and the salt that opens it.

        Raises:
            NoTaskError: There is no task for the period, or it is not sealed.
        """
        sealed = self.sealed(self.task(period))
        if sealed is None:
            raise NoTaskError(period)
        return {
            "period": period,
            "report_id": sealed.report_id,
            "commitment": sealed.provenance,
            "salt": sealed.provenance_salt.hex(),
            "counted": [{"contribution_id": one, "consent_event_id": event} for one, event in sealed.counted],
        }

    def _judgements(self, task_id: str) -> list[dict[str, Any]]:
        reasons = get("report_refusal")
        said = [
            JUDGEMENT.values(document)
            for document in self._database[JUDGEMENTS].find({"task_id": task_id}).sort("at", 1)
        ]
        return [
            {"outcome": j["outcome"], "reason": j["reason"], "words": reasons.label(j["reason"]), "at": j["at"]}
            for j in said
        ]


def _task_row(document: dict[str, Any]) -> dict[str, Any]:
    row = TASK.row(TASK.values(document))
    del row["id"], row["version"]
    return row


def _signature(episodes: Episodes, signed: SignedPreview | None) -> str:
    """Say how a signature stands; once a period has ended here, how it stood then."""
    task = episodes.task
    if task.state == OPEN or signed is None:
        return episodes.signature_state(signed)
    return LAPSED if task.reason == LAPSED else SIGNED


def _figures(counted: Tally) -> dict[str, Any]:
    reasons = get("left_out_reason")
    return {
        "people": counted.people,
        "tables": {table: dict(cells) for table, cells in counted.counts.items()},
        "left_out": [
            {"reason": reason, "words": reasons.label(reason), "episodes": number}
            for reason, number in counted.left_out.items()
        ],
    }


def _stored(figures: Figures | None) -> dict[str, Any] | None:
    if figures is None:
        return None
    return {"people": figures.people, "tables": figures.counts, "left_out": figures.left_out}
