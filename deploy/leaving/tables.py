"""The flat tables of a package: CSV that spreadsheets read, and its CSVW metadata (W3C, "CSV on the Web").

Promise: a cell that a spreadsheet would run as a formula is plain text; a list is one cell with semicolons; nothing
stands in a table that does not stand in the line of the same id. Shown by tests/unit/deploy/test_leaving_chosen.py.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from deploy.leaving.chosen import REFERS

MARK = "\ufeff"
"""Spreadsheets take a file for UTF-8 only with it."""
SEPARATOR = ";"
FOLDER = "tables"
CSVW = "csv-metadata.json"

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LIST = "[]"
_WHO_AND_WHEN = ("corrects", "taken_back", "actor_id", "role", "recorded_at")
_OF_EPISODE = ("survivor_id", "episode_id")
TABLES: Mapping[str, tuple[str, ...]] = {
    "case.survivors": ("reference", "name", "safe_contact", "last_contact_on", "advocate_ids[]", "restriction_id"),
    "case.episodes": (
        "survivor_id", "status", "referral_date", "age_band", "gender", "nationality", "exploitation_types[]", "nation",
        "advocacy_area", "advocate_id", "referral_source", "tier", "closure_reason", "closed_at", "recorded_in_error",
    ),
    "case.contacts": (
        *_OF_EPISODE, "on", "mode", "minutes", "areas[]", "interpreter", "next_step", "note", *_WHO_AND_WHEN,
    ),
    "case.steps": ("survivor_id", "kind", "state", "what", "due_on", "contact_id", "goal_id", "opened_at", "ended_at"),
    "case.goals": (
        *_OF_EPISODE, "area", "words", "set_by", "state", "first_score", "last_score", "recorded_at", "ended_at",
    ),
    "case.goal_scores": ("goal_id", "survivor_id", "answer", "score", "said_by", "actor_id", "recorded_at"),
    "case.outcome_ratings": (*_OF_EPISODE, "outcome", "rating", "rated_by", "point", "on", *_WHO_AND_WHEN),
    "case.entitlements": (*_OF_EPISODE, "entitlement", "on", *_WHO_AND_WHEN),
    "case.needs": (*_OF_EPISODE, "about", "level", "view", "on", "words", *_WHO_AND_WHEN),
    "case.risks": (*_OF_EPISODE, "about", "level", "view", "on", "words", *_WHO_AND_WHEN),
    "case.nrm_entries": ("survivor_id", "stage", "on", "told_on", "told_by", "authority", "note", *_WHO_AND_WHEN),
    "case.rights_cases": (
        "survivor_id", "kind", "channel", "received_on", "due_on", "state", "outcome", "closed_at", "words", "answer",
    ),
    "case.restrictions": ("survivor_id", "rights_case_id", "ground", "state", "begun_at", "lifted_at"),
    "consent.consents": ("survivor_id", "purpose", "recipient_class", "status", "until", "updated_at"),
    "identity.users": ("login", "name", "status"),
}  # fmt: skip
"""Columns of each table, after ``id``; a name with ``[]`` is a list."""


def columns_of(table: str) -> list[str]:
    """Name a table's columns as they stand in its first line."""
    return ["id", *(name.removesuffix(_LIST) for name in TABLES[table])]


def csv_lines(table: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Write a table, line by line."""
    columns = columns_of(table)
    yield MARK.encode() + _line(columns)
    for row in rows:
        yield _line(cell(row.get(name)) for name in columns)


def cell(value: Any) -> str:
    """Write a value into a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = SEPARATOR.join(map(str, value)) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def metadata() -> dict[str, Any]:
    """Describe every table as CSVW does; about the files as they are once they are decrypted."""
    return {"@context": "http://www.w3.org/ns/csvw", "tables": [_described(table) for table in TABLES]}


def _described(table: str) -> dict[str, Any]:
    named = {name.removesuffix(_LIST): name.endswith(_LIST) for name in ("id", *TABLES[table])}
    columns = [
        {"name": name, "titles": name, "datatype": "string", **({"separator": SEPARATOR} if is_list else {})}
        for name, is_list in named.items()
    ]
    keys = [
        {"columnReference": name, "reference": {"resource": f"{FOLDER}/{REFERS[name]}.csv", "columnReference": "id"}}
        for name in named
        if name in REFERS and REFERS[name] in TABLES
    ]
    schema = {"columns": columns, "primaryKey": "id", **({"foreignKeys": keys} if keys else {})}
    dialect = {"encoding": "utf-8", "header": True, "delimiter": ","}
    return {"url": f"{FOLDER}/{table}.csv", "dialect": dialect, "tableSchema": schema}


def _line(cells: Iterable[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(list(cells))
    return written.getvalue().encode()
