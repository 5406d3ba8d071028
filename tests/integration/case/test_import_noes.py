"""A no, a withdrawal and a child of an imported row win over every other fault of it, in the row's own transaction."""

import pytest

from tests.kit.import_files import (
    COLUMNS,
    WORDS,
    episodes_of,
    export,
    left_out,
    line,
    listed,
    references,
    tasks_of,
)

pytestmark = pytest.mark.integration


@pytest.fixture
def counted(place):
    """Gives the episodes of adults who said yes in an earlier file and are counted, by reference."""
    place.know_words(WORDS, languages=["sq"])

    def make(*refs, columns=COLUMNS):
        report = place.upload(export(*(line(ref, columns) for ref in refs), columns=columns))
        assert report["counts"] == {"ACCEPTED": len(refs), "QUARANTINED": 0}, report
        episodes = episodes_of(place, report)
        found = {ref: episodes[row] for row, ref in enumerate(refs, 2)}
        assert {ref: left_out(place, episode) for ref, episode in found.items()} == dict.fromkeys(refs)
        return found

    return make


FAULTS = {
    "nothing": {},
    "nationality": {"Nationality": "Atlantis"},
    "area": {"Advocacy_Need": "Gardening"},
    "date": {"Consent_Date": "31/02/2026"},
    "formula": {"Nation": "=1+1"},
    "gender": {"Gender": "Q"},
    "age": {"Age_At_Referral": "old"},
    "blank age": {"Age_At_Referral": ""},
    "future": {"Referral_Date": "01/01/2999"},
    "everything": {
        "Gender": "",
        "Nationality": "?",
        "Nation": "Mercia",
        "Consent_Language": "?",
        "Private_Setting": "?",
    },
    "other referral": {"Referral_Date": "01/11/2026"},
    "other person": {"Gender": "Male", "Nationality": "Vietnamese"},
}


class TestANo:
    def test_whatever_else_is_wrong_with_the_row(self, place, counted):
        """Refused in each row beside another fault: nobody of them is counted after the file, and the report says how many."""
        refs = references(len(FAULTS))
        known = counted(*refs)
        rows = [
            line(ref, **{**fault, "Statistics_Consent": ("Refused", "Withdrawn", "No")[at % 3]})
            for at, (ref, fault) in enumerate(zip(refs, FAULTS.values(), strict=True))
        ]
        report = place.upload(export(*rows))
        assert report["consents_ended"] == len(refs)
        reasons = {name: left_out(place, known[ref]) for name, ref in zip(FAULTS, refs, strict=True)}
        assert None not in reasons.values(), reasons
        assert (reasons["nothing"], reasons["nationality"], reasons["area"]) == ("REFUSED", "WITHDRAWN", "REFUSED")

    @pytest.mark.parametrize("column", ["Consent withdrawn on", "Date withdrawn", "Opted out (date)", "Revoked"])
    def test_a_column_of_withdrawals_is_read_under_any_name(self, place, counted, column):
        """A day, a yes, or what nobody can read there ends the permission; empty and no do not."""
        refs = references(5)
        known = counted(*refs)
        cells = ("07/10/2026", "Yes", "see letter", "", "No")
        rows = [f"{line(ref)},{cell}" for ref, cell in zip(refs, cells, strict=True)]
        report = place.upload(export(*rows, columns=(*COLUMNS, column)))
        reasons = [left_out(place, known[ref]) for ref in refs]
        assert reasons == ["WITHDRAWN", "WITHDRAWN", "WITHDRAWN", None, None]
        assert report["consents_ended"] == 3

    def test_what_cannot_be_read_counts_like_a_no_until_it_is_mended(self, place, counted):
        """Perhaps; the row is set aside, its person left out by the import, and back once the file says yes rightly."""
        (ref,) = references(1)
        known = counted(ref)
        report = place.upload(export(line(ref, Statistics_Consent="Perhaps")))
        assert listed(report) == {(2, "unknown-code")}
        assert left_out(place, known[ref]) == "EXCLUDED_BY_IMPORT"
        place.upload(export(line(ref)))
        assert left_out(place, known[ref]) is None

    @pytest.mark.parametrize(
        ("changes", "columns"),
        [({"Statistics_Consent": ""}, COLUMNS), ({"Statistics_Consent": "N/K"}, COLUMNS), ({}, COLUMNS[:7])],
        ids=["an empty cell", "not known", "no column"],
    )
    def test_nothing_said_mends_no_answer_that_could_not_be_read(self, place, counted, changes, columns):
        """It may have been a no: they stay out, the report says so, and an answer brings them back."""
        (ref,) = references(1)
        known = counted(ref)
        place.upload(export(line(ref, Statistics_Consent="Perhaps")))
        report = place.upload(export(line(ref, columns, **changes), columns=columns))
        assert listed(report) == {(2, "answer-unread")}
        assert left_out(place, known[ref]) == "EXCLUDED_BY_IMPORT"
        report = place.upload(export(line(ref)))
        assert (listed(report), left_out(place, known[ref])) == (set(), None)

    @pytest.mark.parametrize("age", ["", "old"])
    def test_an_age_in_doubt_hides_no_answer_that_could_not_be_read(self, place, counted, age):
        """Both in one row: once the age is told and no answer is, they stay out, since it may have been a no."""
        (ref,) = references(1)
        known = counted(ref)
        place.upload(export(line(ref, Age_At_Referral=age, Statistics_Consent="Perhaps")))
        report = place.upload(export(line(ref, Statistics_Consent="")))
        assert listed(report) == {(2, "answer-unread")}
        assert left_out(place, known[ref]) == "EXCLUDED_BY_IMPORT"

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["the doubt last", "the doubt first"])
    @pytest.mark.parametrize("doubtful", [{"Statistics_Consent": "Perhaps"}, {"Age_At_Referral": "old"}])
    def test_another_row_of_the_person_lifts_no_doubt_of_the_same_file(self, place, counted, order, doubtful):
        """Two referrals of one reference, one of them in doubt: out, whichever row comes first."""
        (ref,) = references(1)
        known = counted(ref)
        rows = [line(ref), line(ref, Referral_Date="20/10/2026", **doubtful)]
        place.upload(export(*(rows[at] for at in order)))
        assert left_out(place, known[ref]) == "EXCLUDED_BY_IMPORT"
        place.upload(export(line(ref)))
        assert left_out(place, known[ref]) is None

    def test_beside_a_clash_the_no_stands_for_the_person(self, place, counted):
        """Two rows of one reference that differ, the no in either: out, and both are told."""
        first, second = references(2)
        known = counted(first, second)
        rows = [
            line(first, Exploitation_Type="Sexual"), line(first, Statistics_Consent="Withdrawn"),
            line(second, Statistics_Consent="Declined"), line(second, Exploitation_Type="Sexual"),
        ]  # fmt: skip
        report = place.upload(export(*rows))
        assert listed(report) == {(row, "reference-twice") for row in (2, 3, 4, 5)}
        assert [left_out(place, known[r]) for r in (first, second)] == ["WITHDRAWN", "REFUSED"]

    @pytest.mark.parametrize(
        "broken",
        [
            lambda row: row.replace("England,,,", "England,,moved flat, likes tea,"),
            lambda row: row.replace("England,,,", 'England,,"left early,'),
            lambda row: row.replace(",sq,Interpreter,Yes", ""),
            lambda row: row.replace("England,,,", "England,," + "x" * 33_000 + ","),
        ],
        ids=["a cell too many", "an open quotation mark", "cells too few", "a cell too long"],
    )
    @pytest.mark.parametrize("answer", ["Refused", "Given"])
    def test_in_a_row_that_cannot_be_told_apart(self, place, counted, broken, answer):
        """It is named, its no is found, and with a yes too nobody is counted by it until it is mended."""
        (ref,) = references(1)
        known = counted(ref)
        report = place.upload(export(broken(line(ref, Statistics_Consent=answer))))
        assert report["counts"]["QUARANTINED"] == 1
        assert {row for row, _ in listed(report)} == {2}
        assert left_out(place, known[ref]) == "EXCLUDED_BY_IMPORT"
        place.upload(export(line(ref, Statistics_Consent="")))
        assert left_out(place, known[ref]) == ("REFUSED" if answer == "Refused" else None)

    def test_a_no_that_matches_nobody_is_told_first(self, place):
        """Without a reference, or in a broken row of somebody unknown: the first thing to mend."""
        ref, other = references(2)
        rows = [
            line(ref, Gender="Q"),
            line("", Statistics_Consent="Refused"),
            line(other, Statistics_Consent="No", Nation="Q"),
        ]
        report = place.upload(export(*rows))
        assert [(p["row"], p["code"], p["urgent"]) for p in report["problems"][:2]] == [
            (3, "no-unmatched", True), (4, "no-unmatched", True),
        ]  # fmt: skip

    def test_a_no_under_a_reference_much_like_theirs_takes_them_out(self, place, counted):
        """A spreadsheet ate the zeros: nobody is made anew, and whoever may be meant is out until a caseworker looked."""
        number = str(int.from_bytes(references(1)[0].encode()[-6:]))
        ref = f"00{number}"
        known = counted(ref)
        report = place.upload(export(line(number, Statistics_Consent="Refused")))
        assert listed(report) == {(2, "likely-twin-says-no"), (2, "likely-twin")}
        assert left_out(place, known[ref]) == "EXCLUDED_BY_IMPORT"


class TestAChild:
    def test_opens_a_task_and_takes_the_known_episode_out_whatever_else_is_wrong(self, place, counted):
        """Clash, bad code, no reference, broken row, date, formula: each child's row has its task, again none anew."""
        refs = references(6)
        known = counted(*refs[:4])
        rows = [
            line(refs[0], Age_At_Referral="17.0", Nationality="Atlantis"),
            line(refs[1], Age_At_Referral="16-17"), line(refs[1]),
            line(refs[2], Age_At_Referral="U18", Referral_Date="31/02/2026"),
            line(refs[3], Age_At_Referral="15").replace("England,,,", 'England,,"oh,'),
            line("", Age_At_Referral="Seventeen"),
            line("=1+1", Age_At_Referral="<18"),
        ]  # fmt: skip
        rows = [*rows[:4], *rows[5:], rows[4]]
        report = place.upload(export(*rows))
        assert report["counts"]["POSSIBLE_CHILD"] == 6
        assert tasks_of(place, report) == [2, 3, 5, 6, 7, 8]
        assert {left_out(place, episode) for episode in known.values()} == {"EXCLUDED_BY_IMPORT"}
        again = place.upload(export(*rows))
        assert again["counts"] == report["counts"]
        assert tasks_of(place, again) == []

    @pytest.mark.parametrize(
        "row", ["Sum Chea,{ref},02/10/2026,16", "Total Mensah,{ref},,17", "Count,{ref},02/10/2026,", "Total,{ref},,"]
    )
    def test_whose_name_begins_like_a_total_line(self, place, row):
        """A total line holds no age, no date and no reference; everything else is somebody and is told."""
        columns = ("Name", *COLUMNS)
        filled = row.format(ref=references(1)[0])
        filled += "," * (len(columns) - 1 - filled.count(","))
        report = place.upload(export(filled, "Total,,,,,,,1,,,,,,,,", columns=columns))
        assert sum(report["counts"].values()) == 1
        assert (tasks_of(place, report) == [2]) is ("16" in row or "17" in row)
        assert {at for at, _ in listed(report)} == {2}
        assert report["ignored_rows"] == [3]


class TestBlank:
    def test_a_blank_age_waits_and_is_counted_again_once_it_is_known(self, place, counted):
        """Held, left out by the import and not by a caseworker; the age is back, and so is the person."""
        refs = references(2)
        known = counted(*refs)
        report = place.upload(export(*(line(ref, Age_At_Referral="") for ref in refs)))
        assert report["counts"] == {"HELD": 2, "QUARANTINED": 0}
        assert {left_out(place, e) for e in known.values()} == {"EXCLUDED_BY_IMPORT"}
        report = place.upload(export(*(line(ref, Age_At_Referral="34") for ref in refs)))
        assert (report["counts"], report["problems"]) == ({"CHANGED": 2, "QUARANTINED": 0}, [])
        assert {left_out(place, e) for e in known.values()} == {None}

    def test_a_layout_without_consent_columns_says_nothing_of_consent(self, place, counted):
        """What is known stays; so it does where the cells are empty."""
        refs = references(2)
        known = counted(*refs)
        report = place.upload(export(*(line(ref, COLUMNS[:7]) for ref in refs), columns=COLUMNS[:7]))
        assert (report["counts"], report["consents_ended"]) == ({"UNCHANGED": 2, "QUARANTINED": 0}, 0)
        empty = dict.fromkeys(("Statistics_Consent", "Consent_Date", "Consent_Wording", "Consent_Method"), "")
        place.upload(export(*(line(ref, **empty) for ref in refs)))
        assert {left_out(place, e) for e in known.values()} == {None}

    def test_empty_cells_leave_an_episode_as_it_is_recorded(self, place, counted):
        """Of somebody known they change nothing; of somebody new they are to be filled in."""
        ref, new = references(2)
        known = counted(ref)
        before = place.get(f"/v1/episodes/{known[ref]}").json
        empty = dict.fromkeys(("Gender", "Nationality", "Exploitation_Type", "Nation", "Referral_Date"), "")
        report = place.upload(export(line(ref, **empty), line(new, **empty)))
        assert report["counts"] == {"UNCHANGED": 1, "QUARANTINED": 1}
        assert place.get(f"/v1/episodes/{known[ref]}").json == before
        assert {code for row, code in listed(report) if row == 3} == {"missing"}

    @pytest.mark.parametrize("word", ["N/K", "not known", "nk"])
    def test_a_consent_that_is_not_known_is_no_answer(self, place, counted, word):
        """It ends no known yes and counts nobody: a new person's is unknown until somebody asks."""
        known, new = references(2)
        episode = counted(known)[known]
        report = place.upload(export(line(known, Statistics_Consent=word), line(new, Statistics_Consent=word)))
        assert report["consents_ended"] == 0
        assert left_out(place, episode) is None
        # Who is neither yes nor no has released nothing that could be counted.
        assert left_out(place, episodes_of(place, report)[3]) is not None

    def test_a_given_without_its_details_keeps_those_of_the_earlier_file(self, place, counted):
        """The same yes in a narrower layout is still the yes that it was."""
        (ref,) = references(1)
        known = counted(ref)
        columns = COLUMNS[:10]
        place.upload(export(line(ref, columns), columns=columns))
        assert left_out(place, known[ref]) is None


class TestReports:
    def test_counts_are_the_rows_that_are_listed_also_on_a_repeat(self, place):
        """Every row that was not taken stands in the list, and again when the same file comes again."""
        refs = references(6)
        rows = [
            line(refs[0]), line(refs[1], Gender="Q"), line(refs[2], Age_At_Referral=""), line(refs[3], Age_At_Referral="17"),
            line(refs[4]), line(refs[4], Notes="rang twice"), line("", Nation="Q"),
        ]  # fmt: skip
        content = export(*rows)
        first, again = place.upload(content), place.upload(content)
        assert first["counts"] == {"ACCEPTED": 2, "QUARANTINED": 2, "HELD": 1, "POSSIBLE_CHILD": 1, "DUPLICATE": 1}
        kept = {kind: count for kind, count in first["counts"].items() if kind != "ACCEPTED"}
        assert again["counts"] == {**kept, "UNCHANGED": 2}
        for report in (first, again):
            wanting = sum(report["counts"].get(kind, 0) for kind in ("QUARANTINED", "HELD", "POSSIBLE_CHILD"))
            assert len({row for row, _ in listed(report)}) == wanting == 4
            assert report["done"] == sum(report["counts"].values()) == len(rows)
