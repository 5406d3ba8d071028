"""What a host sees of its own period: its true numbers, who is left out and why, and what is missing."""

from collections.abc import Mapping
from typing import Any

from services.reporting.contributions import Contribution
from services.reporting.domain import Tally, Task, tally
from services.reporting.errors import NoTaskError
from services.reporting.seal import LAPSED, SIGNED, consent_is_proven, may_be_signed
from services.reporting.signature import signature_state
from services.reporting.store import (
    CONTRIBUTIONS,
    JUDGEMENTS,
    OPEN,
    SIGN_OFFS,
    TASKS,
    VECTORS,
    contribution_from,
    persons_counted_before,
    plan_of,
    task_from,
)
from shared.codelists.lists import get
from shared.runtime.context import ServiceContext


class ReportingViews:
    """Reads from reporting's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take reporting's context."""
        self._context = context
        self._database = context.client[context.database_name]

    def periods(self) -> list[dict[str, Any]]:
        """Give all tasks of this host with their state."""
        return [
            {name: task[name] for name in ("period", "plan_id", "seal_at", "closes_at", "state", "reason")}
            for task in self._database[TASKS].find().sort("seal_at", 1)
        ]

    def preview(self, period: str) -> dict[str, Any]:
        """Give what would leave at the seal, and who is left out.

        Raises:
            NoTaskError: There is no task for the period.
        """
        document = self._database[TASKS].find_one({"period": period}, sort=[("seal_at", -1)])
        if document is None:
            raise NoTaskError(period)
        task = task_from(document)
        quarters = list(task.quarters())
        found = [contribution_from(d) for d in self._database[CONTRIBUTIONS].find({"quarters": {"$in": quarters}})]
        before = persons_counted_before(lambda collection, query: self._database[collection].find(query), task)
        counted = tally(found, plan_of(document), task, counted_before=before)
        signature = self._database[SIGN_OFFS].find_one({"_id": task.id})
        sealed = self._database[VECTORS].find_one({"_id": task.id})
        streams = self._database["streams"].find_one({"_id": "consent"})
        return {
            "period": period,
            "plan": task.plan_id,
            "seal_at": task.seal_at,
            "closes_at": task.closes_at,
            "state": document["state"],
            "reason": document["reason"],
            "digest": counted.digest(task),
            "signature": _signature(document, signature, found, task, before),
            "signed_at": signature["signed_at"] if signature is not None else None,
            "consent_proven": consent_is_proven(streams, task.seal_at),
            "may_be_signed": may_be_signed(streams, task, self._context.clock.now()),
            "figures": _figures(counted),
            "sealed_figures": _stored(sealed),
            "signed_figures": _stored(signature),
            "covers": document["covers"],
            "board_says": self._judgements(task.id),
        }

    def provenance(self, period: str) -> dict[str, Any]:
        """Give the ledger of who was counted, with the commitment that went out and the salt that opens it.

        Raises:
            NoTaskError: There is no task for the period, or it is not sealed.
        """
        task = self._database[TASKS].find_one({"period": period}, sort=[("seal_at", -1)])
        sealed = self._database[VECTORS].find_one({"_id": task["_id"]}) if task is not None else None
        if sealed is None:
            raise NoTaskError(period)
        return {
            "period": period,
            "report_id": sealed["report_id"],
            "commitment": sealed["provenance"],
            "salt": bytes(sealed["provenance_salt"]).hex(),
            "counted": sealed["counted"],
        }

    def _judgements(self, task_id: str) -> list[dict[str, Any]]:
        reasons = get("report_refusal")
        return [
            {
                "outcome": j["outcome"],
                "reason": j["reason"],
                "words": reasons.label(j["reason"]),
                "at": j["at"],
            }
            for j in self._database[JUDGEMENTS].find({"task_id": task_id}).sort("at", 1)
        ]


def _signature(
    document: Mapping[str, Any],
    signature: Mapping[str, Any] | None,
    contributions: list[Contribution],
    task: Task,
    counted_before: frozenset[str],
) -> str:
    """Say how a signature stands; once a period has ended here, how it stood then."""
    if document["state"] == OPEN or signature is None:
        return signature_state(signature, contributions, task, counted_before=counted_before)
    return LAPSED if document["reason"] == LAPSED else SIGNED


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


def _stored(document: dict[str, Any] | None) -> dict[str, Any] | None:
    if document is None:
        return None
    return {"people": document["people"], "tables": document["counts"], "left_out": document["left_out"]}
