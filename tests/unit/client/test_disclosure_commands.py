"""The commands of disclosures: what each asks of the API, as whom, and that no name stands on a command line."""

import json

import pytest
from typer.testing import CliRunner

from client import disclosures
from client.main import app

SURVIVOR, ID = "3f1c0000-0000-4000-8000-000000000000", "4a1c0000-0000-4000-8000-000000000000"
PATH = f"/v1/survivors/{SURVIVOR}/disclosures"
SAID = {"purpose": "NRM_REFERRAL", "recipient": "Planted", "items": [{"data_class": "NRM", "words": "x"}]}
ROW = {
    "id": ID, "purpose": "NRM_REFERRAL", "recipient_class": "FIRST_RESPONDER", "state": "GIVEN", "lasts": False,
    "until": None, "reason": None, "given_at": "x", "tell": "TO_TELL", "recipient": "Planted",
}  # fmt: skip


class Api:
    """Stands for a host's API; keeps what it was asked, and as whom."""

    def __init__(self):
        self.asked, self.role = [], None

    def items(self, path, **filters):
        self.asked.append((self.role, path, filters))
        return [ROW]

    def get(self, path):
        self.asked.append((self.role, path))
        return {"items": [ROW]}

    def post(self, path, body):
        self.asked.append((self.role, path, body))
        return {"id": ID, "version": 1}


@pytest.fixture
def api(monkeypatch):
    made = Api()

    def client(tenant, role):
        made.role = role
        return made

    monkeypatch.setattr(disclosures, "host_client", client)
    return made


def run(*typed, **options):
    answer = CliRunner().invoke(app, ["disclosures", *typed, "-t", "alder"], **options)
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_what_would_be_given_comes_from_a_file(api):
    """Or from standard input; what else stands in it is refused."""
    assert "Give nothing before" in run("ask", SURVIVOR, "--words", "-", input=json.dumps(SAID))
    assert api.asked == [("advocate", PATH, SAID)]
    answer = CliRunner().invoke(
        app, ["disclosures", "ask", SURVIVOR, "--words", "-", "-t", "alder"], input='{"until": "2030"}'
    )
    assert answer.exit_code == 2


def test_each_step_is_one_request(api):
    """As the person's advocate."""
    run("again", SURVIVOR, ID)
    run("give", SURVIVOR, ID)
    run("told", SURVIVOR, ID, "--answer", "DELETED")
    assert api.asked == [
        ("advocate", f"{PATH}/{ID}/ask-again", {}),
        ("advocate", f"{PATH}/{ID}/give", {}),
        ("advocate", f"{PATH}/{ID}/told", {"answer": "DELETED"}),
    ]


def test_no_list_shows_a_name(api):
    """One person's, and everybody's as the officer."""
    assert "Planted" not in run("of", SURVIVOR)
    assert "Planted" not in run("list", "--tell")
    run("list")
    assert api.asked == [
        ("advocate", PATH), ("dpo", "/v1/disclosures", {"tell": "TO_TELL"}), ("dpo", "/v1/disclosures", {}),
    ]  # fmt: skip
