"""A host with its own broker, database and keys, and a centre elsewhere: joined by one line with mutual TLS."""

import json
import os
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from docker_engine import PORTS, met, run
from test_compose import EXPECTED, figures, state

from deploy.containers.secret_folder import ENGINES, OURS
from deploy.containers.stack import ContainerLayout
from deploy.demo.hosts import HOSTS, PERIOD, PLAN, WORDING
from deploy.demo.make_exports import EXPORTS
from deploy.engines.layout import PROJECT_ROOT
from deploy.provision.apart import Request
from deploy.stack.people import client_of
from deploy.stack.stack import Stack, is_ready
from shared.codelists.periods import Period
from shared.kernel.clock import write_offset
from shared.kernel.tenancy import BOARD, CENTRE
from shared.keys.signing import SigningKey
from tests.kit.certificates import Authority
from tests.kit.pilot import Pilot

HOST, BROKER = "oak", "broker.centre.example"
ABSENT = ("ash", "beech", "lime", "rowan")
ALDER = HOSTS[0]
LONG_S = 420.0
EXPIRED = {"begins": timedelta(days=-9), "lasts": timedelta(days=-1)}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


class Site:
    """One compose stack on its own networks."""

    def __init__(self, kind, ports, image, command, *files, **settings):
        self.said = ""
        self.folder = Path(tempfile.mkdtemp(prefix=f"alongside-{kind}-"))
        self.home = self.folder / "home"
        self.project = f"alongside{kind}{os.getpid()}"
        self.stack = Stack(ContainerLayout(home=self.home, port_base=ports * 100))
        self.environment = {
            "ALONGSIDE_SECRETS_FOLDER": str(self.folder),
            "ALONGSIDE_PORTS": str(ports),
            "ALONGSIDE_IMAGE": image,
            "COMPOSE_PROFILES": kind,
            **settings,
        }
        self.command = (
            *command.split(),
            *(part for file in files for part in ("-f", str(PROJECT_ROOT / file))),
            "-p",
            self.project,
        )

    def compose(self, *arguments, check=True):
        return run(*self.command, *arguments, check=check, **self.environment)

    def secrets(self, *arguments):
        run("deploy/containers/secrets.sh", *arguments, **self.environment)

    def container(self, service):
        found = self.compose("ps", "-q", service).split()
        assert found, f"{service} has no container: {self.said}"
        return found[-1]

    def python(self, code):
        """Run a line in the provisioner's container, which holds the administrators' passwords."""
        return self.compose("run", "--rm", "--no-deps", "provision", "python", "-c", code)

    def give(self, path, content, owner=OURS):
        """Put a file where the operator would, for the user who reads it."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(0o600)
        for each in (path, path.parent):
            os.chown(each, owner, owner)

    def set_clock(self, moment):
        write_offset(self.stack.layout.clock_file, (moment - datetime.now(UTC)).total_seconds())

    def remove(self):
        if os.environ.get("ALONGSIDE_KEEP") != "1":
            self.compose("down", "-v", check=False)
            shutil.rmtree(self.folder, ignore_errors=True)


class HostPilot(Pilot):
    """Drives the host as its people would."""

    def __init__(self, site):
        self.stack, self.hosts = site.stack, [HOST]


def people(site, tenant):
    """Make the invented people that a demo would have."""
    site.python(
        "from deploy.containers.stack import HOME, ContainerLayout as L; from deploy.stack.people import make_people; "
        f"make_people(L(home=HOME, port_base=27400), '{tenant}')"
    )


def until(what, condition, within_s=LONG_S):
    deadline = time.monotonic() + within_s
    while not met(condition):
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(1.0)


@pytest.fixture(scope="module")
def sites(image, compose_settings, docker_compose_command):
    """The two sites, not yet started, and the network between them."""
    guests = ("docker-compose.yml", "docker-compose.guests.yml")
    first = int(PORTS) + 1
    centre = Site("centre", first, image, docker_compose_command, *guests)
    host = Site("host", first + 1, image, docker_compose_command, guests[0], ALONGSIDE_HOST=HOST)
    between = f"alongsidebetween{os.getpid()}"
    run("docker", "network", "create", "--internal", between)
    yield centre, host, between
    for site in (host, centre):
        site.remove()
    run("docker", "network", "rm", between, check=False)


def test_a_host_of_its_own(sites):
    """A period's halves reach the centre through an absence, a stranger's and an ended certificate, with no restart."""
    centre, host, between = sites
    began = time.monotonic()

    def said(what):
        print(f"[{time.monotonic() - began:6.1f} s] {what}", flush=True)

    authority, stranger = Authority("Invented authority of the centre"), Authority("Invented authority of a stranger")
    tls = host.home / "tls"

    def certify(issuer, name, **validity):
        issuer.issue(tls, name, others=[authority], **validity)
        for file in tls.iterdir():
            os.chown(file, OURS, OURS)

    # The business clock stands in the period before anything starts; it never runs backwards in service.
    period = Period.parse(PERIOD)
    centre.secrets("centre")
    host.secrets("host", HOST, "--name", "Oak House", "--nation", ALDER.nation, "--setting", ALDER.setting)
    for site in (centre, host):
        site.set_clock(period.seal_at() - timedelta(hours=20))

    # The centre, with a door for guests.
    broker_tls = authority.issue(centre.folder / "broker-tls", BROKER)
    for file in broker_tls.iterdir():
        os.chown(file, ENGINES, ENGINES)
    centre.compose("up", "-d")
    run("docker", "network", "connect", "--alias", BROKER, between, centre.container("rabbitmq"))
    until("the centre", lambda: all(is_ready(centre.stack.url(t)) for t in (BOARD, CENTRE)))
    people(centre, CENTRE)
    said("the centre is up")

    # A host without an invitation stops, and says what to do.
    host.said = host.compose("up", "-d", check=False)
    stopped = host.container("provision")
    assert state(stopped)["State"]["ExitCode"] == 78
    assert "Send request.json to the centre" in run("docker", "logs", stopped)

    # The exchange: a request there, an invitation back; and four hosts of the roster that never send anything.
    request = Request.read(host.home / "request.json")
    requests = {HOST: request.__dict__}
    for name in ABSENT:
        key = SigningKey(secret=os.urandom(32)).public
        requests[name] = {**request.__dict__, "host": name, "name": "Absent", "signing_key": key}
    for name, content in requests.items():
        centre.give(centre.home / "requests" / f"{name}.json", json.dumps(content))
        admit = (
            "python",
            "-m",
            "deploy.containers.provision",
            "admit",
            "--tenant",
            name,
            "--address",
            f"{BROKER}:5671",
        )
        centre.compose("run", "--rm", "--no-deps", "provision", *admit)
    host.give(host.home / "invitation.json", (centre.home / "invitations" / f"{HOST}.json").read_text())
    certify(authority, "oak-1.example")
    host.compose("up", "-d")
    courier = host.container("host-courier")
    run("docker", "network", "connect", between, courier)
    # A stack of one host publishes it as the first of a demo's.
    host.stack.port = lambda _tenant: host.stack.layout.tenant_api_port(0)
    until("the host", lambda: is_ready(host.stack.url(HOST)))
    people(host, HOST)
    started_at = state(courier)["State"]["StartedAt"]
    said("the host is up, on engines of its own")

    # Nothing of the centre's can be reached from the host but through the courier, and nothing comes in.
    # The job alone has a way out beside it, for webhooks and sources; it ends at the public internet.
    for service in ("host-worker", "host-relay", "host-job", "host-api"):
        networks = state(host.container(service))["NetworkSettings"]["Networks"]
        ways_out = {n.removeprefix(f"{host.project}_") for n in networks if n.endswith(("_outbound", between))}
        assert ways_out == ({"outbound"} if service == "host-job" else set()), service

    def logged(**fields):
        """Whether the courier's log has a line with these fields."""
        lines = [json.loads(line) for line in run("docker", "logs", courier).splitlines() if line.startswith("{")]
        return any(all(line.get(k) in v for k, v in fields.items()) for line in lines)

    def waiting():
        """How many rows wait in the host's outbox for board and custodian."""
        count = (
            "from pymongo import MongoClient; from pathlib import Path; from deploy.provision.outside import OutsideDatabase; "
            "d = OutsideDatabase(address='mongo:27017', password_file=Path('/run/secrets/database-admin')); "
            f"c = MongoClient(d.admin_uri())['as_{HOST}_reporting']['outbox']; "
            "print('waiting', *(c.count_documents({'status': 'NEW', 'route': r}) for r in ('board', 'custodian')))"
        )
        found = next(line for line in host.python(count).splitlines() if line.startswith("waiting"))
        return tuple(int(n) for n in found.split()[1:])

    # A task comes in; the host imports and signs.
    board = client_of(centre.stack, BOARD, "statistician")
    board.post("/v1/tasks", {"period": PERIOD, "plan": PLAN, "roster": [HOST, *ABSENT]})
    pilot = HostPilot(host)
    pilot.register_wording(HOST, WORDING)
    pilot.import_file(HOST, (EXPORTS / ALDER.file_name).read_bytes(), profile=ALDER.profile)
    until("the task and the figures", lambda: figures_of(pilot) == EXPECTED[ALDER.id]["effective"])
    until("the figures to stand still", lambda: accounted(pilot) == EXPECTED[ALDER.id]["adults"])
    pilot.sign(HOST, PERIOD)
    said("a task came in, and the host has signed")

    def status():
        return next(h["status"] for h in board.get("/v1/hosts")["items"] if h["host"] == HOST)

    # The centre is away while the host seals.
    run("docker", "network", "disconnect", between, courier)
    for site in sites[:2]:
        site.set_clock(period.seal_at() + timedelta(minutes=1))
    until("the seal", lambda: pilot.preview(HOST, PERIOD)["state"] == "SEALED")
    away = {"name-not-found", "unreachable", "no-answer", "connection-lost", "connection-refused"}
    until("a reason for the absence", lambda: logged(message={"relay waits"}, reason=away))
    assert waiting() == (1, 1)
    assert status() != "ON_TIME"
    said("sealed while the centre was away: two halves wait")

    # It is back, but our certificate is a stranger's: the centre refuses it.
    certify(stranger, "oak-2.example")
    run("docker", "network", "connect", between, courier)
    refused = {"own-certificate-untrusted", "own-certificate-refused"}
    until("a reason for the refusal", lambda: logged(reason=refused))
    assert waiting() == (1, 1)
    said("a stranger's certificate is refused, and the log says so")

    # Then an ended one.
    certify(authority, "oak-3.example", **EXPIRED)
    until("a reason for the end", lambda: logged(reason={"own-certificate-expired"}))
    assert waiting() == (1, 1)
    assert status() != "ON_TIME"
    said("an ended certificate is named as such")

    # The right one is taken up by itself.
    certify(authority, "oak-4.example")
    until("the halves to arrive", lambda: status() == "ON_TIME")
    until("nothing to wait", lambda: waiting() == (0, 0))
    said("both halves arrived")

    def subjects():
        listed = run(
            "docker",
            "exec",
            centre.container("rabbitmq"),
            "rabbitmqctl",
            "-q",
            "list_connections",
            "user",
            "peer_cert_subject",
        )
        return {
            line.split("CN=")[1].split(",")[0].strip()
            for line in listed.splitlines()
            if f"courier.{HOST}" in line and "CN=" in line
        }

    until("the line to stand", lambda: subjects() == {"oak-4.example"})
    # A certificate is replaced in good time: the line goes over to it.
    certify(authority, "oak-5.example")
    until("the line to go over", lambda: subjects() == {"oak-5.example"})
    found = state(courier)
    assert (found["State"]["StartedAt"], found["RestartCount"]) == (started_at, 0), "without a restart"
    assert figures(pilot.preview(HOST, PERIOD))[0] == EXPECTED[ALDER.id]["effective"]
    said("a certificate was replaced without a restart")


def figures_of(pilot):
    """People counted in the host's preview; None before the task came."""
    preview = pilot.preview(HOST, PERIOD)
    return preview["figures"]["people"] if preview else None


def accounted(pilot):
    """Episodes that the preview counts or names as left out."""
    counted, left_out = figures(pilot.preview(HOST, PERIOD))
    return counted + sum(left_out.values())
