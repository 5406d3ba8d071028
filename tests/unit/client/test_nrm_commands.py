"""The commands of the NRM: what each asks of the API, and that nothing of a person stands on a command line."""

import json

import pytest
from rich.console import Console
from typer.testing import CliRunner

from client import casework_nrm
from client import shown as shown_by_client
from client.main import app

PERSON, ENTRY = "3f1c0000-0000-4000-8000-000000000000", "4a1c0000-0000-4000-8000-000000000000"
PATH = f"/v1/survivors/{PERSON}/nrm"
ROW = {
    "id": ENTRY, "stage": "RG_NEGATIVE", "on": "2026-10-12", "told_on": None, "told_by": None, "note": "Planted",
    "corrects": None, "corrected_by": None, "taken_back": False,
}  # fmt: skip
TIME = {"entry_id": ENTRY, "kind": "RECONSIDERATION", "due_on": "2026-11-11", "latest": "2026-11-11", "overdue": True,
        "source": "Guidance"}  # fmt: skip


class Api:
    """Stands for a host's API; keeps what it was told."""

    def __init__(self):
        self.told, self.rows, self.times = [], [ROW], [TIME]

    def items(self, path):
        assert path == PATH
        return self.rows

    def get(self, path):
        assert path == f"{PATH}/deadlines"
        return {"items": self.times}

    def post(self, path, body):
        self.told.append((path.removeprefix(PATH), body))
        return {"id": ENTRY, "version": 1}


@pytest.fixture
def api(monkeypatch):
    api = Api()
    monkeypatch.setattr(casework_nrm, "host_client", lambda tenant, role: api if role == "advocate" else None)
    monkeypatch.setattr(shown_by_client, "out", Console(width=300, highlight=False))
    monkeypatch.setattr(casework_nrm, "out", shown_by_client.out)
    return api


def run(*words, **options):
    return CliRunner().invoke(app, ["casework", *words, "-t", "alder"], **options)


@pytest.mark.parametrize(
    ("changes", "state"),
    [({}, "RG_NEGATIVE"), ({"corrects": PERSON}, "corrects"), ({"corrected_by": PERSON}, "taken back"),
     ({"taken_back": True, "corrects": PERSON}, "takes back")],
)  # fmt: skip
def test_a_list_shows_what_stands_and_no_note(api, changes, state):
    """The note only where a machine asks for it."""
    api.rows = [{**ROW, **changes}]
    shown = run("nrm", PERSON).output
    assert state in shown
    assert "Planted" not in shown
    assert json.loads(run("nrm", PERSON, "-o", "json").output)["items"][0]["note"] == "Planted"


def test_of_nothing_it_says_so(api):
    """In words."""
    api.rows = api.times = []
    assert "Nothing is written down" in run("nrm", PERSON).output
    assert "No time runs" in run("nrm-deadlines", PERSON).output


def test_each_command_asks_its_route(api):
    """What is known comes from standard input."""
    said = json.dumps({"stage": "RG_NEGATIVE", "on": "2026-10-12"})
    for words in (
        ("record-nrm", PERSON, "--words", "-"),
        ("correct-nrm", PERSON, ENTRY, "--why", "WRITTEN_WRONGLY", "--clear", "note", "--words", "-"),
        ("take-nrm-back", PERSON, ENTRY, "--why", "ANOTHER_PERSON"),
        ("plan-nrm", PERSON, ENTRY, "--kind", "RECONSIDERATION"),
    ):
        assert run(*words, input=said).exit_code == 0
    known = json.loads(said)
    assert api.told == [
        ("", known),
        (f"/{ENTRY}/corrections", {"why": "WRITTEN_WRONGLY", "clear": ["note"], **known}),
        (f"/{ENTRY}/take-back", {"why": "ANOTHER_PERSON"}),
        (f"/{ENTRY}/plan", {"kind": "RECONSIDERATION"}),
    ]


def test_by_when_is_shown_with_its_source(api):
    """And where no day is known, the last one that it could be."""
    shown = run("nrm-deadlines", PERSON).output
    assert all(word in shown for word in ("2026-11-11", "over", "Guidance"))
    api.times = [{**TIME, "due_on": None}]
    assert "not known, 2026-11-11 at the latest" in run("nrm-deadlines", PERSON).output
    assert json.loads(run("nrm-deadlines", PERSON, "-o", "json").output)["items"][0]["due_on"] is None


def test_a_field_that_there_is_not_is_refused_before_anything_is_asked(api):
    """With the names of those that there are."""
    told = run("record-nrm", PERSON, "--words", "-", input='{"outcome": "POSITIVE"}')
    assert told.exit_code == 2
    assert "told_by" in told.output
    assert api.told == []
