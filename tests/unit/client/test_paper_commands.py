"""The commands of papers: what each asks of the API, and as whom."""

import pytest
from typer.testing import CliRunner

from client import papers
from client.main import app

ID = "3f1c0000-0000-4000-8000-000000000000"
LEFT_OUT = "/v1/audit/withholdings"
MADE = {
    "title": "T", "intro": "I", "nobody": None, "also": [], "notes": ["N"],
    "lines": [{"when": "w", "who": "x", "organisation": "o", "what": "They read it.", "times": "once"}],
}  # fmt: skip
ASKED = [
    (f"make {ID} --in-private --safe", "dpo", "/v1/audit/papers",
     {"survivor_id": ID, "in_private": True, "safe": True, "language": "en", "nameless": False}),
    (f"make {ID} --nameless --language pl", "dpo", "/v1/audit/papers",
     {"survivor_id": ID, "in_private": False, "safe": False, "language": "pl", "nameless": True}),
    ("leave-out --entry E --entry F --reason INVESTIGATION --until 2026-11-30", "dpo", LEFT_OUT,
     {"entry_ids": ["E", "F"], "reason": "INVESTIGATION", "until": "2026-11-30T00:00:00+00:00"}),
    (f"agree {ID}", "supervisor", f"{LEFT_OUT}/{ID}/agree", {}),
    (f"show-again {ID}", "dpo", f"{LEFT_OUT}/{ID}/end", {}),
    ("names --shown", "dpo", "/v1/audit/papers/policy", {"names_shown": True}),
]  # fmt: skip


class Api:
    """Stands for a host's API; keeps what it was told."""

    def __init__(self):
        self.told = []
        self.role = None

    def items(self, path):
        return [{"id": ID, "version": 7, "reason": "INVESTIGATION", "state": "WAITING", "until": "x"}]

    def post(self, path, body, *, version=None):
        self.told.append((self.role, path, body, version))
        return MADE


@pytest.fixture
def api(monkeypatch):
    made = Api()

    def client(tenant, role):
        made.role = role
        return made

    monkeypatch.setattr(papers, "host_client", client)
    return made


@pytest.mark.parametrize(("typed", "role", "path", "body"), ASKED)
def test_a_command_asks_what_it_says(api, typed, role, path, body):
    """At the version that was read, where something is changed."""
    answer = CliRunner().invoke(app, ["papers", *typed.split(), "-t", "alder"])
    assert answer.exit_code == 0, answer.output
    assert api.told == [(role, path, body, 7 if path.endswith(("/agree", "/end")) else None)]


def test_what_is_not_on_the_list_is_said(api):
    """Nothing is sent."""
    answer = CliRunner().invoke(app, ["papers", "agree", "other", "-t", "alder"])
    assert isinstance(answer.exception, papers.NotLeftOutError)
    assert api.told == []


def test_the_list_shows_states(api):
    """And a paper its sentences."""
    assert "WAITING" in CliRunner().invoke(app, ["papers", "left-out", "-t", "alder"]).output
    assert "They read it." in CliRunner().invoke(app, ["papers", "make", ID, "-t", "alder"]).output
