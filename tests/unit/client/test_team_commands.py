"""The commands of a supervisor's team: what each asks of the API, and that a long caseload is asked for to its end."""

import json

import pytest
from rich.console import Console
from typer.testing import CliRunner

from client import shown as shown_by_client
from client import team as commands
from client.main import app

ANN, BEN, IDA, MOVE = (f"3f1c0000-0000-4000-8000-00000000000{n}" for n in range(4))
TEAM = {
    "limit": 20, "at_least": False,
    "items": [{"advocate_id": ANN, "is_active": False, "supported": 3, "waiting": 1, "overdue": 2, "questions": 1, "fullness": "ROOM"}],
    "covers": [{"id": MOVE, "to_id": BEN, "from_id": ANN, "first_on": "2026-12-01", "last_on": "2026-12-09"}],
}  # fmt: skip


class Api:
    """Stands for a host's API; keeps what it was told."""

    def __init__(self):
        self.told, self.parts = [], 1

    def get(self, path):
        return TEAM if path == "/v1/caseload" else {"results": [{"survivor_id": IDA, "result": "NOT_THEIRS"}]}

    def post(self, path, body):
        self.told.append((path, body))
        self.parts -= 1
        return {"id": MOVE, "version": 1, "moved": 2, "left": 1, "more": self.parts > 0}


@pytest.fixture
def api(monkeypatch):
    api = Api()
    monkeypatch.setattr(commands, "host_client", lambda tenant, role: api if role == "supervisor" else None)
    for module in (commands, shown_by_client):
        monkeypatch.setattr(module, "out", Console(width=300, highlight=False))
    return api


def run(*words):
    shown = CliRunner().invoke(app, ["team", *words, "-t", "alder"])
    assert shown.exit_code == 0, shown.output
    return shown.output


@pytest.mark.parametrize(
    ("said", "path", "body"),
    [(("give", "--survivor", IDA), "/v1/caseload/give", {"survivor_ids": [IDA]}),
     (("cover", "--first", "2026-12-01", "--last", "2026-12-09"), "/v1/caseload/cover",
      {"survivor_ids": None, "first_on": "2026-12-01", "last_on": "2026-12-09"})],
)  # fmt: skip
def test_people_are_named_or_everybody_is_meant(api, said, path, body):
    """For good, or for an absence with its days."""
    told = run(*said, "--from", ANN, "--to", BEN)
    assert api.told == [(path, {"from_id": ANN, "to_id": BEN, **body})]
    assert f"Done for 2: {MOVE}. For 1 it was not." in told


def test_a_long_caseload_is_asked_for_to_its_end(api):
    """A part at a time; and a machine reads each."""
    api.parts = 3
    told = json.loads(run("give", "--from", ANN, "--to", BEN, "-o", "json"))
    assert len(api.told) == len(told["items"]) == 3


def test_the_team_is_shown_with_its_limit_and_covers(api):
    """In a table."""
    shown = run("show")
    assert "The limit is 20 people." in shown
    assert all(words in shown for words in (ANN, BEN, "ROOM", "no advocate any more", "2026-12-09"))
    assert "NOT_THEIRS" in run("result", MOVE)


def test_a_limit_is_stated_and_a_cover_ended(api):
    """Without a number there is none."""
    run("limit", "25")
    run("limit")
    run("end-cover", MOVE)
    assert api.told == [
        ("/v1/caseload/limit", {"people": 25}), ("/v1/caseload/limit", {"people": None}),
        (f"/v1/caseload/moves/{MOVE}/end", {}),
    ]  # fmt: skip
