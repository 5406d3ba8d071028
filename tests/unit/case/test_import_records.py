"""Records of a file: read as RFC 4180 says, or given line by line with their fault; never cut, merged or shifted."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.case.imports.rules.profile import ProfileError, choose, letter, shipped
from services.case.imports.rules.reading import MAX_BYTES, MAX_LINES, UnreadableFileError, read_sheet
from services.case.imports.rules.records import (
    CELL_TOO_LONG,
    MAX_CELL,
    QUOTE,
    TOO_FEW_CELLS,
    TOO_MANY_CELLS,
    RecordReader,
)
from services.case.imports.rules.table import MAX_TABLE_ROWS, Table, table_of
from services.case.imports.rules.verdicts import judge_table
from services.case.imports.uploads import Upload
from tests.kit.import_files import COLUMNS, export, line

KNOWN = [column for profile in shipped().values() for column in profile.columns]


class OfSize(io.BytesIO):
    """A file that says how large it is, and is never read."""

    def __init__(self, size):
        super().__init__()
        self.size = size

    def seek(self, offset, whence=0):
        return self.size


def read(text, width=3, delimiter=","):
    return [tuple(record) for record in RecordReader(text, delimiter).records(width=width)]


def sheet(content):
    return read_sheet(content, KNOWN)


def bound(content):
    found = sheet(content)
    return table_of(found, choose(found, None).bind(found))


class TestRecords:
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_lines_end_in_every_usual_way(self, end):
        """Also with the old carriage return alone; the row is the line of the file."""
        text = end.join(["a,b,c", '1,"two', 'lines",3', '4,"a ""b"" c",5', ""])
        assert read(text) == [
            (1, ("a", "b", "c"), None),
            (2, ("1", f"two{end}lines", "3"), None),
            (4, ("4", 'a "b" c', "5"), None),
        ]

    def test_a_mark_inside_an_unquoted_cell_is_a_character(self):
        """It opens nothing."""
        assert read('1,said "fine",3\n') == [(1, ("1", 'said "fine"', "3"), None)]

    def test_a_mark_that_never_closes_gives_each_line_its_fault(self):
        """No row vanishes into another."""
        found = read('1,2,3\n4,"open,6\n7,8,9\n')
        assert found == [(1, ("1", "2", "3"), None), (2, ("4", '"open', "6"), QUOTE), (3, ("7", "8", "9"), QUOTE)]

    def test_a_mark_that_closes_in_a_later_rows_cell(self):
        """The rows from the one to the other are named; after them reading goes on."""
        found = read('1,"open,3\n4,5,6\n7,"said" so,9\n10,11,12\n')
        assert [(row, fault) for row, _, fault in found] == [(1, QUOTE), (2, QUOTE), (3, QUOTE), (4, None)]

    def test_a_mark_that_swallowed_whole_rows_without_breaking_a_rule(self):
        """It opens and closes in the same column, so the cells fit; they are another row's."""
        found = read('1,"left,3\n4,5,6\n7,fine",9\n10,"a, b\nc",12\n')
        assert [(row, fault) for row, _, fault in found] == [(1, QUOTE), (2, QUOTE), (3, QUOTE), (4, None)]

    @pytest.mark.parametrize(
        ("row", "fault"),
        [("x" * (MAX_CELL + 1) + ",2,3", CELL_TOO_LONG), ('"' + "x" * (MAX_CELL + 1) + '",2,3', CELL_TOO_LONG),
         (",".join("x" * 501), TOO_MANY_CELLS), ('"1",' + ",".join("x" * 501), QUOTE)],
    )  # fmt: skip
    def test_a_row_over_a_limit_is_named_and_its_neighbours_are_read(self, row, fault):
        """32,768 characters a cell, 500 cells a row."""
        found = read(f"1,2,3\n{row}\n4,5,6\n")
        assert [(at, why) for at, _, why in found] == [(1, None), (2, fault), (3, None)]

    @given(
        st.lists(
            st.lists(st.text(st.characters(blacklist_characters="\x00"), max_size=8), min_size=3, max_size=3),
            max_size=6,
        )
    )
    def test_what_pythons_own_writer_writes_is_read_back(self, rows):
        """Every cell of a file written by the rules, with quotes, separators and line ends in it."""
        text = io.StringIO(newline="")
        csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
        found = read(text.getvalue(), width=None)
        assert [cells for _, cells, _ in found] == [tuple(row) for row in rows]


class TestSheets:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_what_parts_the_cells_is_found_in_the_header(self, delimiter):
        """However often another separator stands in the notes."""
        content = (
            export(line("R-1"))
            .decode()
            .replace(",", delimiter)
            .replace(f"England{delimiter}{delimiter}", f"England{delimiter}{delimiter}" + "a, b; c " * 50)
        )
        if delimiter in ",;":
            content = content.replace("a, b; c ", "a b c ")
        (only,) = bound(content.encode()).lines
        assert (only.fault, only.cells[0]) == (None, "R-1")

    def test_title_lines_a_repeated_header_and_totals_are_told(self):
        """The header is looked for in the first records; what is no record is listed by its line."""
        header = ",".join(COLUMNS)
        content = (
            f"sep=,\nMy caseload\n\n{header}\n{line('R-1')}\n{header}\n{line('R-2')}\nTotal,2\nGenerated by a system\n"
        )
        table = bound(content.encode())
        assert (table.header_row, [one.row for one in table.lines], table.ignored) == (4, [5, 7], (6, 8, 9))

    @pytest.mark.parametrize("second", ["swapped", "shorter", "longer"])
    def test_another_header_below_refuses_the_file_and_is_named(self, second):
        """Two exports in one file: what follows would be read by the wrong names, a refusal's day as the referral's."""
        names = list(COLUMNS)
        if second == "swapped":
            one, other = names.index("Referral Date"), names.index("Consent Date")
            names[one], names[other] = names[other], names[one]
        elif second == "shorter":
            names = names[:-1]
        else:
            names.insert(3, "Case Worker")
        content = f"{','.join(COLUMNS)}\n{line('R-1')}\n{','.join(names)}\n{line('R-2')}\n"
        with pytest.raises(UnreadableFileError, match="line 3 is a second header"):
            bound(content.encode())

    def test_the_same_header_with_a_cell_too_many_is_a_row_with_a_fault(self):
        """What follows stands under the same names."""
        header = ",".join(COLUMNS)
        lines = bound(f"{header}\n{line('R-1')}\n{header},\n{line('R-2')}\n".encode()).lines
        assert [one.fault for one in lines] == [None, TOO_MANY_CELLS, None]

    def test_ragged_rows_are_named(self):
        """Neither padded nor cut, also where the last cells are empty."""
        content = export(line("R-1"), line("R-2") + ",", line("R-3").removesuffix(",Yes"), line("R-4"))
        assert [one.fault for one in bound(content).lines] == [None, TOO_MANY_CELLS, TOO_FEW_CELLS, None]

    def test_a_file_over_a_limit_is_refused_with_it(self):
        """Columns, rows, lines, size."""
        columns = (*COLUMNS, *(f"c{n}" for n in range(500)))
        with pytest.raises(UnreadableFileError, match="500 columns"):
            sheet(export(columns=columns))
        with pytest.raises(UnreadableFileError, match="20,000 rows"):
            bound(export(*["x"] * (MAX_TABLE_ROWS + 1)))
        with pytest.raises(UnreadableFileError, match="500 MB"):
            sheet(OfSize(MAX_BYTES + 1))

    @pytest.mark.slow
    def test_a_file_of_too_many_lines_is_refused(self):
        """Blank ones too, so that nobody is kept busy with nothing."""
        content = io.BytesIO(export() + b"\n" * MAX_LINES + line("R-1").encode())
        with pytest.raises(UnreadableFileError, match="2,000,000 lines"):
            list(sheet(content).records())


class TestFaultyRows:
    @staticmethod
    def judged(row):
        upload = Upload.read(export(row), None)
        (verdict,) = judge_table(Table.unstage(upload.staged[0]), today=date(2026, 11, 27))
        return verdict.kind

    @pytest.mark.parametrize("reference", ["SYN-1c1a3b0d0a-A", "SYN-f2a3eecabc-A", "LS-0012-17", "0012", "SYN-12345-6"])
    def test_digits_of_a_reference_are_no_age(self, reference):
        """In a row whose cells cannot be told apart; else each would open an urgent task about a child."""
        row = line(reference, Statistics_Consent="Refused").replace(",sq,Interpreter,Yes", "")
        assert self.judged(row) == "QUARANTINED"

    @pytest.mark.parametrize("age", ["17", "U18", "under 18", "16-17", "Child (17 or under)"])
    @pytest.mark.parametrize("shifted", [0, 1, 2])
    def test_a_child_is_found_also_a_cell_or_two_aside(self, age, shifted):
        """Wherever the fault has pushed the age."""
        cells = line("SYN-1c1a3b0d0a-A", Age_At_Referral=age).split(",")
        assert self.judged(",".join([*["note"] * shifted, *cells, "more"])) == "POSSIBLE_CHILD"

    @pytest.mark.parametrize(
        ("cells", "stated"),
        [("07/10/2026", "WITHDRAWN"), ("see letter", "WITHDRAWN"), ("", None), ("No", None), ("a,07/10/2026", None)],
        ids=["a day", "a word", "empty", "no", "a cell too many"],
    )
    def test_a_withdrawal_is_heard_where_it_surely_stands_in_its_own_column(self, cells, stated):
        """Though another cell of the row is too long. Where cells may be shifted, the person is only in doubt."""
        columns = (*COLUMNS, "Consent withdrawn on")
        row = f"{line('R-1', Advocacy_Need='x' * 1_001)},{cells}"
        (verdict,) = judge_table(bound(export(row, columns=columns)), today=date(2026, 11, 27))
        assert (verdict.kind, verdict.doubt) == ("QUARANTINED", "ROW_UNREADABLE")
        assert (verdict.no and verdict.no.stated) == stated


class TestColumns:
    @pytest.mark.parametrize(
        "name", ["Statistics Consent", "statistics consent", " STATISTICS  CONSENT ", "Statistics_Consent", "Stats OK?"]
    )
    def test_two_for_one_field_refuse_the_file_and_are_named(self, name):
        """Under one name, in another spelling of it, or under another profile's name for a consent."""
        with pytest.raises(ProfileError, match="J and P"):
            bound(export(columns=(*COLUMNS, name)))

    def test_two_of_one_name_that_nobody_reads(self):
        """Refused too, by their letters: the name may say something of a person."""
        with pytest.raises(ProfileError) as caught:
            bound(export(columns=(*COLUMNS, "Planted Name", "planted  name")))
        assert "P and Q" in str(caught.value)
        assert "lanted" not in str(caught.value)

    def test_what_is_dropped_is_listed_by_letter(self):
        """By its name only where the profile itself knows it; what may speak of a consent is pointed out."""
        table = bound(export(columns=(*COLUMNS, "Anna Field's visits", "Consent to NRM", "")))
        assert (table.dropped, table.unread) == (("Notes", "column P", "column Q"), ("Q",))

    @pytest.mark.parametrize(
        ("name", "field"),
        [("Consent Withdrawn On", True), ("Date consent withdrawn", True), ("Withdrawal date", True), ("Opt-out", True),
         ("Permission revoked?", True), ("Reason for withdrawal", True), ("Withdrawn from NRM", False), ("Opted in", False)],
    )  # fmt: skip
    def test_a_withdrawal_is_a_field_under_any_name(self, name, field):
        """Not a dropped name; a withdrawal from something else is not the consent's."""
        assert ("consent_withdrawn" in bound(export(columns=(*COLUMNS, name))).fields) is field

    def test_letters_are_a_spreadsheets(self):
        """A to Z, then AA."""
        assert [letter(n) for n in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
