"""What is rendered works: on a real broker and database, with the processes started as the manifests say.

The operators are played by stand-ins of ours (``stand_in.py``); the engines and the processes are real.
"""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys

import amqp
import httpx
import pytest
import yaml
from merge import build
from stand_in import PASSWORD, Broker
from trees import AT_BOARD, AT_CUSTODIAN, K8S, pods

from deploy.engines.layout import PROJECT_ROOT
from deploy.engines.mongod import REPLICA_SET
from deploy.engines.official import AMQP_PORT, AMQPS_PORT
from deploy.provision.databases import drop_tenant
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from deploy.render import names
from deploy.render.broker import centre_resources, scaler_user, users_of, vhost_resources
from deploy.render.credentials import tenant_secrets
from deploy.render.folder import render, write
from deploy.render.names import Rendered
from deploy.render.secret_values import write_secrets
from deploy.stack.api_client import ApiClient
from shared.bus.connection import open_connection
from shared.bus.names import courier_user, host_queue
from shared.bus.topology import topology_of
from shared.kernel.tenancy import BOARD, CUSTODIAN, TenantId, services_of, vhost_name
from tests.kit.suite import tenant_number

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def provisioner(engines):
    made = Provisioner(engines.layout, timings=Timings(), demo=True)
    made.provision_centre()
    yield made
    made.close()


@pytest.fixture
def broker(engines):
    made = Broker(engines)
    yield made
    made.close()


@pytest.fixture
def tenant(provisioner, broker):
    """An id; whatever was made of it is removed."""
    made = TenantId("k" + secrets.token_hex(4))
    yield made
    provisioner.remove(made)
    broker.remove_users([scaler_user(made)])
    broker.remove_queue(vhost_name(BOARD), host_queue(made))


def pictures(broker, tenant):
    """The tenant's vhost, and what the two servers hold of it."""
    own = broker.picture(vhost_name(tenant))
    user, queue = courier_user(tenant), host_queue(tenant)
    parts = [own]
    for server in (BOARD, CUSTODIAN):
        whole = broker.picture(vhost_name(server))
        parts.append(
            {
                "queue": whole["queues"].get(queue),
                "bindings": {b for b in whole["bindings"] if b[1] == queue},
                "may": whole["permissions"].get(user),
                "topics": {key: may for key, may in whole["topics"].items() if key[0] == user},
            }
        )
    return parts


def test_the_resources_leave_what_the_provisioner_leaves(provisioner, broker, tenant):
    """Queue by queue, binding by binding, right by right, at home and at both servers; but for the one who counts."""
    provisioner.provision(TenantSpec(id=tenant, name="Host", nation="WALES", setting="OTHER", number=tenant_number()))
    expected = pictures(broker, tenant)
    provisioner.remove(tenant)
    broker.remove_queue(vhost_name(BOARD), host_queue(tenant))
    resources = vhost_resources(topology_of(tenant))
    for more in centre_resources(tenant).values():
        resources += more
    broker.apply(resources)
    found = pictures(broker, tenant)
    assert found[0]["permissions"].pop(scaler_user(tenant)) == ("^$", "^$", "^$")
    assert found == expected
    assert provisioner.broker.differences(topology_of(tenant)) == []


def test_the_scaler_can_count_and_nothing_else(engines, provisioner, broker, tenant):
    """KEDA's user learns a queue's length, and may neither read nor write a message."""
    broker.apply(vhost_resources(topology_of(tenant)))
    user = scaler_user(tenant)
    assert list(users_of(topology_of(tenant))).count(user) == 1
    uri = engines.rabbit.amqp_url(user=user, password=PASSWORD, vhost=vhost_name(tenant))
    for subscription in topology_of(tenant).subscriptions:
        connection = open_connection(uri)
        assert connection.channel().queue_declare(subscription.queue, passive=True).message_count == 0
        connection.close()

    def read(channel):
        channel.basic_get("q.consent.case")

    def write_one(channel):
        channel.basic_publish_confirm(amqp.Message(b"x"), exchange="case.events", routing_key="x")

    for forbidden in (read, write_one):
        connection = open_connection(uri)
        channel = connection.channel()
        with pytest.raises(amqp.exceptions.AccessRefused):
            forbidden(channel)
        with contextlib.suppress(Exception):
            connection.close()


class Machine:
    """One machine that stands for the cluster: mounts are folders, addresses are this machine's engines."""

    def __init__(self, engines, rendered, home):
        self.rendered, self._home, self._engines = rendered, home, engines
        folder = home / "k8s" / "tenants" / rendered.tenant
        write(render(rendered), folder)
        for part in ("base", "overlays"):
            (home / "k8s" / part).symlink_to(K8S / part)
        self.pods = {r["metadata"]["name"]: pod["containers"][0] for r, pod in pods(build(folder))}
        self.resources = build(folder)
        # Both servers stand on this one broker, so the courier has one password for all three vhosts.
        courier = dict.fromkeys(("amqp_courier", "amqp_courier_at_board", "amqp_courier_at_custodian"), PASSWORD)
        (home / "secrets").mkdir()
        (home / "secrets" / "store.json").write_text(json.dumps({rendered.tenant: courier}))
        _, filled = write_secrets(home / "secrets", rendered.tenant, tenant_secrets(rendered))
        self.secrets = {
            s["metadata"]["name"]: s["stringData"] for file in filled for s in yaml.safe_load_all(file.read_text())
        }
        self._admin = engines.mongod.admin_uri()
        (home / "keys").mkdir()

    def passwords(self):
        """What the User resources would import."""
        return {s["username"]: s["password"] for s in self.secrets.values() if "username" in s}

    def here(self, text):
        """The same address on this machine."""
        layout = self._engines.layout
        changes = {
            names.DATABASE_HOSTS: f"127.0.0.1:{layout.mongod_port}",
            f"replicaSet={names.DATABASE}": f"replicaSet={REPLICA_SET}",
            f"{names.BROKER_HOST}:{AMQP_PORT}": f"127.0.0.1:{layout.amqp_port}",
            f"{AT_BOARD.host}:{AMQPS_PORT}": f"127.0.0.1:{layout.amqp_port}",
            f"{AT_CUSTODIAN.host}:{AMQPS_PORT}": f"127.0.0.1:{layout.amqp_port}",
            "amqps://": "amqp://",
            names.CREDENTIALS_DIR: str(self._home / "credentials"),
            names.TOKEN_KEY_FILE: str(self._home / "token" / "token.key"),
            names.KEYS_DIR: str(self._home / "keys"),
            names.ADMIN_DIR: str(self._home / "admin"),
            "/etc/alongside/first": str(self._home / "first"),
            "/run/alongside": str(self._home / "beats"),
        }
        for there, here in changes.items():
            text = text.replace(there, here)
        return text

    def mount(self):
        """Lay the Secrets out as the pods would see them; the administrator is this machine's."""
        credentials = f"credentials/{self.rendered.tenant}"
        places = {
            "credentials": credentials,
            "credentials-courier": credentials,
            "token": "token",
            "first-link": "first",
        }
        for secret, place in places.items():
            folder = self._home / place
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in self.secrets[secret].items():
                (folder / name).write_text(self.here(text))
        (self._home / "admin").mkdir()
        (self._home / "admin" / "uri").write_text(self._admin)

    def command(self, kind, **options):
        """What the pod runs, with this machine's python and places."""
        _, *command = self.pods[kind]["command"]
        arguments = [options.get(a, a) for a in self.pods[kind]["args"]]
        return [sys.executable, *command, *(self.here(a) for a in arguments)]

    def environment(self, kind):
        named = {e["name"]: self.here(e["value"]) for e in self.pods[kind]["env"]}
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        if "ALONGSIDE_HEARTBEAT" in named:
            named["ALONGSIDE_HEARTBEAT"] += f"-{kind}"
        return {**kept, **named, "PYTHONPATH": str(PROJECT_ROOT), "PYTHONWARNINGS": "ignore"}

    def probe(self, kind, question):
        command = [sys.executable, "-m", "shared.runtime.probe", question]
        return subprocess.run(command, env=self.environment(kind), capture_output=True, check=False).returncode


@pytest.fixture
def machine(engines, provisioner, broker, tenant, tmp_path):
    remotes = {"board": AT_BOARD, "custodian": AT_CUSTODIAN}
    rendered = Rendered(tenant=tenant, name="Host", nation="SCOTLAND", setting="OTHER", remotes=remotes)
    return Machine(engines, rendered, tmp_path)


def prepared(machine, broker):
    resources = [r for r in machine.resources if r["apiVersion"] == "rabbitmq.com/v1beta1"]
    for more in centre_resources(machine.rendered.tenant).values():
        resources += more
    broker.apply(resources, machine.passwords())
    machine.mount()
    return [
        subprocess.run(
            machine.command("prepare"), env=machine.environment("prepare"), capture_output=True, text=True, check=False
        )
        for _ in range(2)
    ]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_rendered_tenant_runs(machine, broker, eventually):
    """Prepare twice, then the five kinds: all ready, the first administrator signs in, all end with 0 when asked."""
    first, second = prepared(machine, broker)
    assert (first.returncode, first.stderr, second.returncode, second.stderr) == (0, "", 0, "")
    port = free_port()
    running = {}
    try:
        for kind in ("api", "worker", "relay", "job", "courier"):
            options = {"8080": str(port), "10": "0", "0.0.0.0": "127.0.0.1"} if kind == "api" else {}  # noqa: S104
            command, environment = machine.command(kind, **options), machine.environment(kind)
            running[kind] = subprocess.Popen(
                command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        url = f"http://127.0.0.1:{port}"

        def ready():
            with contextlib.suppress(httpx.HTTPError):
                return httpx.get(f"{url}/readyz", timeout=2.0, trust_env=False).status_code == 200
            return False

        eventually(ready, within_s=90)
        for kind in ("worker", "relay", "job", "courier"):
            eventually(lambda kind=kind: machine.probe(kind, "ready") == 0, within_s=90)
        tenant = machine.rendered.tenant
        chosen = {"link": machine.secrets["first-link"]["link"], "password": "kettle mango lorry"}
        assert httpx.post(f"{url}/v1/enrolments", json=chosen, trust_env=False).status_code == 200
        client = ApiClient(url=url, login=f"admin@{tenant}.example", password=chosen["password"], role="HOST_ADMIN")
        assert client.get("/v1/users")
    finally:
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        codes = {kind: process.wait(timeout=45) for kind, process in running.items()}
    assert codes == dict.fromkeys(running, 0)


def test_prepare_refuses_an_address_of_another_user(machine, broker):
    """Credentials that name another service's user or database would give it rights that it must not have."""
    case, consent = (machine.secrets["credentials"][f"{s}.json"] for s in ("case", "consent"))
    machine.secrets["credentials"]["consent.json"] = case
    assert case != consent
    (first, _) = prepared(machine, broker)
    assert first.returncode == 78
    assert "names another user or authSource" in first.stderr


@pytest.mark.parametrize(("uri", "code"), [("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=300", 3), ("", 78)])
def test_prepare_says_whether_to_try_again(machine, broker, uri, code):
    """3 while the database is away, 78 when what was given is wrong; nothing it prints holds the address."""
    machine._admin = uri or machine._admin.replace("alongside-admin:", "alongside-admin:x")
    (first, _) = prepared(machine, broker)
    assert first.returncode == code
    assert "mongodb://" not in first.stderr


def test_services_of_a_tenant_are_prepared_each_in_its_own_database(machine, broker, engines):
    """Every service has its marker, with the topology that its processes will ask for."""
    prepared(machine, broker)
    tenant = machine.rendered.tenant
    from pymongo import MongoClient

    with MongoClient(engines.mongod.admin_uri()) as client:
        markers = {s: client[f"as_{tenant}_{s}"]["marker"].find_one({"_id": "marker"}) for s in services_of(tenant)}
        drop_tenant(client, tenant, services_of(tenant))
    assert {s: (m["tenant_id"], m["service"], m["topology"]) for s, m in markers.items()} == {
        s: (tenant, s, topology_of(tenant).hash) for s in services_of(tenant)
    }
