"""What a plan says of each row of a file, and in sum; what is told is exactly what a commit carries out.

No cell and no reference stands here: row numbers, codes, and sentences of ours.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from services.case.imports.rules.said import ConsentStatement
from services.case.imports.rules.settling import Outcome, Statement, merged
from shared.codelists.consent_words import GIVEN, NOES, YES_UNSPECIFIED

CREATE, UPDATE, UNCHANGED, HELD, REFUSED = "CREATE", "UPDATE", "UNCHANGED", "HELD", "REFUSED"
POSSIBLE_CHILD, DUPLICATE = "POSSIBLE_CHILD", "DUPLICATE"
WILL: Mapping[str, str] = {
    "ACCEPTED": CREATE,
    "CHANGED": UPDATE,
    "UNCHANGED": UNCHANGED,
    "HELD": HELD,
    "QUARANTINED": REFUSED,
    "POSSIBLE_CHILD": POSSIBLE_CHILD,
    "DUPLICATE": DUPLICATE,
}
"""What a row will do, by what becomes of it."""

ENDED = "CONSENT_ENDED"
"""A filter beside those of ``WILL``: rows that end a consent."""

TAKEN = frozenset({CREATE, UPDATE, UNCHANGED})
GROUP_ROWS, MOST_LISTED = 10, 1_000
"""Rows that one piece of advice names, and rows or people that a list names."""

NOT_SPECIFIC, NO_DATE, NO_WORDING = "YES_NOT_SPECIFIC", "NO_DATE", "NO_WORDING"
NO_LANGUAGE, NO_METHOD, NOT_PRIVATE = "NO_LANGUAGE", "NO_METHOD", "NOT_PRIVATE"
SAID_NO, ROW_NOT_TAKEN = "SAID_NO_BEFORE", "ROW_NOT_TAKEN"
WHY_NOT: Mapping[str, str] = {
    ROW_NOT_TAKEN: "The row itself is not taken, so its yes is not either. Correct the row first.",
    SAID_NO: "An earlier file said no, on this day or later or without a day. A yes counts again only if it was said "
    "after that.",
    NOT_SPECIFIC: "The yes does not say what it is to. Ask the person about statistics, and write given.",
    NO_DATE: "The day on which the person said yes is missing.",
    NO_WORDING: "The words that were read out are not named.",
    NO_LANGUAGE: "The language in which the person was asked is missing.",
    NO_METHOD: "How the person was asked is missing.",
    NOT_PRIVATE: "Nothing says that the person was asked in private.",
}
"""Why a yes will not count, the first reason that holds in this order."""


class PlannedRow(msgspec.Struct, frozen=True, array_like=True):
    """What one row will do.

    Attributes:
        problems: Column (a field's name), code, sentence and whether it is urgent.
        no: Whether the row says no.
        ended: Whether it ends a consent that an earlier file had stated.
        why_not: Why its yes will not count; empty where there is none, or where it may.
        wording: The words that its yes names, which count only if they are registered.
        changes: Names of what changes of somebody known.
        basis: Of what it was judged against; a commit looks whether that is still so. Not part of what is told.
    """

    row: int
    will: str
    problems: tuple[tuple[str, str, str, bool], ...] = ()
    no: bool = False
    ended: bool = False
    why_not: str = ""
    wording: str = ""
    changes: tuple[str, ...] = ()
    basis: str = ""

    def told(self) -> bytes:
        """Give what is told of it, as bytes that are the same if and only if it is."""
        return msgspec.json.encode(msgspec.structs.replace(self, basis=""))


class Summary(msgspec.Struct, kw_only=True):
    """A plan in sum.

    Attributes:
        parts: Of each stored part: how many of its rows will do what.
        counts: Rows by what they will do.
        fill: Cells that hold anything, by field.
        groups: Problems of one kind together.
        why_not: Yeses that will not count, by reason, with the first rows.
        wordings: Yeses by the words that they name, with the languages and days.
        children, ended: Rows of possible children, and of ended consents; at most ``MOST_LISTED``.
        absent: Episodes of the same source that the file does not have; at most ``MOST_LISTED``.
        absent_count: All of them; None where the file holds some records only.
        unassigned: Rows that create somebody, who then has no advocate.
        changed: Rows that a commit found changed since an earlier plan of this file.
    """

    hash: str = ""
    parts: list[dict[str, int]] = msgspec.field(default_factory=list)
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    rows: int = 0
    fill: dict[str, int] = msgspec.field(default_factory=dict)
    groups: list[dict[str, Any]] = msgspec.field(default_factory=list)
    why_not: list[dict[str, Any]] = msgspec.field(default_factory=list)
    wordings: list[dict[str, Any]] = msgspec.field(default_factory=list)
    children: list[int] = msgspec.field(default_factory=list)
    ended: list[int] = msgspec.field(default_factory=list)
    noes: int = 0
    absent: list[dict[str, str]] = msgspec.field(default_factory=list)
    absent_count: int | None = None
    unassigned: int = 0
    changed: list[int] = msgspec.field(default_factory=list)
    names: dict[str, str] = msgspec.field(default_factory=dict)


class Summing:
    """Adds rows up, in bounded memory."""

    def __init__(self, summary: Summary) -> None:
        """Take what to write to."""
        self._summary = summary
        self._groups: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._why: dict[str, dict[str, Any]] = {}
        self._words: dict[str, dict[str, Any]] = {}

    def add(self, one: PlannedRow, said: ConsentStatement | None) -> None:
        """Add one row of the part that was begun last."""
        summary, part = self._summary, self._summary.parts[-1]
        summary.rows += 1
        for name in (one.will, *([ENDED] if one.ended else ())):
            part[name] = part.get(name, 0) + 1
            summary.counts[name] = summary.counts.get(name, 0) + 1
        summary.noes += one.no
        summary.unassigned += one.will == CREATE
        if one.will == POSSIBLE_CHILD and len(summary.children) < MOST_LISTED:
            summary.children.append(one.row)
        if one.ended and len(summary.ended) < MOST_LISTED:
            summary.ended.append(one.row)
        for column, code, sentence, urgent in one.problems:
            new = {"column": column, "code": code, "sentence": sentence, "urgent": urgent}
            _count(self._groups, (column, code, sentence), new, one.row)
        if one.why_not:
            _count(self._why, one.why_not, {"code": one.why_not, "sentence": WHY_NOT[one.why_not]}, one.row)
        elif one.wording and said is not None and len(self._words) < MOST_LISTED:
            self._add_words(one, said)

    def _add_words(self, one: PlannedRow, said: ConsentStatement) -> None:
        words = _count(self._words, one.wording, {"code": one.wording, "languages": [], "days": []}, one.row)
        if said.language and said.language not in words["languages"]:
            words["languages"].append(said.language)
        if said.said_at is not None:
            day = said.said_at.date().isoformat()
            words["days"] = [min([day, *words["days"]]), max([day, *words["days"]])]

    def close(self) -> None:
        """Write the lists, what is urgent or frequent first."""
        summary = self._summary
        summary.groups = sorted(self._groups.values(), key=lambda g: (not g["urgent"], -g["rows"]))[:MOST_LISTED]
        summary.why_not = sorted(self._why.values(), key=lambda g: -g["rows"])
        summary.wordings = sorted(self._words.values(), key=lambda g: -g["rows"])


def _count(groups: dict[Any, dict[str, Any]], key: Any, new: dict[str, Any], row: int) -> dict[str, Any]:
    group = groups.setdefault(key, {**new, "rows": 0, "first_rows": []})
    group["rows"] += 1
    if len(group["first_rows"]) < GROUP_ROWS:
        group["first_rows"].append(row)
    return group


def planned_row(
    row: int,
    outcome: Outcome,
    *,
    no: bool,
    consent: ConsentStatement | None,
    earlier: Statement | None,
    changes: tuple[str, ...],
    basis: str,
) -> PlannedRow:
    """Say what a row will do, of what became of it in the rehearsal."""
    will = WILL[outcome.kind]
    said = merged(consent, earlier) if consent is not None else None
    why = why_not(said, will, earlier)
    return PlannedRow(
        row=row,
        will=will,
        problems=tuple((p.column, p.code, p.sentence, p.urgent) for p in outcome.problems),
        no=no,
        ended=outcome.ended,
        why_not=why,
        wording=said.wording_code or "" if said is not None and said.stated == GIVEN and not why else "",
        changes=changes,
        basis=basis,
    )


def why_not(said: ConsentStatement | None, will: str, earlier: Statement | None) -> str:
    """Say why a yes will not count, as far as this service knows; empty where it may, or where there is no yes."""
    if said is None or said.stated not in (GIVEN, YES_UNSPECIFIED) or will == DUPLICATE:
        return ""
    if will not in TAKEN:
        return ROW_NOT_TAKEN
    if earlier is not None and earlier.said.stated in NOES:
        no_at = earlier.said.said_at
        if said.said_at is None or no_at is None or said.said_at <= no_at:
            return SAID_NO
    checks = (
        (said.stated == GIVEN, NOT_SPECIFIC),
        (said.said_at is not None, NO_DATE),
        (said.wording_code is not None, NO_WORDING),
        (said.language is not None, NO_LANGUAGE),
        (said.method is not None, NO_METHOD),
        (said.setting_private is True, NOT_PRIVATE),
    )
    return next((reason for holds, reason in checks if not holds), "")
