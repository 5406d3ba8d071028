"""A line is what its package declares, or it is named."""

import hashlib
import json

import pytest

from deploy.leaving.errors import PackageUnreadableError
from deploy.leaving.line_checks import Declared, LineChecks, TableChecks
from deploy.leaving.tables import csv_lines

DECLARED = {
    "names": ["id", "survivor_id", "note", "at"], "texts": ["note"], "instants": ["at"],
    "refers": {"survivor_id": "case.survivors"}, "table": False,
}  # fmt: skip
GOOD = {"id": "1", "survivor_id": "s", "note": None, "at": "2026-11-02T12:00:00+00:00"}


def wrong_with(*rows):
    found = []
    checks = LineChecks("case.things", Declared.of(DECLARED), {"case.survivors": {"s"}}, found.append)
    for row in rows:
        checks.take(row if isinstance(row, bytes) else json.dumps(row).encode())
    return found


def test_good_lines_are_good():
    """Also one that says only that its record did not open."""
    unreadable = {**dict.fromkeys(GOOD), "id": "2", "unreadable": True}
    more = ({"survivor_id": None, "at": None, "note": "x"}, {"at": "2026-11-02"}, {"at": [{"at": "anything"}]})
    rows = [{**GOOD, "id": f"{n}", **one} for n, one in enumerate(more, 3)]
    assert wrong_with(GOOD, unreadable, *rows) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (b"{", "line 1 cannot be read"), (b"[]", "line 1 cannot be read"), ({**GOOD, "id": None}, "line 1 cannot be read"),
        ({**GOOD, "more": 1}, "1 has other names than the schema declares"),
        ({"id": "1", "note": None}, "1 has other names than the schema declares"),
        ({**GOOD, "unreadable": False, "note": 7}, "note of 1 is no text"),
        ({**GOOD, "at": "yesterday"}, "at of 1 is no instant"),
        ({**GOOD, "at": "2026-11-02T12:00:00"}, "at of 1 is no instant"),
        ({**GOOD, "survivor_id": "nobody"}, "survivor_id of 1 names nothing that is in case.survivors"),
    ],
)  # fmt: skip
def test_what_is_not_as_declared_is_named(row, said):
    """By its id, and by nothing that stands in it."""
    assert wrong_with(row) == [f"case.things: {said}"]


def test_a_line_stands_once_and_in_its_order():
    """So that nothing is put in twice."""
    assert wrong_with(GOOD, GOOD) == ["case.things: 1 stands twice, or out of its order"]
    assert wrong_with({**GOOD, "id": "2"}, GOOD) == ["case.things: 1 stands twice, or out of its order"]


@pytest.mark.parametrize("said", [{}, {**DECLARED, "refers": 7}, {**DECLARED, "names": None}])
def test_what_is_no_declaration_is_refused(said):
    """Nothing is checked by half of one."""
    with pytest.raises(PackageUnreadableError):
        Declared.of(said)


ROW = {"id": "a", "login": "x@example", "name": 'Zla\ntan "Z"', "status": "ACTIVE"}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([ROW, {**ROW, "id": "b"}], []),
        ([ROW], ["the table of identity.users has other rows than its lines"]),
        ([{**ROW, "id": "b"}, ROW], ["the table of identity.users has other rows than its lines"]),
    ],
)
def test_a_table_has_the_rows_of_its_lines(rows, said):
    """As many, in their order; a cell may go over several lines."""
    found = []
    checks = TableChecks("identity.users", hashlib.sha256(b"a\nb\n"), found.append)
    for line in b"".join(csv_lines("identity.users", rows)).splitlines(keepends=True):
        checks.take(line)
    checks.end()
    assert found == said


def test_a_table_has_its_columns():
    """Another head is named."""
    found = []
    checks = TableChecks("identity.users", hashlib.sha256(b""), found.append)
    checks.take("\ufeffid,login,status\r\n".encode())
    checks.end()
    assert found == ["the table of identity.users has other columns"]
