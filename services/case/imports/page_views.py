"""What the pages of imports show beyond the API's rows: words, whether words are registered, and how long to wait."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from services.case.imports.page_words import STATES, WORKING, done_rows, field_words, planned_rows
from services.case.imports.rules.profile import offered
from services.case.imports.rules.progress import BUSY, PLANNED, PLANNING, WAITING, Import
from services.case.imports.rules.settling import TWIN
from services.case.imports.views import ImportViews
from services.case.mappings.views import MappingViews
from shared.kernel.clock import BusinessClock, real_now
from shared.web.listing import MOST
from shared.web.pages.edge import ask

MOST_LOADS = 60
"""How often a page loads itself again while something is worked on; then its reader does."""

SILENT = timedelta(minutes=3)
"""How long nothing may move, beyond the minute that each step has, before a page says so."""

_QUICK, _SLOWER = 10, 30


class ImportPageViews:
    """Reads from case's own database, and of consent what the reader may see there."""

    def __init__(self, views: ImportViews, mappings: MappingViews, clock: BusinessClock) -> None:
        """Take what the API shows."""
        self._views = views
        self._mappings = mappings
        self._clock = clock

    def an_import(self, import_id: str) -> dict[str, Any]:
        """Give an import's state in words, and its report; ``DocumentMissingError`` if there is none."""
        stored, row = self._views.stored(import_id), self._views.an_import(import_id)
        word, kind = STATES.get(stored.state, (stored.state.capitalize(), "plain"))
        return {
            **row,
            "received_at": stored.received_at,
            "word": word,
            "kind": kind,
            "busy": stored.state in BUSY,
            "silent": is_silent(stored, now=self._clock.now(), really=real_now()),
            "working": WORKING.get(stored.state),
            "results": done_rows(row["counts"]),
            "undoable": stored.undoable(self._clock.now()),
            "has_plan": _has_plan(stored),
        }

    def plan(self, import_id: str) -> dict[str, Any]:
        """Give a plan in words; whether its words are registered is asked of consent, after what case reads."""
        plan = self._views.plan(import_id)
        columns = [{**one, "field": field_words(one["field"]), "name": _column_words(one)} for one in plan["columns"]]
        twins = next((group["first_rows"] for group in plan["advice"] if group["code"] == TWIN.code), ())
        return {**plan, "will": planned_rows(plan["counts"]), "columns": columns, "twin_rows": twins}

    def sources(self) -> list[str]:
        """Give the systems of which files were imported, or mapped."""
        return sorted(self._views.sources() | {one.source for one in self._mappings.approved() if one.source})

    def mappings(self) -> dict[str, list[tuple[str, str]]]:
        """Give the mappings that a file may be read by, name and title: the host's own, and those that come along."""
        own = {profile.id: profile.title for profile in self._mappings.approved()}
        known = {profile.id: profile.title for profile in offered().values() if profile.id not in own}
        return {"own": _by_title(own), "shipped": _by_title(known)}

    def history(self, *, limit: int, after: Any) -> dict[str, Any]:
        """Give a part of the history in words, the newest first."""
        page = self._views.history(limit=limit, after=after)
        items = []
        for row in page["items"]:
            word, kind = STATES.get(row["state"], (row["state"].capitalize(), "plain"))
            items.append({**row, "word": word, "kind": kind, "results": done_rows(row["counts"])})
        return {"items": items, "next": page["next"]}


def _by_title(titles: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(titles.items(), key=lambda one: one[1].casefold())


def _column_words(column: Mapping[str, Any]) -> str:
    """Name a column as the file does; a field that no column of it says, as people do."""
    return field_words(column["field"]) if column["name"] == column["field"] else column["name"]


def _has_plan(one: Import) -> bool:
    return one.state == PLANNED or one.keeps_its_plan


def is_silent(one: Import, *, now: datetime, really: datetime) -> bool:
    """Whether an import that waits for the job has not moved for so long that somebody has to look.

    Args:
        one: The import.
        now: By the business clock, as its arrival is noted.
        really: By real time, as each step of the job is.
    """
    if one.state not in BUSY:
        return False
    if one.held_until is not None:
        return really > one.held_until + SILENT
    # A commit or an undo notes no time of its own; the job takes it up at its next look.
    return one.state in (WAITING, PLANNING) and now > one.received_at + SILENT


def registered_codes() -> frozenset[str] | None:
    """Give the codes of registered words, as consent tells the reader; None where it tells nothing."""
    told = ask("/v1/consent-wordings", query={"limit": str(MOST)})
    return frozenset(one["code"] for one in told["items"]) if told is not None else None


def next_load_s(seen: int) -> int | None:
    """Give after how many seconds a page loads itself again, having done so before; None: no more."""
    if seen >= MOST_LOADS:
        return None
    return 2 if seen < _QUICK else 5 if seen < _SLOWER else 15
