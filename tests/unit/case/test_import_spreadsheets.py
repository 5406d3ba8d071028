"""XLSX and ODS: read by a child of bounded memory; what could break a reader is refused with how to mend it."""

from datetime import date, datetime

import pytest

from services.case.imports.rules import spreadsheets
from services.case.imports.rules.profile import choose, shipped
from services.case.imports.rules.reading import Stated, UnreadableFileError, read_sheet
from services.case.imports.rules.records import MERGED_CELLS
from services.case.imports.rules.spreadsheet_cells import as_text
from services.case.imports.rules.table import table_of
from services.case.imports.rules.verdicts import judge_table
from tests.kit.import_files import COLUMNS, line
from tests.kit.spreadsheets import changed, ods, packed, xlsx

KNOWN = [column for profile in shipped().values() for column in profile.columns]
TODAY = date(2026, 11, 27)


def cells(reference, **changes):
    row = line(reference, **changes).split(",")
    row[1] = date(2026, 10, 2)
    return row


def sheet(content, **stated):
    return read_sheet(content, KNOWN, Stated(**stated))


def table(content, **stated):
    found = sheet(content, **stated)
    return table_of(found, choose(found, None).bind(found))


def verdicts(content):
    return [(one.row, one.kind) for one in judge_table(table(content), today=TODAY)]


class TestRows:
    @pytest.mark.parametrize("write", [lambda rows: xlsx({"Clients": rows}), ods])
    def test_a_spreadsheet_gives_the_rows_that_its_csv_gives(self, write):
        """Titles above the header, blank rows and totals as well; a row is the program's own row."""
        rows = [["IMSA caseload"], [], list(COLUMNS), cells("R-1"), [], cells("R-2"), ["Total", 2]]
        content = write(rows)
        found = table(content)
        assert verdicts(content) == [(4, "ACCEPTED"), (6, "ACCEPTED")]
        assert (found.header_row, found.ignored, found.lines[0].cells[1]) == (3, (7,), "2026-10-02")

    @pytest.mark.parametrize(
        ("cell", "text"),
        [(12.0, "12"), (123456789012.0, "123456789012"), (1.5, "1.5"), (True, "TRUE"), (1.23456789012345e17, "1.23456789012345E+17"),
         (date(2026, 10, 5), "2026-10-05"), (datetime.fromisoformat("2026-10-05"), "2026-10-05"), (datetime.fromisoformat("2026-10-05T23:30"), "2026-10-05 23:30:00"),
         (None, ""), (float("nan"), "#NUM!")],
    )  # fmt: skip
    def test_a_cell_is_what_it_shows(self, cell, text):
        """A day is a day, a whole number has all its digits; one with lost digits is no reference."""
        assert as_text(cell) == text

    def test_a_number_with_lost_digits_is_no_reference(self):
        """Several people may have it now."""
        content = xlsx({"Clients": [COLUMNS, [123456789012345678, *cells("x")[1:]]]})
        (verdict,) = judge_table(table(content), today=TODAY)
        assert (verdict.kind, verdict.problems[0].code) == ("QUARANTINED", "reference-shortened")


class TestSheets:
    def test_the_only_sheet_whose_header_maps_is_read(self):
        """The others are named, the hidden one too."""
        sheets = {"Read me": [["About"]], "Clients": [COLUMNS, cells("R-1")], "Old": [["x", "y"]]}
        content = xlsx(sheets, hidden={"Old"})
        found = sheet(content)
        assert (found.name, found.other_sheets, found.hidden_sheets) == ("Clients", ("Read me", "Old"), ("Old",))

    def test_two_that_could_be_meant_are_a_question(self):
        """Also where one of them is hidden; stated, it is read."""
        content = xlsx({"Q3": [COLUMNS, cells("R-1")], "Q4": [COLUMNS, cells("R-2")]}, hidden={"Q4"})
        with pytest.raises(UnreadableFileError, match=r"hidden ones too.*State the sheet: Q3, Q4"):
            sheet(content)
        assert sheet(content, sheet="Q4").rows[0][1][0] == "R-2"
        with pytest.raises(UnreadableFileError, match="no sheet of the name"):
            sheet(content, sheet="Q5")

    def test_rows_that_a_merged_cell_touches_have_a_fault_and_its_no_is_heard(self):
        """Nobody sees to which rows its word belongs; a merged title is no fault."""
        consent = COLUMNS.index("Statistics Consent")
        letter = chr(ord("A") + consent)
        rows = [["My caseload"], COLUMNS, *(cells(f"R-{n}", Statistics_Consent="") for n in range(3)), cells("R-9")]
        content = xlsx({"Clients": rows}, merged=[("A1:C1", "My caseload"), (f"{letter}3:{letter}5", "No")])
        found = table(content)
        assert [one.fault for one in found.lines] == [MERGED_CELLS] * 3 + [None]
        judged = list(judge_table(found, today=TODAY))
        assert [one.no.stated if one.no else None for one in judged] == ["REFUSED"] * 3 + [None]

    def test_merged_cells_of_an_ods_file_are_faults_too(self):
        """Seen by the look before the reader."""
        span = '<table:table-row><table:table-cell table:number-rows-spanned="2" office:value-type="string"><text:p>R-2</text:p></table:table-cell></table:table-row>'
        found = table(ods([COLUMNS, cells("R-1")], more=span))
        assert [one.fault for one in found.lines] == [None, MERGED_CELLS]


class TestBounds:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "password"),
            (b"PK\x03\x04", "damaged"),
            (packed({"a.txt": "x"}), "no XLSX or ODS"),
            (xlsx({"Clients": [COLUMNS]})[:-200], "damaged"),
            (packed({"xl/workbook.xml": "<a/>", "xl/worksheets/sheet1.xml": b" " * 30_000_000}), "unpacks to more"),
            (xlsx({"Clients": [[*COLUMNS, *["c"] * 600]]}), "more than 500 columns"),
            (xlsx({"Clients": [COLUMNS, [""] * 16_383 + ["x"]]}), "more than 500 columns"),
            (changed(xlsx({"Clients": [COLUMNS]}), "xl/worksheets/sheet1.xml", lambda text: text.replace('r="B1"', 'r="B1048576"')), "100,000 rows"),
            (changed(xlsx({"Clients": [COLUMNS]}), "xl/worksheets/sheet1.xml", lambda text: "<!DOCTYPE a [<!ENTITY b 'x'>]>" + text.partition("?>")[2]), "damaged"),
            (ods([COLUMNS], more='<table:table-row table:number-rows-repeated="900000"><table:table-cell office:value-type="float" office:value="1"/></table:table-row>'), "100,000 rows"),
            (ods([COLUMNS], more='<table:table-row><table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/></table:table-row>'), "500 columns"),
            (xlsx({"Clients": [["x", "y"]]}), "no sheet of it has a header"),
        ],
    )  # fmt: skip
    def test_what_could_break_a_reader_is_refused_with_how_to_mend_it(self, content, words):
        """Before anything opens it: a bomb, a cell at the far end, an entity, half a file."""
        with pytest.raises(UnreadableFileError, match=words):
            sheet(content)

    def test_what_an_ods_file_repeats_of_nothing_is_nothing(self):
        """LibreOffice fills the sheet to its last row and column with repeated empty cells."""
        empty = '<table:table-row table:number-rows-repeated="1048500"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
        assert verdicts(ods([COLUMNS, cells("R-1")], more=empty)) == [(2, "ACCEPTED")]

    def test_a_child_that_takes_more_memory_than_it_may_is_one_sentence(self, monkeypatch):
        """Its end is no end of ours."""
        monkeypatch.setattr(spreadsheets, "_CHILD", "tests.kit.greedy_child")
        with pytest.raises(UnreadableFileError, match="more memory or time"):
            sheet(xlsx({"Clients": [COLUMNS]}))

    def test_a_child_that_never_answers_is_ended(self, monkeypatch):
        """After the longest that reading may take."""
        monkeypatch.setattr(spreadsheets, "_CHILD", "tests.kit.silent_child")
        monkeypatch.setattr(spreadsheets, "CHILD_S", 2.0)
        with pytest.raises(UnreadableFileError, match="more memory or time"):
            sheet(xlsx({"Clients": [COLUMNS]}))

    def test_the_child_knows_nothing_of_its_surroundings(self, monkeypatch):
        """No address, no key: whoever breaks it finds none."""
        monkeypatch.setenv("ALONGSIDE_PLANTED", "secret")
        monkeypatch.setattr(spreadsheets, "_CHILD", "tests.kit.telling_child")
        with pytest.raises(UnreadableFileError, match="LANG") as caught:
            sheet(xlsx({"Clients": [COLUMNS]}))
        assert "PLANTED" not in str(caught.value)

    def test_a_spreadsheet_that_is_too_large_is_told_to_be_csv(self, monkeypatch):
        """25 MB."""
        monkeypatch.setattr(spreadsheets, "MAX_SPREADSHEET_BYTES", 1_000)
        with pytest.raises(UnreadableFileError, match="Save it as CSV"):
            sheet(xlsx({"Clients": [COLUMNS]}))


def test_a_part_that_lies_about_its_size_is_refused():
    """A part that says less than it unpacks to is damaged, not believed."""
    content = bytearray(xlsx({"Clients": [COLUMNS]}))
    # Every size in the directory, told too small.
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 24 : at + 28] = (10).to_bytes(4, "little")
        at = content.find(b"PK\x01\x02", at + 4)
    with pytest.raises(UnreadableFileError, match="damaged"):
        sheet(bytes(content))
