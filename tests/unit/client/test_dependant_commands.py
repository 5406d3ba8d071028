"""The commands of the question whether children depend on somebody: what each asks, and that no answer is printed."""

import json

import pytest
from typer.testing import CliRunner

from client import casework_dependants
from client.main import app

ID = "3f1c0000-0000-4000-8000-000000000000"
NOW = {"answer": "YES_SPOKEN_WITH_LEAD", "ask_again_on": "2026-12-01"}


class Api:
    """Stands for a host's API."""

    def __init__(self):
        self.told = []
        self.row = {"now": NOW, "due": False, "answers": [NOW]}

    def get(self, path):
        assert path == f"/v1/survivors/{ID}/dependants"
        return self.row

    def post(self, path, body):
        self.told.append((path, body))
        return {"id": ID, "version": 1}


@pytest.fixture
def api(monkeypatch):
    made = Api()
    monkeypatch.setattr(casework_dependants, "host_client", lambda tenant, role: made if role == "advocate" else None)
    return made


def run(*arguments):
    result = CliRunner().invoke(app, ["casework", *arguments, "-t", "alder"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_it_is_asked_and_answered(api):
    """By a code and a day; what was answered stands only in JSON."""
    shown = run("dependants", ID)
    assert "Ask again by 2026-12-01." in shown
    assert "YES" not in shown
    assert json.loads(run("dependants", ID, "-o", "json")) == api.row
    api.row = {"now": None, "due": True, "answers": []}
    assert "It is time to ask." in run("dependants", ID)
    assert ID in run("answer-dependants", ID, "--answer", "NO", "--again", "2026-12-01")
    assert api.told == [(f"/v1/survivors/{ID}/dependants", {"answer": "NO", "ask_again_on": "2026-12-01"})]
