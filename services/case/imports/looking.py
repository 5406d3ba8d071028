"""What a plan looks for in the file as a whole: references that repeat, cells that are filled, and who is absent."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pymongo.database import Database

from services.case.episodes.documents import EPISODES
from services.case.episodes.states import ENDED
from services.case.imports.documents import ROWS
from services.case.imports.rules.planned import MOST_LISTED, Summary
from services.case.imports.rules.references import plain_form, short_form, short_forms
from services.case.imports.rules.repeats import Repeats
from services.case.imports.rules.table import Table

LOOK = 1_000
"""Known rows that are looked at together."""


def first_look(table: Table) -> tuple[Repeats, dict[str, int]]:
    """Note which references may stand on several rows, and count the cells that hold anything."""
    repeats, fill = Repeats(table.lines), dict.fromkeys(table.fields, 0)
    at = table.fields.index("reference")
    for line in table.lines:
        reference = line.cells[at]
        repeats.note(forms_of(reference, short_form(reference)))
        for name, cell in zip(table.fields, line.cells, strict=True):
            fill[name] += bool(cell)
    return repeats, fill


def forms_of(reference: str, shortened: str | None) -> tuple[str, ...]:
    """Give every form of a reference by which another row may be the same person's."""
    if not reference:
        return () if shortened is None else (shortened,)
    found = (f"exact:{reference}", plain_form(reference), *short_forms(reference))
    return found if shortened is None else (*found, shortened)


def note_absent(
    summary: Summary, keys: "array[int]", database: Database[dict[str, Any]], sources_imports: Sequence[str]
) -> None:
    """List who is known of a source, supported here, and not among a file's keys."""
    there = array("Q", sorted(keys))
    summary.absent_count = 0
    query = {"import_id": {"$in": list(sources_imports)}, "episode_id": {"$ne": None}}
    cursor = database[ROWS].find(query, {"episode_id": 1, "survivor_id": 1}).batch_size(LOOK)
    for documents in batches(cursor, LOOK):
        gone = {d["episode_id"]: d["survivor_id"] for d in documents if not _holds(there, int(d["_id"][:16], 16))}
        active = {"_id": {"$in": list(gone)}, "status": {"$nin": list(ENDED)}}
        for episode in database[EPISODES].find(active, {"_id": 1}).sort("_id", 1):
            summary.absent_count += 1
            if len(summary.absent) < MOST_LISTED:
                one = {"episode_id": episode["_id"], "survivor_id": gone[episode["_id"]]}
                summary.absent.append(one)


def batches(things: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Give things in lists of this size, the last one perhaps shorter."""
    batch: list[Any] = []
    for one in things:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _holds(ordered: "array[int]", key: int) -> bool:
    at = bisect_left(ordered, key)
    return at < len(ordered) and ordered[at] == key
