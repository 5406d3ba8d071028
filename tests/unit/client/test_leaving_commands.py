"""The commands of a host that leaves: what each asks of the API, as whom, and what the operator's do."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pyrage
import pytest
from typer.testing import CliRunner

from client import leaving
from client.main import app
from deploy.engines.layout import Layout
from deploy.leaving.verifying import Verified
from deploy.stack.state import StackState

# Written out: whatever names a test is the same in every worker.
KEY = "age1hrhzffk3knu6kxhn8h768wejx7q5v027p0ng49ruwknm47vm5etq0qzcyh"
OTHER = "age1jgtgj75qh3pfw2n6xvcx55k2aed9x8zwshjym5ls5kwpxsxv2exqzagza8"
PATH = "/v1/leaving"
ROW = {
    "state": "ASKED", "deletes": False, "recipient": KEY, "asked_at": "x", "agreed_at": None, "holds_until": "y", "exported_at": None,
    "version": 7,
}  # fmt: skip


class Api:
    """Stands for a host's API; keeps what it was told."""

    def __init__(self):
        self.told = []
        self.role = None

    def get(self, path):
        assert path == PATH
        return ROW

    def post(self, path, body, *, version=None):
        self.told.append((self.role, path, body, version))
        return {"id": "leaving", "version": 8}


@pytest.fixture
def api(monkeypatch):
    made = Api()

    def client(tenant, role):
        assert tenant == "alder"
        made.role = role
        return made

    monkeypatch.setattr(leaving, "host_client", client)
    return made


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        (f"ask --recipient {KEY}", ("dpo", PATH, {"recipient": KEY}, None)),
        (f"ask --recipient {KEY} --delete", ("dpo", PATH, {"recipient": KEY, "deletes": True}, None)),
        (f"agree --recipient {KEY}", ("admin", f"{PATH}/agree", {}, 7)),
        ("take-back", ("dpo", f"{PATH}/take-back", {}, 7)),
        ("take-back --by admin", ("admin", f"{PATH}/take-back", {}, 7)),
    ],
)
def test_a_command_asks_what_it_says(api, typed, asked):
    """At the version that was read, where something is changed."""
    answer = CliRunner().invoke(app, ["leaving", *typed.split(), "-t", "alder"])
    assert answer.exit_code == 0, answer.output
    assert api.told == [asked]


def test_whoever_agrees_says_to_which_key(api):
    """Another one that stands there is not agreed to."""
    answer = CliRunner().invoke(app, ["leaving", "agree", "--recipient", OTHER, "-t", "alder"])
    assert answer.exit_code == 1
    assert api.told == []


def test_what_is_no_key_is_not_sent(api):
    """A digit that was mistyped is noticed before anybody agrees to it."""
    typo = KEY[:-1] + ("q" if KEY[-1] != "q" else "p")
    answer = CliRunner().invoke(app, ["leaving", "ask", "--recipient", typo, "-t", "alder"])
    assert answer.exception.code == "backup-recipient"
    assert api.told == []


def test_it_shows_where_it_stands(api):
    """As a table, or as it came."""
    assert "ASKED" in CliRunner().invoke(app, ["leaving", "show", "-t", "alder"]).output
    assert json.loads(CliRunner().invoke(app, ["leaving", "show", "-t", "alder", "-o", "json"]).stdout) == ROW


@pytest.fixture
def package(tmp_path):
    """What lies there; what is found in it is another test's."""
    identity, keys = tmp_path / "identity.txt", tmp_path / "keys"
    identity.write_text(str(pyrage.x25519.Identity.generate()), encoding="utf-8")
    keys.write_text("keys", encoding="utf-8")
    return ["tenant", "export-verify", str(tmp_path), "--identity", str(identity), "--keys", str(keys)]


def found(monkeypatch, problems, *, log=0):
    at = datetime(2026, 11, 2, tzinfo=UTC)
    made = Verified(host="alder", moment="M", signed_at=at, erased=3, lines={"case.goals": 5}, problems=list(problems))
    monkeypatch.setattr(leaving, "verify_package", lambda *_: made)
    monkeypatch.setattr(leaving.audit_verifier, "main", lambda words: print("VERIFIED") or log)


def test_a_whole_package_is_said_to_be_whole(monkeypatch, package):
    """With how many lines each collection has."""
    found(monkeypatch, [])
    answer = CliRunner().invoke(app, package)
    assert (answer.exit_code, "is whole" in answer.output, "case.goals" in answer.output) == (0, True, True)
    told = json.loads(CliRunner().invoke(app, [*package, "-o", "json"]).stdout)
    assert (told["problems"], told["erased"], told["lines"]) == ([], 3, {"case.goals": 5})


@pytest.mark.parametrize(
    ("problems", "log", "said"), [(["x was altered"], 0, "x was altered"), ([], 1, "the audit log")]
)
def test_one_that_is_not_ends_with_1(monkeypatch, package, problems, log, said):
    """By a file or by the log; nobody is told that it is whole."""
    found(monkeypatch, problems, log=log)
    answer = CliRunner().invoke(app, package)
    assert (answer.exit_code, said in answer.output, "is whole" in answer.output) == (1, True, False)


def test_the_operator_writes_what_the_two_people_stated(monkeypatch, tmp_path):
    """By the one function, and says by which line the host knows it again."""
    asked = []

    def export(kept, tenant, **said):
        asked.append((kept, tenant, said["to"], said["recipient"]))
        return {"manifest_sha256": "abc", "moment": "M", "files": 1, "erased": 0, "unreadable": 2, "keys": []}

    monkeypatch.setattr(leaving, "running_stack", lambda name: f"stack of {name}")
    monkeypatch.setattr(leaving, "require_tenant", lambda stack, name, *, host: None)
    monkeypatch.setattr(leaving, "StackKept", lambda stack: f"kept {stack}")
    monkeypatch.setattr(leaving, "export_host", export)
    answer = CliRunner().invoke(app, ["tenant", "export", "alder", "--to", str(tmp_path / "x"), "--recipient", KEY])
    assert answer.exit_code == 0, answer.output
    assert asked == [("kept stack of alder", "alder", tmp_path / "x", KEY)]
    assert "MANIFEST.json abc" in answer.output
    assert "2 records could not be opened" in answer.output


@pytest.fixture
def deletion(monkeypatch, tmp_path):
    """What the command hands on to the one function that deletes."""
    handed = []
    stack = SimpleNamespace(layout=Layout(home=tmp_path, port_base=29_000), state=StackState())

    def delete(stack, wanted, certificate, *, say):
        handed.append((wanted, certificate))
        return SimpleNamespace(backups_gone_on="2027-01-31", steps={})

    monkeypatch.setattr(leaving, "this_stack", lambda: stack)
    monkeypatch.setattr(leaving, "require_tenant", lambda stack, name, *, host: None)
    monkeypatch.setattr(leaving, "require_engines", lambda stack: None)
    monkeypatch.setattr(leaving, "delete_host", delete)
    return handed


DELETE = ["tenant", "delete", "alder", "--certificate", "c.json", "--backups-gone", "2027-01-31"]


@pytest.mark.parametrize("more", [[], ["--sure", "birch"], ["--sure", ""]])
def test_a_host_is_deleted_only_where_its_id_is_said_twice(deletion, more):
    """Nothing is asked of anything before."""
    assert CliRunner().invoke(app, [*DELETE, *more]).exit_code == 1
    assert deletion == []


@pytest.mark.parametrize("without", [False, True])
def test_what_the_operator_says_is_handed_on(deletion, without):
    """The day by which no backup is left, and whether the host wants no package."""
    answer = CliRunner().invoke(app, [*DELETE, "--sure", "alder", *(["--without-package"] if without else [])])
    assert answer.exit_code == 0, answer.output
    ((wanted, certificate),) = deletion
    assert (wanted.tenant, wanted.backups_gone_on, wanted.without_package) == ("alder", date(2027, 1, 31), without)
    assert certificate == Path("c.json")
    assert "By 2027-01-31 destroy every backup" in answer.output


def test_a_certificate_is_read_out_once_it_verifies(monkeypatch, tmp_path):
    """What is gone, what lapses, what stays."""
    said = {"name": "Alder", "gone": {"KEYS_GONE": "x"}, "lapses": [], "remains": [{"what": "figures", "why": "y"}]}
    monkeypatch.setattr(leaving, "verify_certificate", lambda file, keys: said)
    for name in ("c.json", "keys"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    words = ["tenant", "deletion-verify", str(tmp_path / "c.json"), "--keys", str(tmp_path / "keys")]
    answer = CliRunner().invoke(app, words)
    assert (answer.exit_code, "KEYS_GONE" in answer.output, "figures" in answer.output) == (0, True, True)
    assert json.loads(CliRunner().invoke(app, [*words, "-o", "json"]).stdout) == said
