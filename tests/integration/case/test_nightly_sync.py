"""The example of a nightly sync, as it stands in the documentation, against a host that serves."""

import csv
import os
import secrets
import sqlite3
import subprocess
import sys
import threading

import pytest

from deploy.engines.layout import PROJECT_ROOT
from services.identity.people.provisioning import create_first_user
from shared.kernel.ids import new_id
from shared.web.server import BoundedServer
from tests.integration.case.test_by_reference import RECORD, put
from tests.kit.import_files import references

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

PROGRAM = PROJECT_ROOT / "docs" / "examples" / "nightly_sync.py"
FIELDS = [name for name in RECORD if name != "consent_private"]


@pytest.fixture(scope="module")
def address(host_of_several_systems):
    server = BoundedServer(host_of_several_systems.app, host="127.0.0.1", port=0, max_body_bytes=1_000_000)
    threading.Thread(target=server.run, daemon=True, name="sync-server").start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


class Night:
    """A system of a host's own, with its export and its store."""

    def __init__(self, address, key, folder):
        self._folder, self.rows, self.system = folder, {}, f"nightly-{secrets.token_hex(4)}"
        self._environment = {
            **os.environ, "PYTHONPATH": str(PROJECT_ROOT / "client"), "ALONGSIDE_URL": address,
            "ALONGSIDE_CLIENT_ID": key["client_id"], "ALONGSIDE_CLIENT_SECRET": key["client_secret"],
            "ALONGSIDE_SOURCE": self.system, "ALONGSIDE_EXPORT": str(folder / "export.csv"),
            "ALONGSIDE_STORE": str(folder / "sync.sqlite"),
        }  # fmt: skip

    def add(self, reference, **changes):
        said = {"nationality": "ALB", "exploitation": "LABOUR"}
        self.rows[reference] = {name: {**RECORD, **said, **changes}[name] for name in FIELDS}

    def comes(self):
        with (self._folder / "export.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["reference", *FIELDS])
            writer.writeheader()
            writer.writerows({"reference": reference, **row} for reference, row in self.rows.items())
        command = [sys.executable, "-W", "ignore", str(PROGRAM)]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False, timeout=90)

    def ask(self, question, *values):
        with sqlite3.connect(self._folder / "sync.sqlite") as db:
            return db.execute(question, values).fetchall()


@pytest.fixture
def night(several_systems, address, tmp_path):
    # Another system is known, so that one of this name is taken only if it says that it is new.
    assert put(several_systems, references(1)[0]).status_code == 201
    admin = create_first_user(
        several_systems.contexts["identity"], login=f"{new_id()}@host.example", password=new_id(), roles=("HOST_ADMIN",)
    )
    headers = {**several_systems.headers("HOST_ADMIN", actor=admin), "Idempotency-Key": new_id()}
    body = {"scopes": ["imports:write", "episodes:read"]}
    key = several_systems.app.test_client().post("/v1/machine-keys", json=body, headers=headers).json
    return Night(address, key, tmp_path)


def test_each_night_sends_what_changed_and_takes_what_changed(several_systems, night):
    """Made once, then nothing; a changed row alone; what a caseworker did is there the next morning."""
    first, second, child = references(3)
    night.add(first)
    night.add(second)
    night.add(child, age_at_referral=16)
    done = night.comes()
    assert done.returncode == 0, done.stderr
    assert '"CREATED": 2' in done.stdout
    assert '"POSSIBLE_CHILD": 1' in done.stdout
    assert "possible-child" in done.stdout
    assert first not in done.stdout + done.stderr
    episodes = dict(night.ask("SELECT reference, episode FROM sent WHERE episode IS NOT NULL"))
    assert set(episodes) == {first, second}
    assert night.ask("SELECT count(*) FROM episodes WHERE id IN (?, ?)", *episodes.values()) == [(2,)]

    night.add(first, gender="Male")
    closed = several_systems.post(f"/v1/episodes/{episodes[second]}/close", {"reason": "DECEASED"}, If_Match='"1"')
    assert closed.status_code == 200
    done = night.comes()
    assert done.returncode == 0, done.stderr
    assert 'records: {"CHANGED": 1}' in done.stdout
    assert several_systems.get(f"/v1/episodes/{episodes[first]}").json["gender"] == "MALE"
    assert night.ask("SELECT status FROM episodes WHERE id = ?", episodes[second]) == [("CLOSED",)]
    assert "records: {}" in night.comes().stdout


def test_what_could_not_be_done_is_done_the_next_night(night):
    """The error says a code and nothing of a record; then it goes on with the same keys.

    So it does where all of the first night was refused: its system is as new as before.
    """
    (ref,) = references(1)
    night.add(ref)
    night._environment["ALONGSIDE_SOURCE"] = "two words"
    refused = night.comes()
    assert (refused.returncode, refused.stdout.splitlines()[0]) == (0, "refused: invalid-input"), refused.stderr
    assert ref not in refused.stdout + refused.stderr
    night._environment["ALONGSIDE_SOURCE"] = night.system
    assert '"CREATED": 1' in night.comes().stdout


def test_what_is_refused_later_keeps_the_episode_that_is_known(night):
    """A refusal says nothing of it; the row is sent again the night after."""
    (ref,) = references(1)
    night.add(ref)
    assert '"CREATED": 1' in night.comes().stdout
    (known,) = night.ask("SELECT episode, outcome FROM sent WHERE reference = ?", ref)
    assert known[0]
    night.add(ref, gender="Male")
    night._environment["ALONGSIDE_SOURCE"] = "two words"
    assert "refused: invalid-input" in night.comes().stdout
    assert night.ask("SELECT episode, outcome FROM sent WHERE reference = ?", ref) == [(known[0], "REFUSED")]
    night._environment["ALONGSIDE_SOURCE"] = night.system
    assert '"CHANGED": 1' in night.comes().stdout
