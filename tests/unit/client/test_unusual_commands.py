"""The commands of unusual access: what each asks of the API, and as whom."""

import pytest
from typer.testing import CliRunner

from client import unusual
from client.main import app

ID = "3f1c0000-0000-4000-8000-000000000000"
ROW = {
    "id": ID, "version": 7, "rule": "GUESSING", "actor_id": "a", "role": "IMSA", "times": 9, "odd_hours": 0,
    "first_at": "x", "last_at": "y",
}  # fmt: skip
LOOKING = {
    "log_size": 12, "people": 40, "people_an_hour": 12, "people_a_day": 25,
    "passes": [{"id": "now", "next": 12, "looked_at": "z", "not_known": 0, "not_understood": 0}],
}  # fmt: skip


class Api:
    """Stands for a host's API; keeps what it was asked."""

    def __init__(self):
        self.asked = []
        self.role = None
        self.rows = [ROW]

    def items(self, path, **filters):
        self.asked.append((self.role, path, filters))
        return self.rows

    def get(self, path):
        return LOOKING if path.endswith("/looking") else ROW

    def post(self, path, body, *, version=None):
        self.asked.append((self.role, path, body, version))
        return {"id": ID, "version": 8}


@pytest.fixture
def api(monkeypatch):
    made = Api()

    def client(tenant, role):
        made.role = role
        return made

    monkeypatch.setattr(unusual, "host_client", client)
    return made


def run(*typed):
    answer = CliRunner().invoke(app, ["unusual", *typed, "-t", "alder"])
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_the_list_is_what_is_open_or_what_was_closed(api):
    """As the data protection officer, or whom --by says."""
    assert "GUESSING" in run("list")
    run("list", "--closed", "--by", "admin")
    assert api.asked == [
        ("dpo", "/v1/audit/unusual", {"state": "OPEN"}),
        ("admin", "/v1/audit/unusual", {"state": "CLOSED"}),
    ]


def test_an_empty_list_leads_to_when_it_was_looked(api):
    """Silence is not health."""
    api.rows = []
    assert "unusual looking" in run("list")
    said = run("looking")
    assert "12" in said
    assert "25 in a day" in " ".join(said.split())


def test_closing_names_the_version_that_was_read(api):
    """So that what grew meanwhile is not closed unseen."""
    assert "closed" in run("close", ID, "--reason", "MISTAKE", "--words", "We talked.")
    assert api.asked == [
        ("dpo", f"/v1/audit/unusual/{ID}/close", {"reason": "MISTAKE", "words": "We talked."}, 7),
    ]
