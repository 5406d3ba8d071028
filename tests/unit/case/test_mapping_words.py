"""What a mapping profile says of its columns, carried out on cells: no no becomes anything else, no birth date is kept."""

from datetime import date

import msgspec
import pytest

from services.case.imports.rules.profile import ColumnRule, HeaderChangedError, Profile, ProfileError
from services.case.imports.rules.reading import read_sheet
from services.case.imports.rules.table import MappedFile, table_of
from services.case.imports.rules.verdicts import judge_table

TODAY = date(2026, 11, 27)
COLUMNS = {
    "Client": "reference", "Start": "referral_date", "Born": "date_of_birth", "Age": "age_at_referral", "Sex": "gender",
    "From": "nationality", "Kind": "exploitation", "Stats": "consent", "Said": "consent_date",
}  # fmt: skip


def profile(**about):
    about = {"columns": COLUMNS, "constants": {"nation": "ENGLAND"}, "is_whole": False, **about}
    return Profile(id="house", title="A house's own", **about)


def table(rows, columns=tuple(COLUMNS), **about):
    text = "\n".join([",".join(columns), *(",".join(row.get(name, "") for name in columns) for row in rows)])
    return table_of(*bound(text, profile(**about)))


def bound(text, by):
    sheet = read_sheet(text.encode(), by.columns)
    return sheet, by.bind(sheet)


def row(**cells):
    return {
        "Client": "R-1",
        "Start": "2026-10-02",
        "Age": "34",
        "Sex": "Female",
        "From": "Albanian",
        "Kind": "Labour",
        **cells,
    }


def cell(found, field, line=0):
    return found.lines[line].cells[found.fields.index(field)]


class TestWords:
    @pytest.mark.parametrize(
        ("text", "kept"),
        [("No", "No"), ("WITHDRAWN", "WITHDRAWN"), ("\u2717", "\u2717"), ("ja", "GIVEN"), ("JA ", "GIVEN"), ("perhaps", "perhaps"), ("", "")],
    )  # fmt: skip
    def test_a_no_stays_a_no_whatever_the_profile_says(self, text, kept):
        """Even if a profile with such a word were to come through its own check."""
        words = {"ja": "GIVEN", "no": "GIVEN", "withdrawn": "GIVEN", "\u2717": "GIVEN"}
        found = table([row(Stats=text)], rules={"consent": ColumnRule(words=words)})
        assert cell(found, "consent") == kept

    @pytest.mark.parametrize("text", ["17", "U18", "child", "16-17"])
    def test_a_child_stays_a_child(self, text):
        """Whatever the profile says of its word."""
        found = table([row(Age=text)], rules={"age_at_referral": ColumnRule(words={text.casefold(): "ADULT_18_OVER"})})
        assert [one.kind for one in judge_table(found, today=TODAY)] == ["POSSIBLE_CHILD"]

    def test_constants_defaults_and_words_for_not_known(self):
        """One nation for everybody, a default where a cell is empty, and N/K as the list's own "not known"; a no it never is."""
        rows = [row(Sex="N/K", From="N/K", Kind="N/K", Age="N/K", Stats="TBC", Said="N/K"), row(Sex="", Stats="No")]
        found = table(rows, not_known=frozenset({"n/k", "tbc", "no"}), defaults={"gender": "FEMALE"})
        assert [cell(found, one) for one in ("nation", "gender", "nationality", "exploitation", "age_at_referral", "consent", "consent_date")] == [
            "ENGLAND", "NOT_KNOWN", "unknown", "NOT_SPECIFIED_OR_UNKNOWN", "", "", "",
        ]  # fmt: skip
        assert (cell(found, "gender", 1), cell(found, "consent", 1)) == ("FEMALE", "No")

    def test_several_values_in_one_cell(self):
        """Each is looked up by itself; one that is not known is not passed over."""
        rule = ColumnRule(separator="|", words={"servitude": "DOMESTIC"})
        found = table(
            [row(Kind="Labour|servitude"), row(Client="R-2", Kind="Labour|mystery")], rules={"exploitation": rule}
        )
        first, second = judge_table(found, today=TODAY)
        assert first.facts.exploitation_types == ("DOMESTIC", "LABOUR")
        assert [one.code for one in second.problems] == ["unknown-code"]


class TestDates:
    def test_a_column_has_its_own_order(self):
        """Month-first in one column says nothing of another."""
        rules = {"referral_date": ColumnRule(order="month-first"), "consent_date": ColumnRule(order="day-first")}
        found = table(
            [row(Start="10/04/2026", Said="05/10/2026"), row(Client="R-2", Start="10/25/2026", Said="13/10/2026")],
            rules=rules,
        )
        assert [cell(found, "referral_date", n) for n in (0, 1)] == ["2026-10-04", "2026-10-25"]
        assert [cell(found, "consent_date", n) for n in (0, 1)] == ["2026-10-05", "2026-10-13"]

    @pytest.mark.parametrize(("order", "sure"), [("day-first", "10/25/2026"), ("month-first", "25/10/2026")])
    def test_one_day_in_the_other_order_makes_the_column_a_question(self, order, sure):
        """Wherever in the file it stands; what can be only one day is read."""
        rows = [row(Start="10/04/2026"), row(Client="R-2", Start=sure), row(Client="R-3", Start="05/05/2026")]
        found = table(rows, rules={"referral_date": ColumnRule(order=order)})
        first, second, third = judge_table(found, today=TODAY)
        assert [one.code for one in first.problems] == ["ambiguous-date"]
        assert (second.kind, second.facts.referral_date, third.kind) == ("ACCEPTED", date(2026, 10, 25), "ACCEPTED")


class TestBirthDates:
    @pytest.mark.parametrize(
        ("born", "age", "verdict"),
        [
            ("14/02/1996", "", "ACCEPTED"),
            ("02/10/2008", "", "ACCEPTED"),
            ("03/10/2008", "", "POSSIBLE_CHILD"),
            ("10/03/2008", "", "POSSIBLE_CHILD"),
            ("1/3/94", "", "ACCEPTED"),
            ("1/3/12", "", "POSSIBLE_CHILD"),
            ("1/3/30", "", "QUARANTINED"),
            ("unreadable", "", "QUARANTINED"),
            ("", "34", "ACCEPTED"),
            ("14/02/1996", "16", "POSSIBLE_CHILD"),
            ("14/02/2012", "34", "POSSIBLE_CHILD"),
            ("14/02/1996", "mystery", "QUARANTINED"),
            ("", "14/02/1996", "ACCEPTED"),
            ("", "14/02/2012", "POSSIBLE_CHILD"),
            ("", "", "HELD"),
        ],
    )
    def test_a_birth_date_is_set_against_the_referral_and_kept_nowhere(self, born, age, verdict):
        """On the side of the child where it could be two days or the two cells differ; two digits only where sure."""
        found = table([row(Born=born, Age=age)])
        assert [one.kind for one in judge_table(found, today=TODAY)] == [verdict]
        assert not any(
            part and part.encode() in msgspec.json.encode(found) for part in (born, "14/02/1996", "14/02/2012")
        )

    def test_a_row_given_out_to_be_mended_is_read_again(self):
        """What became of its birth date stands under the birth date's own column."""
        columns = tuple(name for name in COLUMNS if name != "Age")
        text = ",".join(columns) + "\nR-1,2026-10-02,14/02/1996,Female,Albanian,Labour,Yes,\n"
        by = profile(columns={name: COLUMNS[name] for name in columns})
        mapped = MappedFile(*bound(text, by))
        (line,) = mapped.lines()
        assert mapped.columns[mapped.fields.index("age_at_referral")] == "Born"
        given = dict(zip(mapped.columns, line.cells, strict=True))
        again = ",".join(columns) + "\n" + ",".join(given[name] for name in columns) + "\n"
        assert next(MappedFile(*bound(again, by)).lines()).cells == line.cells

    def test_a_month_first_birth_date(self):
        """Read as its column says."""
        found = table([row(Born="10/03/2008", Age="")], rules={"date_of_birth": ColumnRule(order="month-first")})
        assert cell(found, "age_at_referral") == "CHILD_17_UNDER"
        found = table([row(Born="10/03/2008", Age="")], rules={"date_of_birth": ColumnRule(order="day-first")})
        assert cell(found, "age_at_referral") == "ADULT_18_OVER"

    @pytest.mark.parametrize(
        ("start", "born", "verdict"), [("?", "14/02/2015", "POSSIBLE_CHILD"), ("?", "14/02/2005", "QUARANTINED")]
    )
    def test_without_a_referral_only_what_is_sure_is_said(self, start, born, verdict):
        """A child of today was one before; whoever has just grown up may have been one."""
        (judged,) = judge_table(table([row(Start=start, Born=born, Age="")]), today=TODAY)
        assert (judged.kind, judged.doubt) == (verdict, None if verdict == "POSSIBLE_CHILD" else "AGE_UNREADABLE")

    def test_a_broken_row_keeps_no_birth_date_beside_its_cells(self):
        """Its child is heard all the same."""
        columns = tuple(COLUMNS)
        text = ",".join(columns) + "\nR-1,note,2026-10-02,14/02/2015,,Female,Albanian,Labour,,\n"
        found = table_of(*bound(text, profile()))
        (judged,) = judge_table(found, today=TODAY)
        assert judged.kind == "POSSIBLE_CHILD"
        assert b"14/02/2015" not in msgspec.json.encode(found.lines[0].near)


class TestHeader:
    def test_a_column_of_a_withdrawal_is_nothing_else(self):
        """Even if a profile that takes it for the day of the yes were to come through its own check."""
        columns = {**COLUMNS, "Date withdrawn": "consent_date"}
        del columns["Said"]
        text = ",".join(columns) + "\nR-1,2026-10-02,,34,Female,Albanian,Labour,Given,2026-10-05\n"
        (judged,) = judge_table(table_of(*bound(text, profile(columns=columns))), today=TODAY)
        assert judged.no.stated == "WITHDRAWN"

    def test_a_changed_header_asks(self):
        """What is gone is named, what is new only by its letter."""
        text = "Client,Start,Age,Sex,Anna Field\nR-1,2026-10-02,34,Female,x\n"
        sheet = read_sheet(text.encode(), COLUMNS)
        with pytest.raises(HeaderChangedError, match=r"no longer there: Born, From.*column E") as caught:
            profile(fingerprint="0" * 32).bind(sheet)
        assert "Anna" not in str(caught.value)
        assert profile(fingerprint=sheet.fingerprint).bind(sheet).dropped == ("column E",)

    def test_a_profile_is_for_one_kind_of_file(self):
        """A mapping for a spreadsheet reads no CSV."""
        with pytest.raises(ProfileError, match="for a spreadsheet file"):
            bound("Client,Start\nR-1,2026-10-02\n", profile(kind="spreadsheet"))

    def test_a_line_that_closes_a_report(self):
        """By the profile's own words; a line with anything beside them is a person."""
        text = "Client,Start,Age\nR-1,2026-10-02,34\nFiltered by: all,,\nFiltered by: all,2026-10-02,\n"
        found = table_of(*bound(text, profile(footer=("filtered by",))))
        assert ([one.row for one in found.lines], found.ignored) == ([2, 4], (3,))
