"""A no in a file of which nothing is taken: looked for by the names of its columns, whatever is wrong with the file."""

import io

import pytest

from services.case.imports.rules import reading
from services.case.imports.rules.binding import ColumnRule, Profile
from services.case.imports.rules.decoding import UnreadableFileError
from services.case.imports.rules.hearing import MOST_REFERENCE_COLUMNS, lines_that_say_no, rows_that_say_no
from services.case.imports.rules.profile import shipped
from services.case.imports.rules.reading import Stated
from services.case.imports.rules.table import table_of
from tests.kit.import_files import COLUMNS, export, line


def heard(content, stated=None, profiles=()):
    """References of the rows that say no, where a column is known to have them; else every cell that may be one."""
    return [set(said.cells.values()) for said in rows_that_say_no(io.BytesIO(content), stated, profiles)]


def named(**columns):
    """A file with a column of references and others; each row is ``R-1`` and on."""
    rows = zip(*columns.values(), strict=True)
    lines = [",".join([f"R-{n}", *cells]) for n, cells in enumerate(rows, 1)]
    return "\n".join([",".join(["Client Ref", *(name.replace("_", " ") for name in columns)]), *lines]).encode()


def test_the_noes_of_a_file_whose_columns_nobody_mapped():
    """By the name of a column that may speak of consent; a yes, and a no of another column, say nothing."""
    content = named(
        Happy_for_permission_to_count=["Given", "Withdrawn", "no", "", "soon", "Given"],
        Opted_out_on=["", "", "", "01/10/2026", "", "no"],
        Driver=["no"] * 6,
    )
    assert heard(content) == [{"R-2"}, {"R-3"}, {"R-4"}]


def test_what_cannot_be_read_in_the_answers_own_column_counts_as_a_no():
    """As it does in a file that is taken; a host's own words are known, and a no is never made a yes by them."""
    content = named(Statistics_Consent=["Given", "perhaps", "grun", "rot", "refused"])
    assert heard(content) == [{"R-2"}, {"R-3"}, {"R-4"}, {"R-5"}]
    words = {"grun": "GIVEN", "rot": "REFUSED", "refused": "GIVEN"}
    own = Profile(id="own", title="own", columns={}, rules={"consent": ColumnRule(words=words)})
    other = Profile(id="other", title="other", columns={}, rules={"consent": ColumnRule(words={"rot": "GIVEN"})})
    assert heard(content, profiles=(own, other)) == [{"R-2"}, {"R-4"}, {"R-5"}]


@pytest.mark.parametrize(
    "odd",
    [
        "Ma\u0142e".encode() + "Zofi\u0119".encode("cp1250"),
        b"a\x00b",
        "\u0141\u00f3d\u017a \u015b\u0105\u0107\u0119\u0144".encode("cp1250"),
    ],
    ids=["two encodings", "a NUL", "an encoding that is a question"],
)
def test_letters_that_nobody_can_read_hide_no_no(odd):
    """Whoever it is about is told of by their reference, in letters that every encoding has."""
    content = export(line("R-1", Notes="odd"), line("R-2", Statistics_Consent="No")).replace(b"odd", odd)
    with pytest.raises(UnreadableFileError):
        reading.read_sheet(content, COLUMNS)
    assert heard(content) == [{"R-2"}]


@pytest.mark.parametrize(
    "wrong",
    [
        Stated(delimiter="|"),
        Stated(header_row=2),
        Stated(delimiter=";", header_row=1),
        Stated(encoding="utf-16"),
        Stated(encoding="utf-8", sheet="Sheet 1", header_row=9),
    ],
    ids=str,
)
def test_what_was_wrongly_said_of_a_file_hides_no_no(wrong):
    """It may be what the file is refused for."""
    assert heard(export(line("R-1"), line("R-2", Statistics_Consent="No")), wrong) == [{"R-2"}]


def test_a_note_with_many_commas_is_not_taken_for_the_names_of_columns():
    """Names that a mapping knows go before a line with more words."""
    content = b"Client Ref;Statistics Consent;Notes\nR-1;No;one, two, three, four and, five\n"
    assert heard(content) == [{"R-1"}]


def test_each_of_several_known_columns_of_references_counts():
    """Two columns with one name are what a file is refused for; where no name is known, one column has them."""
    named_twice = b"Client Ref,Statistics Consent,Client Ref\nR-1,No,R-2\n"
    unknown = named_twice.replace(b"Client Ref", b"Theirs")
    found = [list(rows_that_say_no(io.BytesIO(content), None, ())) for content in (named_twice, unknown)]
    assert [one.sure for (one,) in found] == [True, False]


def test_what_stands_before_the_place_where_nobody_reads_on_is_heard(monkeypatch):
    """A file with more rows than may be taken."""
    monkeypatch.setattr(reading, "MAX_ROWS", 2)
    lines = [line(f"R-{n}", Statistics_Consent="Refused") for n in range(4)]
    assert heard(export(*lines)) == [{"R-0"}, {"R-1"}]


def test_a_row_whose_cells_have_shifted_is_heard_wherever_they_stand():
    """Both the no and the reference."""
    shifted = line("R-1", Statistics_Consent="Refused")
    (said,) = rows_that_say_no(io.BytesIO(export(f"x,{shifted}")), None, ())
    assert said.sure
    assert "R-1" in said.cells.values()


def test_what_a_row_with_a_fault_says_is_read_as_in_any_other():
    """A day in a column of withdrawals, and a host's own word for a no wherever it stands."""
    own = Profile(id="own", title="own", columns={}, rules={"consent": ColumnRule(words={"rot": "REFUSED"})})
    more = b",".join([named(Opted_out_on=["01/10/2026"]), b"more"])
    assert [one.sure for one in rows_that_say_no(io.BytesIO(more), None, ())] == [True]
    shifted = b",".join([named(Happy_for_permission_to_count=["x"]), b"rot"])
    assert list(rows_that_say_no(io.BytesIO(shifted), None, ())) == []
    assert [one.sure for one in rows_that_say_no(io.BytesIO(shifted), None, (own,))] == [True]


def test_without_a_known_name_the_reference_may_stand_in_many_columns_not_in_all():
    """What each row costs has a bound."""
    header = ["Ours", "Opted out on", *(f"c{n}" for n in range(2 * MOST_REFERENCE_COLUMNS))]
    content = "\n".join([",".join(header), ",".join(["R-1", "today", *map(str, range(1000, 1120))])]).encode()
    (cells,) = heard(content)
    assert "R-1" in cells
    assert len(cells) <= MOST_REFERENCE_COLUMNS


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04 no zip", b"one line", b"\xb9\n"])
def test_what_is_no_table_says_nothing(content):
    """And ends nothing."""
    assert heard(content, Stated(delimiter=";", header_row=1)) == []


def test_a_mapped_file_is_heard_line_by_line():
    """Also a row with a fault, and one without a reference that anybody could be known by."""
    content = export(
        line("R-1"),
        line("R-2", Statistics_Consent="Refused"),
        line("R-3", Statistics_Consent="perhaps"),
        line("", Statistics_Consent="Refused"),
        f"{line('R-5', Statistics_Consent='Refused')},more",
    )
    sheet = reading.read_sheet(content, COLUMNS)
    table = table_of(sheet, shipped()["standard"].bind(sheet))
    said = [dict(one.cells) for one in lines_that_say_no(table, table.lines)]
    assert said == [{0: "R-2"}, {0: "R-3"}, {}, {0: "R-5"}]
