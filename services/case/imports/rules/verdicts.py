"""A verdict for each row: accepted, possibly a child, held for a person, or quarantined.

Promise: a no, a withdrawal and a possible child are read before anything else of a row and stand in its verdict
whatever else is wrong with it, also where another row of the same reference says it; what cannot be read of age or
consent is a doubt that counts like a no (decisions 8). No problem repeats what a cell says; an unknown word quarantines
its row and never becomes "other"; a cell that a spreadsheet would run as a formula is never kept or carried anywhere.
Shown by ``tests/unit/case/test_import_verdicts.py`` and ``tests/integration/case/test_import_noes.py``.
"""

import hmac
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import msgspec

from services.case.imports.rules.cells import RowReader
from services.case.imports.rules.dates import DateReader
from services.case.imports.rules.faulty import FAULTS, read_faulty
from services.case.imports.rules.groups import Group, groups_of
from services.case.imports.rules.profile import Binding
from services.case.imports.rules.reading import Sheet
from services.case.imports.rules.references import short_form
from services.case.imports.rules.said import (
    AGE_NOT_KNOWN,
    ROW_UNREADABLE,
    ConsentStatement,
    EpisodeFacts,
    Problem,
)
from services.case.imports.rules.table import WITHDRAWN, Line, Table, table_of

ACCEPTED, POSSIBLE_CHILD, HELD, QUARANTINED, DUPLICATE = (
    "ACCEPTED",
    "POSSIBLE_CHILD",
    "HELD",
    "QUARANTINED",
    "DUPLICATE",
)
_DATES = frozenset({"referral_date", "consent_date", WITHDRAWN})
_TWICE = Problem(
    column="reference",
    code="reference-twice",
    sentence="Two rows have this reference and differ. Keep the right one.",
)
_MAYBE_CHILD = Problem(
    column="age_at_referral",
    code="possible-child",
    sentence="This person may be under 18 at referral and is not counted. An urgent task is open; tell your "
    "safeguarding lead now.",
    urgent=True,
)
_HELD = Problem(
    column="age_at_referral",
    code="age-not-known",
    sentence="The age at referral is not known, so this person is not counted. Find out, and correct the row.",
)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What becomes of one row.

    Attributes:
        kind: ``ACCEPTED``, ``POSSIBLE_CHILD``, ``HELD``, ``QUARANTINED`` or ``DUPLICATE``.
        no: What to state of a consent at once, whatever the kind; None where neither this row nor another of its
            reference says no.
        doubt: Why a known person may not be counted until this row is right, if so.
        facts: Of an accepted row; of a quarantined one only where nothing is wrong but empty cells, which a reference
            that is known already may leave as they are recorded.
        is_later: Another row of the file has the same reference and an earlier referral.
        loose_key: Of a row without a reference: by what the same row is known again.
        shortened: Of a row whose reference a spreadsheet has shortened: the form under which to look for its people.
    """

    kind: str
    row: int
    reference: str
    nation: str | None = None
    facts: EpisodeFacts | None = None
    consent: ConsentStatement | None = None
    problems: tuple[Problem, ...] = ()
    no: ConsentStatement | None = None
    doubt: str | None = None
    is_later: bool = False
    loose_key: str = ""
    shortened: str | None = None

    @property
    def protects(self) -> bool:
        """Whether it may take somebody out of the statistics, or opens a possible child's task."""
        return self.no is not None or self.doubt is not None or self.kind == POSSIBLE_CHILD

    def content_hash(self, key: bytes) -> str:
        """HMAC of what the row says, under the tenant's key, so that an unchanged row is known again."""
        said = [self.kind, self.nation, self.facts, self.consent, self.no, self.doubt, self.is_later]
        return hmac.digest(key, msgspec.json.encode(said), "sha256").hex()


def judge(sheet: Sheet, binding: Binding, *, today: date) -> Iterator[Verdict]:
    """Judge every row of a file, in order.

    Args:
        today: The business day; a date after it is refused.
    """
    return judge_table(table_of(sheet, binding), today=today)


def judge_table(table: Table, *, today: date, each_alone: bool = False) -> Iterator[Verdict]:
    """Judge every row that was kept of a file, in order; rows of one reference are told apart by what they say.

    Args:
        table: The rows.
        today: As of ``judge``.
        each_alone: No row is seen in the light of another of its reference: enough for what protects a person, and for
            nothing else.

    Raises:
        TooMuchAlikeError: As ``groups_of``; never where each is judged alone.
    """
    reader = RowReader(fields=table.fields, dates=_dates(table, today), today=today)
    groups = {} if each_alone else groups_of(table, reader)
    seen: Counter[str] = Counter()
    for line in table.lines:
        reference = reader.reference(line)
        verdict = _judge_line(line, reader)
        group = groups.get(reference)
        if group is not None:
            verdict = _in_group(verdict, line, group)
        if not reference:
            said = "\x1f".join(line.cells)
            seen[said] += 1
            shortened = short_form(reader.cell(line, "reference"))
            verdict = replace(verdict, loose_key=f"{said}#{seen[said]}", shortened=shortened)
        yield verdict


def _dates(table: Table, today: date) -> DateReader:
    at = [place for place, field in enumerate(table.fields) if field in _DATES]
    return DateReader.of((line.cells[place] for line in table.lines for place in at), today=today)


def _judge_line(line: Line, reader: RowReader) -> Verdict:
    if line.fault is not None:
        return _judge_faulty(line, line.fault, reader)
    first = reader.first(line)
    read = reader.rest(line, first)
    whole = not read.problems and not read.blank
    judged = Verdict(
        kind=ACCEPTED if whole else QUARANTINED,
        row=line.row,
        reference=reader.reference(line),
        nation=first.nation,
        no=first.no,
        problems=(*read.problems, *read.blank),
        facts=None if read.problems else read.facts,
        consent=None if read.problems else read.consent,
    )
    if first.child:
        return replace(judged, kind=POSSIBLE_CHILD, problems=(_MAYBE_CHILD,), facts=None, consent=None)
    if first.age == AGE_NOT_KNOWN:
        kind = QUARANTINED if read.problems else HELD
        problems = (*read.problems, _HELD)
        return replace(judged, kind=kind, problems=problems, doubt=first.doubt, facts=None, consent=None)
    return judged if first.doubt is None else replace(judged, doubt=first.doubt)


def _judge_faulty(line: Line, fault: str, reader: RowReader) -> Verdict:
    found = read_faulty(line, reader)
    return Verdict(
        kind=POSSIBLE_CHILD if found.child else QUARANTINED,
        row=line.row,
        reference=reader.reference(line),
        nation=found.nation,
        problems=(_MAYBE_CHILD, FAULTS[fault]) if found.child else (FAULTS[fault],),
        no=found.no,
        doubt=ROW_UNREADABLE,
    )


def _in_group(verdict: Verdict, line: Line, group: Group) -> Verdict:
    """Judge a row again in the light of the other rows of its reference."""
    no = group.no
    if no is not None:
        # Whichever row says no, says it of the person.
        verdict = replace(verdict, no=no, consent=no if verdict.consent is not None else None)
    if group.doubt is not None:
        # Nor does one row of a person say rightly what another leaves in doubt, whichever comes first.
        verdict = replace(verdict, doubt=verdict.doubt or group.doubt)
    if line.fault is not None:
        return verdict
    if group.contents[line.cells] != line.row:
        return replace(verdict, kind=DUPLICATE, problems=())
    if verdict.kind == POSSIBLE_CHILD or len(group.contents) == 1:
        return verdict if verdict.kind == POSSIBLE_CHILD or not group.child else _clashing(verdict)
    if group.earliest is None:
        return _clashing(verdict)
    return replace(verdict, is_later=group.days[line.cells] != group.earliest)


def _clashing(verdict: Verdict) -> Verdict:
    return replace(verdict, kind=QUARANTINED, problems=(*verdict.problems, _TWICE), facts=None, consent=None)
