"""The commands for sources: what each asks of the API, what it shows, and that no credential is in its words."""

import json

import pytest
from typer.testing import CliRunner

from client import sources as commands
from client.main import app

ROW = {
    "id": "4f1c0000-0000-4000-8000-000000000000", "name": "crm", "kind": "salesforce", "standing": "FAILING",
    "last_good_at": "2026-11-26T02:30:10Z", "next_at": "2026-11-28T02:30:00Z", "failures": 1,
    "fault_at": "2026-11-27T02:30:10Z", "last_was_new": True, "last_import_id": "9a",
    "fault": {"code": "NO_ACCESS", "what": "It does not let us.", "cure": "Ask them."},
    "test": {"at": "2026-11-27T09:00:00Z", "fault": None},
}  # fmt: skip
SECRET = {"consumer_key": "invented-key", "consumer_secret": "invented-secret"}
ADD = ("add", "crm", "--profile", "crm", "--host", "x.my.salesforce.com", "--object", "Contact", "--at", "02:30")


class Api:
    """Stands for a host's API; keeps what it was asked."""

    def __init__(self):
        self.asked = []

    def get(self, path):
        assert path == "/v1/sources"
        return {"items": [ROW]}

    def post(self, path, body):
        self.asked.append((path, body))
        return {"id": ROW["id"], "version": 2}


@pytest.fixture
def run(monkeypatch):
    api = Api()
    monkeypatch.setattr(commands, "host_client", lambda tenant, who: api)

    def run(*words, typed=None):
        done = CliRunner().invoke(app, ["sources", *words, "-t", "alder"], input=typed)
        return done, api.asked

    return run


@pytest.mark.parametrize("verb", ["test", "pull", "pause", "resume", "remove"])
def test_each_asks_by_name(run, verb):
    """And says what to look at next."""
    done, asked = run(verb, "crm")
    assert (done.exit_code, asked) == (0, [(f"/v1/sources/{ROW['id']}/{verb}", {})])


def test_what_it_lists(run):
    """With what is wrong and what mends it."""
    done, _ = run("list")
    assert "crm: It does not let us. Ask them." in done.stdout
    assert json.loads(run("list", "-o", "json")[0].stdout)["items"][0]["name"] == "crm"


def test_what_it_shows(run):
    """When it was read, what is wrong, and what the last test came to."""
    shown = run("show", "crm")[0].stdout
    for part in (
        "FAILING",
        "a plan: alongside import plan",
        "It does not let us.",
        "What to do: Ask them.",
        "it works",
    ):
        assert part in shown


def test_credentials_are_asked_for_unseen(run):
    """Never taken from the command's words, which others on the machine can see."""
    done, asked = run(*ADD, typed="invented-key\ninvented-secret\n")
    assert done.exit_code == 0, done.output
    ((path, body),) = asked
    assert (path, body["credentials"], body["sign_in"]) == ("/v1/sources", SECRET, "client_credentials")
    assert (body["host"], body["object"], body["at"]) == ("x.my.salesforce.com", "Contact", "02:30")
    assert not any(secret in done.output for secret in SECRET.values())


def test_credentials_of_a_file_or_of_standard_input(run, tmp_path):
    """As JSON."""
    file = tmp_path / "secret.json"
    file.write_text(json.dumps(SECRET))
    assert run("credentials", "crm", "--credentials", str(file))[1][-1][1]["credentials"] == SECRET
    assert run("credentials", "crm", "--credentials", "-", typed=json.dumps(SECRET))[1][-1][1]["credentials"] == SECRET


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b'{"consumer_key": 1}', b'"invented-secret"', b'{"consumer_key": "invented-secret\xff"}'],
)
def test_a_file_of_no_credentials(run, tmp_path, content):
    """It says what the file should hold, and not what it holds."""
    file = tmp_path / "secret.json"
    file.write_bytes(content)
    done, asked = run("credentials", "crm", "--credentials", str(file))
    assert (done.exit_code, asked) == (2, [])
    assert "invented-secret" not in done.output


def test_a_folder_has_none(run):
    """Nobody is asked for any."""
    done, asked = run("add", "nightly", "--profile", "standard", "--kind", "folder", "--system", "casefile")
    assert done.exit_code == 0, done.output
    ((_, body),) = asked
    assert "credentials" not in body


def test_an_unknown_name(run):
    """It says where the names are."""
    done, asked = run("pull", "other")
    assert (done.exit_code, asked) == (2, [])
