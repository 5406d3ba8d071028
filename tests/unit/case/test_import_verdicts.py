"""Import: no cell is ever echoed, no word becomes "other", no possible child becomes an episode."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.case.imports.rules.profile import AgeAtExploitationError, ProfileError, choose, parse_profile, shipped
from services.case.imports.rules.reading import UnreadableFileError, read_sheet
from services.case.imports.rules.verdicts import judge
from shared.kernel.errors import InvalidInputError

TODAY = date(2026, 10, 1)
COLUMNS = [column for profile in shipped().values() for column in profile.columns]
HEADER = list(shipped()["standard"].columns)
ROW = {
    "Client Ref": "R-1",
    "Referral Date": "05/09/2026",
    "Age At Referral": "34",
    "Gender": "Female",
    "Nationality": "Viet Nam",
    "Exploitation Type": "Labour & Domestic",
    "Nation": "England",
    "Advocacy Need": "Housing",
    "Statistics Consent": "Given",
    "Consent Date": "06/09/2026",
    "Consent Wording": "w1",
    "Consent Language": "en",
    "Consent Method": "In person",
    "Private Setting": "Yes",
}


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def file(*rows, header=None, delimiter=","):
    header = header or HEADER
    lines = [delimiter.join(quoted(h) for h in header)]
    lines += [delimiter.join(quoted(row.get(h, "")) for h in header) for row in rows]
    return "\r\n".join(lines).encode()


def verdicts(content):
    sheet = read_sheet(content, COLUMNS)
    return list(judge(sheet, choose(sheet, None).bind(sheet), today=TODAY))


class TestRows:
    def test_a_whole_row_is_accepted_in_codes(self):
        """Words become codes; exploitation is a set; the region follows from the nationality."""
        (found,) = verdicts(file(ROW))
        assert found.kind == "ACCEPTED"
        assert (found.facts.exploitation_types, found.facts.region) == (("DOMESTIC", "LABOUR"), "ASIA")

    @pytest.mark.parametrize("age", ["34", "", "old"])
    def test_an_answer_that_cannot_be_read_is_a_doubt_before_any_of_the_age(self, age):
        """It may be a no, and only an answer lifts that doubt; a known age lifts the other."""
        (found,) = verdicts(file({**ROW, "Age At Referral": age, "Statistics Consent": "Perhaps"}))
        assert found.doubt == "CONSENT_UNREADABLE"

    @pytest.mark.parametrize("age", ["16", "Child (17 or under)", "age disputed", "17"])
    def test_a_possible_child_is_refused_whatever_else_the_row_says(self, age):
        """Also when other cells are wrong: no fault hides a child."""
        (found,) = verdicts(file({**ROW, "Age At Referral": age, "Nationality": "Atlantean"}))
        assert (found.kind, found.facts) == ("POSSIBLE_CHILD", None)

    def test_an_unspecified_age_is_held_for_a_person(self):
        """It becomes no episode by itself."""
        (found,) = verdicts(file({**ROW, "Age At Referral": "Not specified or unknown"}))
        assert found.kind == "HELD"

    @pytest.mark.parametrize(
        ("column", "cell"),
        [
            ("Nationality", "Atlantean"),
            ("Exploitation Type", "Boredom"),
            ("Gender", "Q"),
            ("Nation", "Mercia"),
            ("Referral Date", "31/02/2026"),
            ("Referral Date", "01/02/26"),
            ("Referral Date", "01/12/2026"),
            ("Statistics Consent", "Perhaps"),
            ("Client Ref", "=1+1"),
        ],
    )
    def test_what_is_not_in_a_list_quarantines_its_row(self, column, cell):
        """Never "other"; the problem names the column and not the cell."""
        (found,) = verdicts(file({**ROW, column: cell}))
        assert found.kind == "QUARANTINED"
        assert all(cell not in problem.sentence for problem in found.problems)

    @pytest.mark.parametrize("column", ["Client Ref", "Gender", "Consent Wording"])
    @pytest.mark.parametrize("mark", ["=", "+", "-", "@"])
    def test_what_a_spreadsheet_would_carry_out_is_refused(self, column, mark):
        """A cell that begins like a formula, wherever it stands, by its own code; nobody copies it on into a sheet."""
        (found,) = verdicts(file({**ROW, column: f"{mark}SUM(A1)"}))
        assert found.kind == "QUARANTINED"
        assert "formula" in {problem.code for problem in found.problems}

    def test_the_same_reference_twice(self):
        """The same row is a duplicate; two different rows are both set aside."""
        assert [v.kind for v in verdicts(file(ROW, ROW))] == ["ACCEPTED", "DUPLICATE"]
        assert [v.kind for v in verdicts(file(ROW, {**ROW, "Gender": "Male"}))] == ["QUARANTINED"] * 2

    @given(
        st.sampled_from(HEADER), st.text(min_size=4, max_size=30).filter(lambda t: t.strip() == t and "\x00" not in t)
    )
    def test_no_problem_repeats_a_cell(self, column, cell):
        """Whatever stands in a cell, no sentence holds it."""
        for found in verdicts(file({**ROW, column: cell})):
            assert all(cell not in problem.sentence for problem in found.problems)


class TestFiles:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_encodings_and_delimiters(self, encoding, delimiter):
        """Every common way to save a CSV is read the same."""
        content = file({**ROW, "Client Ref": "Zoë-1"}, delimiter=delimiter).decode().encode(encoding)
        assert [v.kind for v in verdicts(content)] == ["ACCEPTED"]

    def test_title_lines_blank_rows_and_totals_are_no_records(self):
        """A worker's spreadsheet is read from its header on."""
        lines = file(ROW).split(b"\r\n")
        content = b"\r\n".join([b"My caseload", b"", lines[0], b"", lines[1], b"Total,1"])
        assert [v.kind for v in verdicts(content)] == ["ACCEPTED"]

    def test_age_at_exploitation_is_refused_as_a_source(self):
        """The file is refused whole, before any row."""
        header = ["Age at exploitation" if h == "Age At Referral" else h for h in HEADER]
        sheet = read_sheet(file(ROW, header=header), COLUMNS)
        with pytest.raises(AgeAtExploitationError):
            choose(sheet, "standard").bind(sheet)
        with pytest.raises(AgeAtExploitationError):
            parse_profile("id: x\ncolumns: {Age at exploitation: age_at_referral}")

    def test_a_missing_column_is_named(self):
        """The error says which field has no column."""
        sheet = read_sheet(file(ROW, header=[h for h in HEADER if h != "Gender"]), COLUMNS)
        with pytest.raises(ProfileError, match="gender"):
            choose(sheet, "standard").bind(sheet)

    @given(st.binary(max_size=2000))
    def test_arbitrary_bytes_raise_nothing_but_a_clear_error(self, content):
        """No file, however broken, ends in anything else."""
        try:
            verdicts(content)
        except (UnreadableFileError, InvalidInputError):
            return
