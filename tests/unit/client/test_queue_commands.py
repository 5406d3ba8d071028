"""The commands for event queues: in which order API and broker are asked, and what is shown."""

import json

import pytest
from typer.testing import CliRunner

from client import queues as commands
from client.main import app
from deploy.provision.queues import Credential

QUEUE, ORPHAN = "3f1c0000-0000-4000-8000-000000000000", "4a1c0000-0000-4000-8000-000000000000"


class Both:
    """Stands for a host's API and for its broker; keeps what was asked, in order."""

    def __init__(self):
        self.asked = []

    def get(self, path):
        return {"items": [{"id": QUEUE, "waits_for": "NOT_MADE", "lag": 2, "skipped": 0}]}

    def post(self, path, body):
        self.asked.append((path, body))
        return {"id": QUEUE, "version": 1}

    def there(self):
        return [ORPHAN]

    def make(self, queue_id):
        self.asked.append(("make", queue_id))
        return Credential(url="amqp://user:shown-once@host/vhost", queue=f"its-{queue_id}")

    def remove(self, queue_id):
        self.asked.append(("remove", queue_id))

    def close(self):
        self.asked.append(("close", None))


@pytest.fixture
def run(monkeypatch):
    both = Both()
    monkeypatch.setattr(commands, "administrator_of", lambda tenant, by: both)
    monkeypatch.setattr(commands, "_at_broker", lambda tenant: both)

    def run(*words):
        return CliRunner().invoke(app, ["queues", *words, "-t", "alder"]), both.asked

    return run


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (("add",), [("/v1/event-queues", {"types": None}), ("make", QUEUE)]),
        (("add", "--type", "t"), [("/v1/event-queues", {"types": ["t"]}), ("make", QUEUE)]),
        (("add", "--request", "3f"), [("make", QUEUE)]),
        (("remove", "3f"), [("remove", QUEUE), (f"/v1/event-queues/{QUEUE}/remove", {})]),
        (("remove", "4a"), [("remove", ORPHAN)]),
    ],
)
def test_what_is_asked_of_whom(run, words, asked):
    """The credential goes before its request; what only the broker knows is removed there; the connection ends."""
    done, found = run(*words)
    assert done.exit_code == 0, done.output
    assert [one for one in found if one[0] != "close"] == asked
    assert ("close", None) in found


@pytest.mark.parametrize(
    "words", [("add", "--request", "9"), ("add", "--request", "3f", "--type", "t"), ("remove", "")]
)
def test_what_is_not_clear_changes_nothing(run, words):
    """An id that fits nothing or several, and types for what was asked for already."""
    done, found = run(*words)
    assert done.exit_code == 2
    assert [one for one in found if one[0] != "close"] == []


def test_a_credential_without_a_request_is_seen(run):
    """It still reads, so it stands in the list."""
    done, _ = run("list", "-o", "json")
    rows = json.loads(done.output)["items"]
    assert [(row["id"], row["made"], row["waits_for"]) for row in rows] == [
        (QUEUE, False, "NOT_MADE"), (ORPHAN, True, "REMOVE"),
    ]  # fmt: skip


def test_the_address_is_shown(run):
    """Once, since nobody keeps it."""
    assert "shown-once" in run("add")[0].output
