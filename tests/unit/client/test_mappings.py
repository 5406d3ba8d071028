"""``alongside import map``, ``template`` and ``profiles``: what they print at 80 columns, write and ask of the API."""

import json

import pytest
import typer
import yaml
from typer.testing import CliRunner

from client import mappings
from client.main import app
from services.case.imports.rules.profile import offered, parse_profile, shipped
from tests.kit.spreadsheets import xlsx

FILE = "Client No,Sex,Stats consent,Consent\nPLANTED-1,Female,No,x\nPLANTED-2,Femmale,Yes,x\n"


def run(*words):
    return CliRunner().invoke(app, ["import", *map(str, words)], terminal_width=80, env={"COLUMNS": "80"})


@pytest.fixture
def export(tmp_path):
    file = tmp_path / "export.csv"
    file.write_text(FILE)
    return file


def test_a_proposal_is_shown_at_80_columns_and_repeats_no_reference(export):
    """Columns, reasons, misspelt words, and what has to be answered."""
    done = run("map", export)
    assert done.exit_code == 0, done.output
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "PLANTED" not in done.output
    assert all(words in done.stdout for words in ("Client No", "100 %", "Femmale", "In which nation do you work?"))


def test_it_is_written_down_and_never_over_what_is_there(export, tmp_path):
    """As a profile that would be taken, readable by its owner alone."""
    out = tmp_path / "profile.yaml"
    assert run("map", export, "--out", out, "--name", "house", "--source", "casefile").exit_code == 0
    profile = parse_profile(out.read_text())
    assert (profile.id, profile.source, profile.rules["gender"].words) == ("house", "casefile", {"femmale": "FEMALE"})
    assert out.stat().st_mode & 0o777 == 0o600
    assert isinstance(run("map", export, "--out", out).exception, FileExistsError)


def test_json_holds_profile_questions_and_columns(export):
    """For machines."""
    said = json.loads(run("map", export, "-o", "json").stdout)
    assert yaml.safe_load(said["profile"])["columns"]["Client No"] == "reference"
    assert said["questions"]
    assert {column["column"] for column in said["columns"]} == {"Client No", "Sex", "Stats consent", "Consent"}


def test_a_spreadsheet_with_two_tables_is_asked_and_may_be_stated(tmp_path):
    """By the name of the sheet."""
    file = tmp_path / "export.xlsx"
    rows = [line.split(",") for line in FILE.splitlines()]
    file.write_bytes(xlsx({"Q3": rows, "Q4": rows}))
    assert "State the sheet" in str(run("map", file).exception)
    assert run("map", file, "--sheet", "Q4").exit_code == 0


@pytest.mark.parametrize(("name", "begins"), [("t.csv", b"\xef\xbb\xbfClient Ref"), ("t.xlsx", b"PK")])
def test_the_template_is_written(tmp_path, name, begins):
    """As CSV or XLSX, by the name's end."""
    assert run("template", "--out", tmp_path / name).exit_code == 0
    assert (tmp_path / name).read_bytes().startswith(begins)
    assert run("template", "--out", tmp_path / "t.pdf").exit_code == 2


def test_shipped_profiles_are_listed_and_printed_to_be_changed(tmp_path):
    """Each of them, whole."""
    assert all(name in run("profiles", "shipped", "-o", "json").stdout for name in offered())
    assert parse_profile(run("profiles", "shipped", "charitylog_referrals").stdout) == shipped()["charitylog_referrals"]
    assert "There is no such profile" in str(run("profiles", "shipped", "nonsense").exception)


class Lead:
    """Answers as the API does, and notes what it was asked."""

    def __init__(self):
        self.asked = []

    def get(self, path):
        if path.endswith("/m-1"):
            return {"id": "m-1", "name": "house", "number": 3, "version": 2, "text": "format: 1\n"}
        raise AssertionError(path)

    def items(self, path):
        row = {"name": "house", "number": 1, "source": "casefile", "kind": "csv", "state": "APPROVED"}
        return [{"id": f"{path}-1", **row}, {"id": f"{path}-2", **row}]

    def post(self, path, body=None, *, version=None):
        self.asked.append((path, body, version))
        return {"id": "m-1", "version": 1}


@pytest.fixture
def lead(monkeypatch):
    one = Lead()
    monkeypatch.setattr(mappings, "host_client", lambda *_: one)
    return one


def test_a_mapping_is_proposed_and_what_was_read_is_approved(lead, tmp_path):
    """With the version and the number that were looked at; a profile that would be refused is not sent."""
    file = tmp_path / "profile.yaml"
    file.write_text("format: 1\nid: house\nsource: casefile\ncolumns:\n  Ref: reference\n")
    assert run("profiles", "propose", file, "-t", "grove").exit_code == 0
    assert run("profiles", "approve", "m-1", "-t", "grove").exit_code == 0
    assert run("profiles", "retire", "m-1", "-t", "grove").exit_code == 0
    assert lead.asked == [
        ("/v1/import-profiles", {"text": file.read_text()}, None),
        ("/v1/import-profiles/m-1/approve", {"number": 3}, 2),
        ("/v1/import-profiles/m-1/retire", None, 2),
    ]
    file.write_text("format: 1\nid: house\ncolumns:\n  Ref: nonsense\n")
    assert "Line 4" in str(run("profiles", "propose", file, "-t", "grove").exception)
    assert len(lead.asked) == 3


@pytest.mark.usefixtures("lead")
def test_every_page_of_a_hosts_profiles_is_listed():
    """However many there are."""
    assert [row["id"] for row in json.loads(run("profiles", "list", "-t", "grove", "-o", "json").stdout)] == [
        "/v1/import-profiles-1",
        "/v1/import-profiles-2",
    ]
    assert run("profiles", "show", "m-1", "-t", "grove").stdout == "format: 1\n"


def test_a_file_by_itself_is_imported(monkeypatch, export):
    """``alongside import FILE`` means what it always meant; options may stand before the file."""
    asked = []

    class Dpo:
        def upload(self, path, content, **parameters):
            asked.append((path, content, parameters))
            raise typer.Exit(5)

    monkeypatch.setattr("client.importing.host_client", lambda *_: Dpo())
    for words in ([export, "-t", "grove"], ["-t", "grove", export]):
        assert run(*words).exit_code == 5
    assert asked == [("/v1/imports", export, {})] * 2
