"""Backups of containers and clusters: any MongoDB address, here one with authentication and TLS, and its broker."""

import json
import os
import subprocess
import sys

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.containers.stack_kind import HOST, What
from deploy.engines.layout import PROJECT_ROOT
from deploy.engines.rabbitmq import RabbitNode
from deploy.keeping.age_files import make_identity
from deploy.keeping.backup import back_up
from deploy.keeping.places import StackKept
from deploy.provision.apart import Invitation
from deploy.provision.databases import drop_tenant
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from deploy.stack.state import StackState
from shared.kernel.tenancy import BOARD, CUSTODIAN, database_name, services_of
from shared.runtime.context import open_context
from tests.kit.certificates import Authority
from tests.kit.tenant_place import TenantPlace
from tests.kit.tls_database import TlsDatabase

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(600)]

NAMES = ("Invented One", "Invented Two", "Invented Three")


class Here:
    """One host of the suite's own engines, as a stack of its own."""

    has_centre = False

    def __init__(self, engines, place):
        self.layout, self.engines = engines.layout, engines
        spec = TenantSpec(id=place.tenant, name="Host", nation="WALES", setting="OTHER", number=0)
        self.state = StackState(timings=Timings(retry_delays_ms=(100,)), tenants=(spec,))

    def provisioner(self):
        """Connections of its own, which keeping closes."""
        return Provisioner(self.layout, timings=self.state.timings, demo=True)

    def start_engines(self):
        """They run."""


class Elsewhere:
    """Where a compose stack of one host would be: an empty folder of secrets, a database with TLS, a broker."""

    def __init__(self, tenant, folder, layout):
        self.tenant, self.home, self._folder = tenant, folder / "home", folder
        self.home.mkdir()
        What(kind=HOST, tenant=tenant, name="Host", nation="WALES", setting="OTHER").keep(self.home / "stack-kind.json")
        invitation = Invitation(
            host=tenant,
            remotes={server: f"amqps://courier:x@centre.example:5671/{server}" for server in (BOARD, CUSTODIAN)},
            signing_keys=dict.fromkeys((BOARD, CUSTODIAN), "00" * 32),
        )
        (self.home / "invitation.json").write_text(invitation.as_json())
        self.database = TlsDatabase(folder, layout.mongod_port, Authority("Elsewhere"))
        self._layout, self.rabbit = layout, RabbitNode(layout)
        self.rabbit.start()
        self._broker_password = folder / "broker.password"
        self._broker_password.write_text(self.rabbit.admin_credentials()[1])

    def stop(self):
        self.database.stop()
        self.rabbit.stop()

    def keep(self, *words, options=None, code=0, **environment):
        """Run the command as an operator does; gives what it printed last, or its complaint."""
        options = options or (
            "--home", self.home, "--database", self.database.address, "--database-options", self.database.options,
            "--database-password", self.database.password_file, "--replica-set", "elsewhere",
            "--broker", "127.0.0.1", "--broker-password", self._broker_password,
            "--amqp-port", self._layout.amqp_port, "--management-port", self._layout.rabbit_management_port,
        )  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "deploy.keeping", *map(str, (*options, *words))],
            env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT), **environment},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1]) if code == 0 else done.stderr

    def names(self, secrets_dir, monkeypatch):
        """What the case service reads there, with its own credentials file."""
        monkeypatch.setenv("ALONGSIDE_SECRETS", str(secrets_dir))
        context = open_context(self.tenant, "case", kind="api")
        try:
            found = context.client[context.database_name]["survivors"].find({}, {"_id": 1})
            return len([context.survivor_keys.get(row["_id"]) for row in found])
        finally:
            context.client.close()

    def pod(self):
        """Lay the credentials out as a cluster's pod would see them, with an empty volume of keys."""
        volume = self._folder / "pod"
        folder = volume / "credentials" / self.tenant
        folder.mkdir(parents=True)
        (volume / "keys" / "escrow").mkdir(parents=True, mode=0o700)
        for file in (self.home / "secrets" / "credentials" / self.tenant).glob("*.json"):
            said = json.loads(file.read_text())
            said |= {"tenant_key_file": f"{volume}/keys/tenant.key", "data_dir": str(volume / "data")}
            extra = said["extra"]
            if "signing_key_file" in extra:
                extra["signing_key_file"] = f"{volume}/keys/signing.key"
            if "log_key_file" in extra:
                extra["log_key_file"] = f"{volume}/keys/log.key"
            if extra.pop("escrow_holder_key", None):
                extra["escrow_file"] = f"{volume}/keys/escrow/{self.tenant}.escrow"
                extra["escrow_holder_key_file"] = f"{volume}/keys/escrow/holder.pub"
            (folder / file.name).write_text(json.dumps(said))
        (volume / "admin").write_text(self.database.admin_uri())
        return volume


@pytest.fixture
def here(engines, tmp_path):
    place = TenantPlace(engines, tmp_path)
    for name in NAMES:
        place.survivor(name=name)
    yield Here(engines, place)
    place.close()


@pytest.fixture
def elsewhere(here, make_layout, tmp_path):
    (tenant,) = (spec.id for spec in here.state.tenants)
    made = Elsewhere(tenant, tmp_path, make_layout())
    yield made
    made.stop()


def test_a_host_moves_into_containers_and_then_into_a_pod(here, elsewhere, tmp_path, monkeypatch):
    """From one machine to a database that asks for TLS, from there to a cluster's pod: whole, and every name opens."""
    tenant, identity = elsewhere.tenant, tmp_path / "identity.txt"
    recipient = make_identity(identity)
    told = []
    first = back_up(StackKept(here), to=tmp_path / "first", recipient=recipient, say=told.append)
    # Nobody named a place for the keys.
    assert "keys files lie beside the data" in told[-1]
    assert [row["tenant"] for row in first["tenants"]] == [tenant]

    # Containers: the stack's own provisioner makes users, queues and credentials files anew, with the options of TLS.
    restored = elsewhere.keep("restore", tmp_path / "first", "--identity", identity, "--verify")
    (row,) = restored["tenants"]
    # A restore also counts the key table: a key for each of them, and its state.
    in_keys = len(NAMES) + 1
    assert row["documents"] == first["tenants"][0]["documents"] + in_keys
    # The waits of a retry are the new stack's own, and each is a queue.
    assert all(difference.startswith("queues: retry.") for difference in row["broker_differs"])
    assert row["verified"]["opened"] >= len(NAMES)
    assert elsewhere.names(elsewhere.home / "secrets" / "credentials", monkeypatch) == len(NAMES)
    plain = elsewhere.database.admin_uri().partition("&tls=")[0]
    with pytest.raises(PyMongoError), MongoClient(plain, serverSelectionTimeoutMS=500) as client:
        client.admin.command("ping")
    again = elsewhere.keep("restore", tmp_path / "first", "--identity", identity, code=1)
    assert "is here already" in again

    keys = tmp_path / "keys"
    second = elsewhere.keep("backup", "--to", tmp_path / "second", "--recipient", recipient, "--keys-to", keys)
    assert not (tmp_path / "second" / "keys").exists()
    assert second["tenants"][0]["documents"] >= first["tenants"][0]["documents"]
    elsewhere.keep("check", tmp_path / "second", "--identity", identity, "--keys", keys)

    # A cluster: passwords and queues are there already; databases, keys and data are not.
    volume = elsewhere.pod()
    with MongoClient(elsewhere.database.admin_uri()) as admin:
        drop_tenant(admin, tenant, services_of(tenant))
    options = ("--pod", tenant, "--admin", volume / "admin")
    environment = {"ALONGSIDE_SECRETS": str(volume / "credentials")}
    moved = elsewhere.keep(
        "restore", tmp_path / "second", "--identity", identity, "--keys", keys, "--verify",
        options=options, **environment,
    )  # fmt: skip
    assert moved["tenants"][0]["verified"]["opened"] >= len(NAMES)
    assert elsewhere.names(volume / "credentials", monkeypatch) == len(NAMES)
    third = elsewhere.keep(
        "backup", "--to", tmp_path / "third", "--recipient", recipient, "--keys-to", keys,
        options=options, **environment,
    )  # fmt: skip
    assert third["tenants"][0]["documents"] >= moved["tenants"][0]["documents"] - in_keys
    with MongoClient(elsewhere.database.admin_uri()) as admin:
        assert admin[database_name(tenant, "case")]["survivors"].count_documents({}) == len(NAMES)


def test_where_the_administrators_address_is_not_given_it_says_so(tmp_path):
    """A pod without its mount is told which."""
    said = Elsewhere.keep(
        object.__new__(Elsewhere), "check", tmp_path, "--identity", tmp_path, options=("--pod", "example"), code=1
    )
    assert "--admin names the file" in said
