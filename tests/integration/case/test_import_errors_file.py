"""The rows to mend as a file: only they, for the data lead alone, and mended it is imported by itself."""

import csv
import io
import json

import pytest

from services.case.imports.errors_file import accepted
from services.case.imports.rules.mended import ROW_COLUMN
from services.case.imports.rules.reading import read_sheet
from shared.kernel.ids import new_id
from tests.kit.import_files import COLUMNS, episodes_of, export, line, references

pytestmark = pytest.mark.integration


@pytest.fixture
def planned(several_systems):
    """A planned file of a good row, two to mend, and one that a spreadsheet would run."""
    refs = references(4)
    several_systems.upload(export(line(refs[0])), query="?source=errors-file")
    rows = (
        line(refs[0]), line(refs[1], Gender="Q", Nation="Mercia"), line(refs[2], Age_At_Referral="?"),
        line(refs[3], Advocacy_Need="=1+1"),
    )  # fmt: skip
    return refs, several_systems.plan(export(*rows), query="?source=errors-file")


def read(answer):
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_it_holds_the_rows_to_mend_and_what_to_do(several_systems, planned):
    """Row, the file's own column names, codes, and words that are accepted; nothing that runs; never stored on the way."""
    refs, plan = planned
    answer = several_systems.get(f"/v1/imports/{plan['id']}/errors.csv", "HOST_DATA_LEAD")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.headers["Cache-Control"] == "no-store"
    rows = read(answer)
    assert [row["Client Ref"] for row in rows] == refs[1:]
    assert [row["Alongside: row"] for row in rows] == ["3", "4", "5"]
    first = rows[0]
    assert (first["Gender"], first["Alongside: column"], first["Alongside: code"]) == (
        "Q", "Gender; Nation", "unknown-code; unknown-code",
    )  # fmt: skip
    assert "Correct it" in first["Alongside: how to mend it"]
    assert accepted("gender") in first["Alongside: accepted words"]
    assert rows[2]["Advocacy Need"] == "'=1+1"
    assert "Notes" not in first
    assert list(first)[-1] == "Alongside: mapping standard"
    assert set(COLUMNS) - {"Notes"} <= set(first)


def test_mended_it_is_imported_by_itself(several_systems, planned):
    """The same columns and three more: its rows are taken, and nobody who is not in it is taken for gone."""
    _, plan = planned
    answer = several_systems.get(f"/v1/imports/{plan['id']}/errors.csv", "HOST_DATA_LEAD")
    rows = read(answer)
    mended = [
        {**row, "Gender": "Female", "Nation": "England", "Age At Referral": "34", "Advocacy Need": ""} for row in rows
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(mended[0]))
    writer.writeheader()
    writer.writerows(mended)
    again = several_systems.plan(text.getvalue().encode(), query="?source=errors-file")
    assert (again["plan_counts"], again["is_part"]) == ({"CREATE": 3}, True)
    told = several_systems.get(f"/v1/imports/{again['id']}/plan", "HOST_DPO").json
    assert told["absent_count"] is None
    report = several_systems.commit(again)
    assert len(episodes_of(several_systems, report)) == 3


def test_it_is_the_data_leads_alone_and_audited(several_systems, planned):
    """Nobody else, whatever else they may; each reading is audited before the file leaves."""
    _, plan = planned
    path = f"/v1/imports/{plan['id']}/errors.csv"
    for role in ("HOST_DPO", "HOST_ADMIN", "SUPERVISOR", "IMSA"):
        assert several_systems.get(path, role).status_code == 404
    before = len(several_systems.audited(action="case:import_errors:read", outcome="ALLOWED"))
    several_systems.get(path, "HOST_DATA_LEAD")
    assert len(several_systems.audited(action="case:import_errors:read", outcome="ALLOWED")) == before + 1


def test_it_outlives_the_commit(several_systems, planned):
    """The rows that were set aside can still be mended; the rest of the file is gone."""
    refs, plan = planned
    several_systems.commit(plan)
    rows = read(several_systems.get(f"/v1/imports/{plan['id']}/errors.csv", "HOST_DATA_LEAD"))
    assert [row["Client Ref"] for row in rows] == refs[1:]


SALESFORCE = (
    "Contact ID", "Birthdate", "Gender", "Country of Nationality", "Exploitation Type(s)", "Program Engagement: Start Date",
    "Primary Need", "Consent to share stats", "Stage", "Nation",
)  # fmt: skip
HOUSE = ("No.", "Start", "Born", "Sex", "From", "Kind", "Stats OK", "Taken back on", "Private notes")


def table(columns, *rows):
    text = io.StringIO()
    csv.writer(text).writerows([columns, *rows])
    return text.getvalue().encode()


def mended(rows, **changes):
    """The file again, as a spreadsheet saves it, with these cells of its first row changed."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows([{**rows[0], **changes}, *rows[1:]])
    return text.getvalue().encode()


def errors_of(place, plan):
    return read(place.get(f"/v1/imports/{plan['id']}/errors.csv", "HOST_DATA_LEAD"))


def house(place, name):
    """A host's own mapping, approved for exactly its header."""
    sheet = read_sheet(table(HOUSE), None)
    text = (
        f"format: 1\nid: {name}\nsource: errors-house\nfingerprint: {sheet.fingerprint}\nconstants: {{nation: WALES}}\n"
        "not_known: [Unbekannt]\ncolumns:\n  No.: reference\n  Start: {field: referral_date, order: month-first}\n"
        "  Born: date_of_birth\n  Sex: {field: gender, words: {Frau: FEMALE}}\n  From: nationality\n"
        '  Kind: {field: exploitation, separator: "+"}\n  Stats OK: consent\n  Taken back on: consent_withdrawn\n'
        "drop: [Private notes]\n"
    )
    made = place.post("/v1/import-profiles", {"text": text}, "HOST_DATA_LEAD")
    assert made.status_code == 201, made.json
    return place.post(f"/v1/import-profiles/{made.json['id']}/approve", {}, "HOST_ADMIN", **{"If-Match": '"1"'}), made


def test_under_a_shipped_mapping_it_holds_the_systems_own_cells_and_comes_back_alone(several_systems):
    """Salesforce: its column names, its words and its separator; no birth date; mended, the row is taken."""
    refs = references(2)
    rows = [
        [one, "05/10/1990", "Female", "Albanian", "Labour; Sexual", "02/10/2026", "Housing", "", "x", "England"]
        for one in refs
    ]
    rows[1][2] = "Planted"
    plan = several_systems.plan(
        table(SALESFORCE, *rows), query="?source=errors-file&profile=salesforce_npsp_report&is_part=true"
    )
    found = errors_of(several_systems, plan)
    told = several_systems.get(f"/v1/imports/{plan['id']}/plan", "HOST_DPO").json
    assert [one["Contact ID"] for one in found] == refs, told
    assert found[1]["Exploitation Type(s)"] == "Labour; Sexual"
    assert found[1]["Program Engagement: Start Date"] == "02/10/2026"
    assert found[1]["Birthdate"] == "ADULT_18_OVER"
    assert "1990" not in json.dumps(found)
    assert not {"Stage", "Nation", "nation", "reference"} & set(found[0])


def test_under_a_hosts_mapping_it_holds_her_cells_and_is_read_by_it_again(several_systems):
    """Her words, not our codes; without a name or a system's header it is read by her mapping; mended, it is taken."""
    name = f"house-{new_id()[:8]}"
    approved, _ = house(several_systems, name)
    assert approved.status_code == 200, approved.json
    ref, good = references(2)
    rows = [
        [ref, "10/02/2026", "5 October 1990", "Frau", "Atlantis", "Labour+Sexual", "Nein", "", "secret"],
        [good, "10/02/2026", "5 October 1990", "Frau", "Albanian", "Labour", "", "", "secret"],
    ]
    plan = several_systems.plan(table(HOUSE, *rows), query="?source=errors-house&is_part=true")
    assert plan["plan_counts"] == {"CREATE": 1, "REFUSED": 1}, plan
    (found,) = errors_of(several_systems, plan)
    assert {column: found[column] for column in HOUSE[:8]} == dict(
        zip(
            HOUSE[:8],
            [ref, "10/02/2026", "ADULT_18_OVER", "Frau", "Atlantis", "Labour+Sexual", "Nein", ""],
            strict=True,
        )
    )
    assert (found["Alongside: column"], found["Alongside: code"]) == (
        "No.; From",
        "no-unmatched; unknown-code",
    )
    again = several_systems.plan(mended([found], From="Albanian"), query="?source=errors-house")
    assert (again["profile"], again["is_part"], again["plan_counts"]) == (name, True, {"CREATE": 1}), again
    assert ROW_COLUMN in again["dropped_columns"]
    named = several_systems.plan(mended([found], From="Albanian"), query=f"?source=errors-house&profile={name}")
    assert named["plan_counts"] == {"CREATE": 1}
    report = several_systems.commit(again)
    (episode,) = episodes_of(several_systems, report).values()
    kept = several_systems.database("case")["episodes"].find_one({"_id": episode})
    assert kept["nation"] == "WALES"

    for changed, words in (
        ({**found, "Stats": "Yes"}, "new: column"),
        ({column: cell for column, cell in found.items() if column != "Stats OK"}, "Stats OK"),
    ):
        refused = several_systems.plan(mended([changed]), query="?source=errors-house")
        assert (refused["state"], words in refused["why"]) == ("REFUSED", True), refused


def test_a_day_that_could_be_two_stays_a_question(several_systems):
    """Alone, the row does not show that others have the month first; unmended, nothing of it is taken."""
    refs = references(2)
    rows = (line(refs[0], Referral_Date="10/25/2026"), line(refs[1], Referral_Date="03/04/2026"))
    plan = several_systems.plan(export(*rows), query="?source=errors-file&is_part=true")
    found = [one for one in errors_of(several_systems, plan) if one["Client Ref"] == refs[1]]
    assert found[0]["Alongside: code"] == "ambiguous-date; ambiguous-date"
    again = several_systems.plan(mended(found), query="?source=errors-file")
    assert again["plan_counts"] == {"REFUSED": 1}
    right = several_systems.plan(
        mended(found, **{"Referral Date": "2026-04-03", "Consent Date": ""}), query="?source=errors-file"
    )
    assert right["plan_counts"] == {"CREATE": 1}


def test_a_birth_date_in_a_wrong_column_of_a_broken_row_is_not_given_out(several_systems):
    """Its cells stand one aside."""
    (ref,) = references(1)
    content = table(
        SALESFORCE, [ref, "x", "05/10/1990", "Female", "Albanian", "Labour", "02/10/2026", "", "", "", "", ""]
    )
    plan = several_systems.plan(content, query="?source=errors-file&profile=salesforce_npsp_report&is_part=true")
    (found,) = errors_of(several_systems, plan)
    assert (found["Contact ID"], found["Gender"]) == (ref, "")
    assert "1990" not in json.dumps(found)


def test_rows_of_a_mapping_that_is_approved_no_more_are_asked_about(several_systems):
    """Never read by another one."""
    name = f"house-{new_id()[:8]}"
    _, made = house(several_systems, name)
    row = [references(1)[0], "10/02/2026", "5 October 1990", "Frau", "Atlantis", "Labour", "Nein", "", ""]
    plan = several_systems.plan(table(HOUSE, row), query="?source=errors-house&is_part=true")
    found = errors_of(several_systems, plan)
    retired = several_systems.post(
        f"/v1/import-profiles/{made.json['id']}/retire", {}, "HOST_ADMIN", **{"If-Match": '"2"'}
    )
    assert retired.status_code == 200
    again = several_systems.plan(mended(found), query="?source=errors-house")
    assert (again["state"], "approved no more" in again["why"]) == ("REFUSED", True), again
