"""What case shows of imports; no cell and no reference stands in any of it. The shapes, for whoever builds on them.

- ``an_import(id)``: the report, as ``GET /v1/imports/{id}``. ``state`` goes WAITING → DONE for a file that is carried
  out at once, and PLANNING → PLANNED → COMMITTING → DONE → UNDOING → UNDONE for one that is planned; REFUSED, FAILED
  (with ``why``) and EXPIRED end it too. ``done`` of ``of`` rows is how far it is; ``of`` is None until it is known.
  ``plan_hash`` is what ``POST …/commit`` wants in its body; ``plan_counts`` are rows by what they will do;
  ``changed_rows`` are those for which a commit made a new plan instead; ``undo_until`` says how long
  ``POST …/undo`` is taken, ``undone`` and ``left_rows`` what became of it.
- ``history(query)``: ``{items: [the same, without lists], next}``, the newest first.
- ``plan(id)``: the plan in sum: ``hash``, ``rows``, ``counts`` (CREATE, UPDATE, UNCHANGED, HELD, REFUSED,
  POSSIBLE_CHILD, DUPLICATE, and CONSENT_ENDED beside them), ``columns`` (``[{field, name, filled}]``, ``name`` as the
  file has it), ``advice`` (problems of one kind together: ``{column, name, code, sentence, urgent, rows,
  first_rows}``, the urgent first), ``yeses_that_will_not_count`` (``{code, sentence, rows, first_rows}``),
  ``wordings`` (``{code, languages, days: [first, last], rows, first_rows}``: these yeses count only if consent has
  registered words of that code; join them with ``GET /v1/consent-wordings`` under the caller's own rights),
  ``possible_children`` and ``consents_ended`` (row numbers), ``likely_twins`` (rows), ``absent`` (``[{episode_id,
  survivor_id}]``) with ``absent_count`` (None for a part of a file), ``unassigned`` (rows that create somebody
  without an advocate), ``changed`` (rows).
- ``plan_rows(id, will, after, limit)``: ``{items: [{row, will, consent_ended, says_no, yes_will_not_count, wording,
  changes, problems: [{column, name, code, sentence, urgent}]}], next}``; ``next`` is the number to give as ``after``.

``errors.csv`` is made in ``errors_file.py``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo.collection import Collection

from services.case.imports.documents import IMPORT, IMPORTS, import_from
from services.case.imports.errors import NoPlanError
from services.case.imports.plans import PlanStore
from services.case.imports.rules.planned import ENDED, PlannedRow, Summary
from services.case.imports.rules.progress import DONE, FAILED, Import
from services.case.strongroom.documents import strongroom_of
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import make_cursor

_TWINS = frozenset({"likely-twin", "likely-twin-says-no"})
_LISTS = ("problems", "held_rows", "dropped_columns", "unread_columns", "ignored_rows", "changed_rows", "left_rows")


class ImportViews:
    """Reads from case's own database and the strongroom."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._imports = context.client[context.database_name][IMPORTS]
        self._strongroom = strongroom_of(context)

    def an_import(self, import_id: str) -> dict[str, Any]:
        """Give an import's report: counts, problems by row and column, dropped columns; no cell."""
        row = IMPORT.row(IMPORT.values(self._document(import_id)))
        # Whoever waits for a report has no use for the version, which changes with each chunk.
        del row["version"]
        return row

    def history(self, *, limit: int, after: tuple[datetime, str] | None) -> dict[str, Any]:
        """Give a page of all imports, the newest first; of each what it did, without its lists."""
        query: dict[str, Any] = {}
        if after is not None:
            at, last = after
            query = {"$or": [{"received_at": {"$lt": at}}, {"received_at": at, "_id": {"$lt": last}}]}
        found = list(self._imports.find(query).sort([("received_at", -1), ("_id", -1)]).limit(limit + 1))
        shown = found[:limit]
        cursor = make_cursor(shown[-1]["received_at"], shown[-1]["_id"]) if len(found) > limit else None
        items = []
        for document in shown:
            row = IMPORT.row(IMPORT.values(document))
            kept = {name: value for name, value in row.items() if name not in (*_LISTS, "version")}
            items.append({**kept, "received_at": document["received_at"]})
        return {"items": items, "next": cursor}

    def plan(self, import_id: str) -> dict[str, Any]:
        """Give a plan in sum.

        Raises:
            NoPlanError: It is not made yet, or has expired.
        """
        summary = self._summary(self.stored(import_id))
        names = summary.names
        return {
            "hash": summary.hash,
            "rows": summary.rows,
            "counts": summary.counts,
            "columns": [{"field": f, "name": names.get(f, f), "filled": n} for f, n in summary.fill.items()],
            "advice": [{**group, "name": names.get(group["column"], group["column"])} for group in summary.groups],
            "yeses_that_will_not_count": summary.why_not,
            "wordings": summary.wordings,
            "possible_children": summary.children,
            "consents_ended": summary.ended,
            "likely_twins": sum(group["rows"] for group in summary.groups if group["code"] in _TWINS),
            "absent": summary.absent,
            "absent_count": summary.absent_count,
            "unassigned": summary.unassigned,
            "changed": summary.changed,
        }

    def plan_rows(self, import_id: str, *, will: str | None, after: int, limit: int) -> dict[str, Any]:
        """Give a page of a plan's rows, in the file's order.

        Args:
            import_id: Whose plan.
            will: Only rows that will do this; None for all.
            after: Number of the last row that the reader has; 0 for the first page.
            limit: Most rows.

        Raises:
            NoPlanError: It is not made yet, or has expired.
        """
        one = self.stored(import_id)
        summary = self._summary(one)
        store = PlanStore(self._strongroom, one.id, one.plan_place)
        found: list[PlannedRow] = []
        for number, counts in enumerate(summary.parts):
            # A part that has no such row is not opened.
            if will is not None and not counts.get(will):
                continue
            part = store.part(number)
            if part is None:
                raise NoPlanError
            if part and part[-1].row > after:
                found += [row for row in part if row.row > after and (will is None or _will(row, will))]
            if len(found) > limit:
                break
        rows = found[:limit]
        return {
            "items": [_row(row, summary.names) for row in rows],
            "next": rows[-1].row if len(found) > limit else None,
        }

    def stored(self, import_id: str) -> Import:
        """Give an import as it is stored.

        Raises:
            DocumentMissingError: There is none.
        """
        return import_from(self._document(import_id))

    def plan_of(self, one: Import) -> tuple[PlanStore, Summary]:
        """Give where an import's plan is kept, and its sum.

        Raises:
            NoPlanError: It is not made yet, or has expired.
        """
        return PlanStore(self._strongroom, one.id, one.plan_place), self._summary(one)

    def sources(self) -> set[str]:
        """Give the systems whose files were imported here."""
        return sources_of(self._imports)

    def _summary(self, one: Import) -> Summary:
        if one.plan_hash is None:
            raise NoPlanError
        summary = PlanStore(self._strongroom, one.id, one.plan_place).sum()
        if summary is None:
            raise NoPlanError
        return summary

    def _document(self, import_id: str) -> dict[str, Any]:
        document = self._imports.find_one({"_id": import_id})
        if document is None:
            raise DocumentMissingError(IMPORTS)
        return document


def _will(row: PlannedRow, wanted: str) -> bool:
    return row.ended if wanted == ENDED else row.will == wanted


def _row(row: PlannedRow, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "row": row.row,
        "will": row.will,
        "consent_ended": row.ended,
        "says_no": row.no,
        "yes_will_not_count": row.why_not or None,
        "wording": row.wording or None,
        "changes": list(row.changes),
        "problems": [
            {"column": column, "name": names.get(column, column), "code": code, "sentence": sentence, "urgent": urgent}
            for column, code, sentence, urgent in row.problems
        ],
    }


def sources_of(imports: Collection[dict[str, Any]]) -> set[str]:
    """Give the systems whose files were imported; the earliest imports named none, and their profile stands for it."""
    query = {"state": {"$in": [DONE, FAILED]}}
    return {d.get("source") or d["profile"] for d in imports.find(query, {"source": 1, "profile": 1}) if d["profile"]}


def imports_of(imports: Collection[dict[str, Any]], source: str) -> list[str]:
    """Give the imports of one system's files."""
    named = {"$or": [{"source": source}, {"source": None, "profile": source}]}
    return [d["_id"] for d in imports.find({"state": {"$in": [DONE, FAILED]}, **named}, {"_id": 1})]
