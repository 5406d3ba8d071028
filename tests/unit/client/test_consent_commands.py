"""The commands for consent: what each asks of the API, and what it shows."""

import json

import pytest
from typer.testing import CliRunner

from client import consents as commands
from client.main import app

ID, QUESTION = "3f1c0000-0000-4000-8000-000000000000", "4a1c0000-0000-4000-8000-000000000000"
ASKED = {
    "id": QUESTION, "party": "NAMED_AGENCY", "answer": None, "finding": None, "legal_reason": None, "late": True,
    "due_at": "2026-08-15T00:00:00Z",
}  # fmt: skip
ROW = {
    "id": ID, "purpose": "SHARE_WITH_NAMED_AGENCY", "status": "WITHDRAWN", "state": "OPEN",
    "effective_at": "2026-08-01T00:00:00Z", "questions": [ASKED, {**ASKED, "party": "case", "answer": "DONE"}],
}  # fmt: skip
TALK = {"id": ID, "purpose": "FUNDER_REPORTING", "why": "ENDS_SOON", "due_at": "2026-08-01T00:00:00Z", "until": None}
LINE = {"key": "cooling_off_hours", "nation": "ALL", "value": 24, "valid_from": "2026-01-01", "verify": True}
POLICY = {"version": 1, "items": [LINE]}
PURPOSE = {"code": "FUNDER_REPORTING", "recipients": ["FUNDER"], "basis": None}
BASIS = {
    "article6": "CONSENT_6_1_A", "article9": "NOTHING_SPECIAL", "controller": "Rowan", "contact": "Desk",
    "keeps_months": 12,
}  # fmt: skip
STATED = (
    "--article6", "CONSENT_6_1_A", "--article9", "NOTHING_SPECIAL", "--controller", "Rowan", "--contact", "Desk",
    "--keeps-months", "12",
)  # fmt: skip


class Api:
    """Stands for a host's API; keeps what it was told."""

    def __init__(self):
        self.told = []
        self.waiting = [ROW]
        self.talks = [TALK]

    def get(self, path):
        known = {
            "/v1/consent-purposes": {"items": [PURPOSE]},
            f"/v1/withdrawals/{ID}": ROW,
            "/v1/consent-policy": POLICY,
        }
        return known[path]

    def items(self, path):
        return {"/v1/withdrawals": self.waiting, "/v1/consents/to-talk-about": self.talks}[path]

    def post(self, path, body):
        self.told.append((path, body))
        return {"id": ID, "state": "PROVEN"}


@pytest.fixture
def api(monkeypatch):
    api = Api()
    monkeypatch.setattr(commands, "host_client", lambda tenant, role: api if role == "dpo" else None)
    return api


def run(*words):
    return CliRunner().invoke(app, ["consents", *words, "-t", "alder"])


@pytest.mark.parametrize(
    ("words", "shown"),
    [(("purposes",), "not stated"), (("withdrawals",), "(late)"), (("proof", ID), "OPEN"),
     (("talks",), "ENDS_SOON"), (("policy",), "not yet")],
)  # fmt: skip
def test_what_is_shown(api, words, shown):
    """In words, and as JSON for machines."""
    assert shown in run(*words).output
    assert json.loads(run(*words, "-o", "json").output)


def test_only_who_has_not_answered_is_waited_for(api):
    """And where nobody is left, it says so."""
    assert "case" not in run("withdrawals").output
    api.waiting = []
    assert "Everybody who was asked has answered" in run("withdrawals").output
    api.talks = []
    assert "nobody to talk with" in run("talks").output


@pytest.mark.parametrize(
    ("words", "path", "body"),
    [
        (("basis", "FUNDER_REPORTING", *STATED), "/v1/consent-purposes/FUNDER_REPORTING/basis", BASIS),
        (("answer", ID, QUESTION, "--done", "STOPPED"), f"/v1/withdrawals/{ID}/answers",
         {"question_id": QUESTION, "answer": "DONE", "finding": "STOPPED", "legal_reason": None}),
        (("answer", ID, QUESTION, "--refused", "COURT_ORDER"), f"/v1/withdrawals/{ID}/answers",
         {"question_id": QUESTION, "answer": "REFUSED", "finding": None, "legal_reason": "COURT_ORDER"}),
    ],
)  # fmt: skip
def test_what_is_told(api, words, path, body):
    """Exactly as the API takes it."""
    assert run(*words).exit_code == 0
    assert api.told == [(path, body)]


@pytest.mark.parametrize("both", [(), ("--done", "STOPPED", "--refused", "COURT_ORDER")])
def test_an_answer_is_one_of_two(api, both):
    """Nothing is told otherwise."""
    assert run("answer", ID, QUESTION, *both).exit_code != 0
    assert api.told == []
