"""All rows of one reference in a file: what they say together of one person.

Shown by ``tests/unit/case/test_import_verdicts.py`` and ``tests/integration/case/test_import_noes.py``.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property

from services.case.imports.rules.cells import RowReader
from services.case.imports.rules.decoding import TooMuchAlikeError
from services.case.imports.rules.faulty import read_faulty
from services.case.imports.rules.repeats import Repeats
from services.case.imports.rules.said import ROW_UNREADABLE, ConsentStatement
from services.case.imports.rules.table import Table
from shared.codelists.words import fold

MOST_REPEATED = 20_000
"""References of a file that stand on several rows; a list of people has few."""

MOST_TOGETHER = 100_000
"""Rows of a file whose reference stands on another row too; what each says is held in memory."""
_OF_A_PERSON = ("gender", "nationality")


@dataclass(kw_only=True)
class Group:
    """All rows of one reference.

    Attributes:
        contents: The row on which each different content first stands.
        days: The referral of each different content.
        people: Who they say the person is.
        doubt: Why the person may not be counted until the rows are right; a broken row before anything else.
        earliest: The first referral, where the rows differ like several referrals of one person; else None.
    """

    contents: dict[tuple[str, ...], int] = field(default_factory=dict)
    days: dict[tuple[str, ...], date | None] = field(default_factory=dict)
    people: set[tuple[str, ...]] = field(default_factory=set)
    no: ConsentStatement | None = None
    child: bool = False
    doubt: str | None = None

    @cached_property
    def earliest(self) -> date | None:
        """The first referral, where the rows differ like several referrals of one person; else None."""
        known = {day for day in self.days.values() if day is not None}
        several = not self.child and len(known) == len(self.contents) and len(self.people) == 1
        return min(known) if several and known else None


def groups_of(table: Table, reader: RowReader) -> dict[str, Group]:
    """Gather the rows of each reference that stands on several.

    Raises:
        TooMuchAlikeError: More references than ``MOST_REPEATED`` do, or more rows than ``MOST_TOGETHER``.
    """
    groups: dict[str, Group] = {}
    together, repeats = 0, Repeats(table.lines)
    for line in table.lines:
        repeats.note([reader.reference(line)])
    for line in table.lines:
        reference = reader.reference(line)
        # A reference that stands on one row says nothing that the row itself does not.
        if not reference or not repeats.may_repeat([reference]):
            continue
        together += 1
        if together > MOST_TOGETHER or (reference not in groups and len(groups) >= MOST_REPEATED):
            raise TooMuchAlikeError(
                f"more than {MOST_REPEATED:,} references stand on several rows, or more than {MOST_TOGETHER:,} rows "
                "have the reference of another",
                "Check the column of references: it has to name the person, not the team or the visit.",
            )
        group = groups.setdefault(reference, Group())
        if line.fault is not None:
            found = read_faulty(line, reader)
            group.doubt = ROW_UNREADABLE
        else:
            found = reader.first(line)
            group.doubt = group.doubt or found.doubt
            group.contents.setdefault(line.cells, line.row)
            group.days.setdefault(line.cells, reader.referral(line))
            group.people.add(tuple(fold(reader.cell(line, field)) for field in _OF_A_PERSON))
        group.child |= found.child
        # Of two noes the withdrawal is the later word.
        if found.no is not None and (group.no is None or _later(found.no, group.no)):
            group.no = found.no
    return groups


def _later(one: ConsentStatement, other: ConsentStatement) -> bool:
    return (one.stated, _instant(one)) > (other.stated, _instant(other))


def _instant(statement: ConsentStatement) -> datetime:
    return statement.said_at or datetime.min.replace(tzinfo=UTC)
