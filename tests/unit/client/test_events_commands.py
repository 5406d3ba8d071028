"""The commands for events: what each asks of the API, and what it shows."""

import json

import pytest
from typer.testing import CliRunner

from client import events as commands
from client.main import app

ANSWERS = {
    "/v1/event-types": {"items": [{"type": "t", "meaning": "m", "fields": ["a", "b"], "since": "0.2"}]},
    "/v1/event-consumers": {
        "items": [{"name": "crm", "position": 3, "head": 5, "lag": 2, "too_old": False, "acknowledged_at": None}]
    },
    "/v1/machine-keys": {"id": "i", "client_id": "as_1", "client_secret": "as_secret_1"},
    "/v1/event-consumers/crm/seek": {"id": "crm", "position": 2},
}


class Api:
    """Stands for a host's API; keeps what it was asked."""

    def __init__(self):
        self.asked = []

    def get(self, path):
        self.asked.append(path)
        return ANSWERS[path]

    def post(self, path, body):
        self.asked.append((path, body))
        return ANSWERS[path]


@pytest.fixture
def run(monkeypatch):
    api = Api()
    monkeypatch.setattr(commands, "administrator_of", lambda tenant, by: api)

    def run(*words):
        done = CliRunner().invoke(app, ["events", *words, "-t", "alder"])
        return done, api.asked

    return run


@pytest.mark.parametrize(("word", "key"), [("catalogue", "items"), ("consumers", "items"), ("key", "client_secret")])
def test_each_answers_people_and_programs(run, word, key):
    """A table or words, and with -o json what the API said."""
    text, _ = run(word)
    assert text.exit_code == 0
    said, _ = run(word, "-o", "json")
    assert key in json.loads(said.stdout)


def test_a_type_can_be_copied_from_a_narrow_terminal(run, monkeypatch):
    """It stands whole on its line, however long it is."""
    long = "alongside." + "consent.statement_about_an_episode" * 4
    entry = {"type": long, "meaning": "m", "fields": ["a"], "since": "0.2"}
    monkeypatch.setitem(ANSWERS, "/v1/event-types", {"items": [entry]})
    monkeypatch.setenv("COLUMNS", "40")
    assert long in run("catalogue")[0].stdout.splitlines()


def test_a_key_may_read_events_and_nothing_else(run):
    """And its secret is shown."""
    done, asked = run("key")
    assert asked == [("/v1/machine-keys", {"scopes": ["events:read"]})]
    assert "as_secret_1" in done.stdout


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (("--position", "2"), {"position": 2}),
        (("--position", "0"), {"position": 0}),
        (("--at", "2026-11-27T12:00:00"), {"at": "2026-11-27T12:00:00Z"}),
    ],
)
def test_seek_goes_to_a_position_or_an_instant(run, words, body):
    """As it is said, in UTC."""
    done, asked = run("seek", "crm", *words)
    assert (done.exit_code, asked) == (0, [("/v1/event-consumers/crm/seek", body)])


@pytest.mark.parametrize("words", [(), ("--position", "1", "--at", "2026-11-27")])
def test_seek_needs_one_place(run, words):
    """Neither or both is a slip: exit code 2, and nothing is asked."""
    done, asked = run("seek", "crm", *words)
    assert (done.exit_code, asked) == (2, [])
