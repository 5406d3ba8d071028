"""The rows to mend as a file: only they, for the data lead alone, and mended it is imported by itself."""

import csv
import io

import pytest

from services.case.imports.errors_file import accepted
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
