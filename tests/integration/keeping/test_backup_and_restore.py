"""A backup of a running host, restored into an empty machine: nothing acknowledged is lost, nothing happens twice."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta

import pyrage
import pytest
from pymongo import MongoClient

from deploy.demo.hosts import HOSTS, PERIOD, WORDING
from deploy.demo.make_exports import EXPORTS
from deploy.engines.layout import PROJECT_ROOT
from deploy.keeping import manifest
from deploy.stack.api_client import ApiRefusedError
from deploy.stack.people import client_of
from deploy.stack.stack import Stack, command_of
from services.case.survivors.erasure import ErasureJob
from shared.codelists.periods import Period
from shared.kernel.tenancy import TenantId, database_name
from shared.runtime.context import open_context
from tests.kit.ledger import check
from tests.kit.pilot import Pilot

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(600)]

ALDER = HOSTS[0]
HOST = TenantId(ALDER.id)
EXPECTED = json.loads((EXPORTS.parent / "expected.json").read_text(encoding="utf-8"))["hosts"][ALDER.id]


def alongside(layout, *words, code=0, wait=True):
    """Run one command as a person would; gives what it printed, or the running process."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "client.main", *map(str, words)],
        env={
            **os.environ,
            "PYTHONPATH": str(PROJECT_ROOT),
            "ALONGSIDE_HOME": str(layout.home),
            "ALONGSIDE_PORT_BASE": str(layout.port_base),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if not wait:
        return process
    printed, said = process.communicate(timeout=240)
    assert process.returncode == code, printed + said
    return printed if code == 0 else said


class Writer:
    """Registers survivors one after the other, and keeps the ids that were acknowledged, each with its time."""

    def __init__(self, pilot):
        self.acknowledged = {}
        self._person = pilot.as_(HOST, "supervisor")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def _write(self):
        number = 0
        while not self._ended.is_set():
            number += 1
            made = self._person.post("/v1/survivors", {"name": f"Invented {number}"})["id"]
            self.acknowledged[made] = (time.time(), f"Invented {number}")

    def stop(self):
        self._ended.set()
        self._thread.join(timeout=30)


@pytest.fixture(scope="module")
def backups(make_layout, tmp_path_factory):
    """A host with facts on their way through the broker, an old backup, an erasure since, and a new backup."""
    folder = tmp_path_factory.mktemp("backups")
    pilot = Pilot(make_layout(), [HOST], now=Period.parse(PERIOD).seal_at() - timedelta(hours=20))
    made = alongside(pilot.stack.layout, "backup-key", "--to", folder / "identity.txt", "-o", "json")
    try:
        yield Backups(pilot, folder, json.loads(made)["recipient"])
    finally:
        pilot.close()


class Backups:
    def __init__(self, pilot, folder, recipient):
        self.folder, self.recipient = folder, recipient
        self.layout = pilot.stack.layout
        self.erased = pilot.as_(HOST, "supervisor").post("/v1/survivors", {"name": "Invented Erased"})["id"]
        self.old = self.make(folder / "old")
        self._erase(self.erased)
        pilot.register_wording(HOST, WORDING)
        # Nothing is consumed from here on: what the import states stands in the broker's queues.
        worker = pilot.stack.process(HOST, "worker")
        worker.send(signal.SIGTERM)
        worker.stop(within_s=40)
        command = [*command_of("worker", HOST), "--kinds", "relay,courier,job"]
        worker.spawn(command, environment=pilot.stack._environment())
        assert (
            pilot.import_file(HOST, (EXPORTS / ALDER.file_name).read_bytes(), profile=ALDER.profile)["state"] == "DONE"
        )
        writer = Writer(pilot)
        pilot.until("some survivors", lambda: len(writer.acknowledged) > 20)
        self.new = self.make(folder / "new")
        writer.stop()
        self.acknowledged = writer.acknowledged

    def _erase(self, survivor):
        os.environ["ALONGSIDE_SECRETS"] = str(self.layout.secrets_dir / "credentials")
        context = open_context(HOST, "case", kind="job")
        context.survivor_keys.forget(survivor)
        ErasureJob(context, wait=lambda _seconds: None, settle_s=0.0).run()
        context.client.close()

    def make(self, to):
        made = json.loads(alongside(self.layout, "backup", "--to", to, "--recipient", self.recipient, "-o", "json"))
        assert [t["tenant"] for t in made["tenants"]] == ["centre", "custodian", "board", HOST]
        return made

    def copy(self, to, which="new"):
        shutil.copytree(self.folder / which, to)
        return to

    def restore(self, layout, folder, *more, code=0):
        identity = self.folder / "identity.txt"
        return alongside(layout, "restore", folder, "--identity", identity, *more, "-o", "json", code=code)


@pytest.fixture
def empty(make_layout):
    """An empty machine; what starts there is stopped at the end."""
    stack = Stack(make_layout())
    yield stack
    stack.down()


def test_a_running_host_is_restored_whole_into_an_empty_machine(backups, empty):
    """Also after a restore that was killed in the midst: the next begins anew, and every process then agrees."""
    unfinished = empty.layout.home / "restoring.json"
    identity = backups.folder / "identity.txt"
    first = alongside(empty.layout, "restore", backups.folder / "new", "--identity", identity, wait=False)
    deadline = time.monotonic() + 120
    while not unfinished.exists() and first.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    first.kill()
    first.communicate()
    assert unfinished.exists(), "it was killed while it wrote"

    restored = json.loads(backups.restore(empty.layout, backups.folder / "new", "--verify"))
    assert restored["recovery_point"] == backups.new["recovery_point"]
    (row,) = [t for t in restored["tenants"] if t["tenant"] == HOST]
    assert row["sent_again"] > 0, "the import's facts stood in queues that are gone"
    assert row["verified"]["erased"] == 1
    assert row["broker_differs"] == []

    alongside(empty.layout, "up")
    person = client_of(empty, HOST, "supervisor")
    here = {i for i in backups.acknowledged if _name_of(person, i) is not None}
    before = {i for i, (at, _) in backups.acknowledged.items() if at < _seconds(restored["recovery_point"])}
    assert before
    assert before <= here
    assert all(_name_of(person, i) == backups.acknowledged[i][1] for i in here), "names open with the restored keys"
    assert _name_of(person, backups.erased) is None, "an erased person stays erased"

    # Every fact that was on its way arrives, once: consents apply as they did, and each command is audited once.
    pilot = Restored(empty)
    wanted = {"adults": EXPECTED["adults"], "effective": EXPECTED["effective"]}
    pilot.until("the facts that were on their way", lambda: pilot.counted() == wanted)
    pilot.until("the audit of every survivor", lambda: len(pilot.audited()) >= len(here))
    assert not check(acknowledged=here, effects=[i for i in pilot.audited() if i in here], audited=pilot.audited())
    pilot.until("nothing to wait or to be parked", pilot.is_at_rest)

    assert "is here already" in backups.restore(empty.layout, backups.folder / "new", code=1)


class Restored(Pilot):
    """Drives a stack that is there already."""

    def __init__(self, stack):
        self.stack = stack
        self.hosts = [HOST]

    def audited(self):
        with MongoClient(self.stack.engines.mongod.admin_uri(), tz_aware=True) as mongo:
            entries = mongo[database_name(HOST, "audit")]["entries"]
            return [e["object_id"] for e in entries.find({"action": "case:survivor:register"})]

    def counted(self):
        with MongoClient(self.stack.engines.mongod.admin_uri(), tz_aware=True) as mongo:
            found = list(mongo[database_name(HOST, "reporting")]["contributions"].find())
            newest = [max(c["versions"], key=lambda v: v["sequence"]) for c in found]
            return {"adults": len(found), "effective": sum(v["state"] == "RELEASED" for v in newest)}

    def is_at_rest(self):
        (row,) = json.loads(alongside(self.stack.layout, "status", "-o", "json"))["tenants"]
        return row["outbox_depth"] == 0 and row["parked"] == 0


def _name_of(person, survivor):
    try:
        return person.get(f"/v1/survivors/{survivor}").get("name")
    except ApiRefusedError as error:
        if error.status not in {404, 410}:
            raise
        return None


def _seconds(instant):
    return datetime.fromisoformat(instant).timestamp()


class TestRefusals:
    """Each says what is wrong, and nothing is written."""

    def refuse(self, backups, empty, folder, *more):
        said = backups.restore(empty.layout, folder, *more, code=1)
        assert not (empty.layout.home / "restoring.json").exists()
        return said

    def test_keys_from_before_an_erasure(self, backups, empty):
        """The newest key table always wins: an old keys file could bring an erased person back."""
        said = self.refuse(backups, empty, backups.folder / "new", "--keys", backups.folder / "old" / "keys")
        assert "written before the data" in said

    def test_another_identity(self, backups, empty, tmp_path):
        """Only the recipient's identity opens it."""
        (tmp_path / "other.txt").write_text(f"{pyrage.x25519.Identity.generate()}\n", encoding="utf-8")
        said = alongside(
            empty.layout, "restore", backups.folder / "new", "--identity", tmp_path / "other.txt", "-o", "json", code=1
        )
        assert "encrypted to another recipient" in said

    @pytest.mark.parametrize(
        ("harm", "words"),
        [
            (lambda data: data[:-200], "digest"),
            (lambda data: data[:500] + bytes([data[500] ^ 1]) + data[501:], "digest"),
        ],
        ids=["cut off", "altered"],
    )
    def test_a_data_file_that_is_not_what_was_written(self, backups, empty, tmp_path, harm, words):
        """The manifest's digest says so before anything is opened."""
        folder = backups.copy(tmp_path / "copy")
        file = manifest.data_file(folder, HOST)
        file.write_bytes(harm(file.read_bytes()))
        assert words in self.refuse(backups, empty, folder)

    def test_a_keys_file_that_was_altered(self, backups, empty, tmp_path):
        """It has no digest in the manifest, since the newest replaces it; age itself sees the change."""
        folder = backups.copy(tmp_path / "copy")
        file = manifest.keys_file(folder / "keys", HOST)
        data = file.read_bytes()
        file.write_bytes(data[:-5] + bytes([data[-5] ^ 1]) + data[-4:])
        assert "damaged" in self.refuse(backups, empty, folder)

    def test_another_tenants_keys(self, backups, empty, tmp_path):
        """Files that were mixed up are told by their header."""
        folder = backups.copy(tmp_path / "copy")
        shutil.copy(manifest.keys_file(folder / "keys", "board"), manifest.keys_file(folder / "keys", HOST))
        assert f"is not the keys file of {HOST}" in self.refuse(backups, empty, folder)

    def test_a_folder_without_manifest(self, backups, empty, tmp_path):
        """A backup that was cut off is none."""
        folder = backups.copy(tmp_path / "copy")
        (folder / "manifest.json").unlink()
        assert "not hold a finished backup" in self.refuse(backups, empty, folder)

    def test_a_tenant_that_is_not_in_it(self, backups, empty):
        """And which it has."""
        assert "does not hold tenant birch" in self.refuse(backups, empty, backups.folder / "new", "-t", "birch")

    def test_check_only_reads_it_through(self, backups, empty):
        """Whole, ours, and young enough; no engine is started."""
        found = json.loads(backups.restore(empty.layout, backups.folder / "new", "--check-only"))
        assert {t["tenant"] for t in found["tenants"]} == {"centre", "custodian", "board", HOST}
        assert not empty.engines.is_running()


class TestBackup:
    def test_a_folder_is_used_once(self, backups):
        """An older backup is never mixed with a newer."""
        said = alongside(
            backups.layout, "backup", "--to", backups.folder / "new", "--recipient", backups.recipient, code=1
        )
        assert "holds a backup already" in said

    def test_a_recipient_that_is_none(self, backups, tmp_path):
        """Nothing is written in clear instead."""
        said = alongside(backups.layout, "backup", "--to", tmp_path / "b", "--recipient", "somebody", code=1)
        assert "not an age public key" in said
        assert not (tmp_path / "b").exists()

    def test_an_identity_is_never_written_over(self, backups):
        """It may be the only one that opens an older backup; and nobody else may read it."""
        file = backups.folder / "identity.txt"
        before = file.read_text()
        said = alongside(backups.layout, "backup-key", "--to", file, code=1)
        assert "is there already" in said
        assert file.read_text() == before
        assert file.stat().st_mode & 0o777 == 0o600

    def test_what_lies_there_says_nothing(self, backups):
        """No name, no id and no count of people can be read without the identity."""
        texts = [file.read_bytes() for file in (backups.folder / "new").rglob("*") if file.is_file()]
        for secret in (b"Invented", *(i.encode() for i in backups.acknowledged)):
            assert not any(secret in text for text in texts)
        said = json.loads((backups.folder / "new" / "manifest.json").read_text())
        assert set(said) == {"cluster_time", "recovery_point", "data", "keys", "format"}
