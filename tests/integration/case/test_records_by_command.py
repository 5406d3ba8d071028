"""The commands for records against a host's API: found, put, sent in batches and corrected by one's own reference."""

import json
import time

import httpx
import pytest
from typer.testing import CliRunner

from client import records as commands
from client.alongside_client import Token
from client.main import app
from deploy.stack.api_client import ApiClient
from tests.integration.case.test_by_reference import RECORD, SYSTEM
from tests.kit.import_files import references

pytestmark = pytest.mark.integration

ROLES = {"datalead": "HOST_DATA_LEAD", "supervisor": "SUPERVISOR"}


@pytest.fixture
def run(several_systems, monkeypatch):

    def client(_tenant, who):
        held = several_systems.headers(ROLES[who])["Authorization"].removeprefix("Bearer ")
        token = Token(access_token=held, ends_at=time.time() + 900, lifetime_s=900)
        return ApiClient(url="http://127.0.0.1", token=token, transport=httpx.WSGITransport(app=several_systems.app))

    monkeypatch.setattr(commands, "host_client", client)

    def run(*words, typed=None):
        return CliRunner().invoke(app, ["records", *words, "-t", "alder", "--source", SYSTEM], input=typed)

    return run


def test_from_a_file_of_records_to_a_corrected_name(several_systems, run):
    """Sent, sent again, found, and corrected; a line that says nothing right stops no other."""
    first, second, bad = references(3)
    lines = [{"reference": first, "record": RECORD}, {"reference": second, "record": {**RECORD, "consent": "Refused"}}]
    wrong = {"reference": bad, "record": {"colour": "red"}}
    content = "\n".join(json.dumps(one) for one in (lines[0], wrong, lines[1]))
    done = run("send", "-", "--new-source", "-o", "json", typed=content)
    told = json.loads(done.stdout)
    assert (done.exit_code, told["counts"]) == (1, {"CREATED": 2, "REFUSED": 1}), done.output
    (refused,) = told["not_taken"]
    assert (refused["line"], bool(refused["problems"])) == (2, True)
    assert not any(ref in done.output for ref in (first, second, bad))
    assert json.loads(run("put", "-", "-o", "json", typed=json.dumps(lines[0])).stdout)["outcome"] == "UNCHANGED"
    (found,) = json.loads(run("get", first, "-o", "json").stdout)["items"]
    words = json.dumps({"name": "Invented Name"})
    corrected = run("correct", first, "--why", "HAS_CHANGED", "--words", "-", typed=words)
    assert (corrected.exit_code, corrected.stdout) == (0, "Corrected: name.\n")
    assert several_systems.get(f"/v1/survivors/{found['survivor_id']}").json["name"] == "Invented Name"
    assert run("get", bad).exit_code == 1
