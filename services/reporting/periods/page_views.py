"""What the host's pages show beyond the API's preview: words, and the signed figures beside later ones."""

from typing import Any

from services.reporting.periods.standing import changes, standing
from services.reporting.periods.task import NOT_SENT, OPEN, SEALED
from services.reporting.periods.views import PeriodViews
from shared.codelists.lists import get
from shared.codelists.periods import Period
from shared.codelists.plan import Plan
from shared.outbox.unit_of_work import NEW
from shared.runtime.context import ServiceContext


class HostPageViews:
    """Reads from reporting's own database."""

    def __init__(self, context: ServiceContext, views: PeriodViews) -> None:
        """Take reporting's context, and the views that the API shows."""
        self._context = context
        self._database = context.client[context.database_name]
        self._views = views

    def periods(self) -> list[dict[str, Any]]:
        """Give all periods with their standing, the newest first."""
        now = self._context.clock.now()
        rows = []
        for row in reversed(self._views.periods()):
            preview = self._views.preview(row["period"]) if row["state"] == OPEN else row
            preview = {**preview, "on_its_way": self._on_its_way()}
            ends_at = Period.parse(row["period"]).ends_at()
            rows.append({**row, "standing": standing(preview, now), "ends_at": ends_at, "ended": now >= ends_at})
        return rows

    def period(self, period: str, *, reader: str) -> dict[str, Any]:
        """Give everything that one period's page shows.

        Args:
            period: Such as ``2026-Q3``.
            reader: Who looks; only whether they signed themself is shown, never an id.

        Raises:
            NoTaskError: There is no task for the period.
        """
        preview = {**self._views.preview(period), "on_its_way": self._on_its_way()}
        task = self._views.task(period)
        plan = task.plan
        signature, vector = self._views.signed(task), self._views.sealed(task)
        signed = preview["signed_figures"]
        # Once a period has ended here, facts that no seal needs go: only what was stored is true then.
        stored = {SEALED: preview["sealed_figures"], NOT_SENT: signed}
        figures = stored[preview["state"]] if preview["state"] in stored else _plain(preview["figures"])
        return {
            "preview": preview,
            "standing": standing(preview, self._context.clock.now()),
            "ends_at": Period.parse(period).ends_at(),
            "sealed_at": vector.sealed_at if vector is not None else None,
            "signed_by_reader": signature is not None and signature.actor_id == reader,
            "figures": figures,
            "tables": _tables(figures, plan) if figures is not None else [],
            "left_out": _left_out(figures["left_out"]) if figures is not None else [],
            "changes": changes(signed, figures, plan) if signed is not None and figures is not None else None,
        }

    def _on_its_way(self) -> int:
        return self._database["outbox"].count_documents({"status": NEW, "route": {"$in": ["board", "custodian"]}})


def _plain(figures: dict[str, Any]) -> dict[str, Any]:
    return {**figures, "left_out": {row["reason"]: row["episodes"] for row in figures["left_out"]}}


def _left_out(by_reason: dict[str, int]) -> list[dict[str, Any]]:
    words = get("left_out_reason")
    rows = [{"words": words.label(code), "episodes": number} for code, number in by_reason.items() if number]
    return sorted(rows, key=lambda row: (-int(row["episodes"]), row["words"]))


def _tables(figures: dict[str, Any], plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "title": table.title,
            "rows": [
                {"label": c.label, "people": figures["tables"][table.id][c.code]} for c in table.levels[0].categories
            ],
        }
        for table in plan.tables
    ]
