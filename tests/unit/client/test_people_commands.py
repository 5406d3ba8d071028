"""What the commands for people ask of the API, and what they say."""

import pytest
from typer.testing import CliRunner

from client import main, people


class Administrator:
    """An administrator's client; keeps what was asked."""

    def __init__(self):
        self.asked = []

    def items(self, path):
        row = {
            "id": "u-1", "login": "kim@host.example", "memberships": [{"role": "IMSA", "organisation_id": "h"}],
            "proposed": None, "status": "ACTIVE", "last_signed_in_at": "2026-11-27T09:30:00Z",
        }  # fmt: skip
        return [row]

    def post(self, path, body=None, **more):
        self.asked.append((path, body))
        return {"id": "u-1", "version": 1}


@pytest.fixture
def administrator(monkeypatch):
    client = Administrator()
    monkeypatch.setattr(people, "administrator_of", lambda *_: client)
    return client


def test_sessions_are_ended_of_whom_one_names(administrator):
    """However the login is capitalised; the answer says what happens next."""
    done = CliRunner().invoke(main.app, ["people", "end-sessions", "Kim@Host.example", "--tenant", "h"])
    assert (done.exit_code, administrator.asked) == (0, [("/v1/users/u-1/end-sessions", {})])
    assert "within 15 minutes" in " ".join(done.output.split())


def test_nobody_s_sessions_are_ended_by_a_login_that_is_not_there(administrator):
    """And where to look is said."""
    done = CliRunner().invoke(main.app, ["people", "end-sessions", "lee@host.example", "--tenant", "h"])
    assert done.exit_code == 2
    assert administrator.asked == []
