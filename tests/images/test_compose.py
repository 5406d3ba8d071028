"""The demo in containers: built, brought up, walked to the board's table, hurt, upgraded and taken down."""

import json
import os
import re
import signal
import time

import httpx
import pytest
from docker_engine import AGAIN, PORTS, build, met, run

from deploy.containers.stack import ContainerLayout
from deploy.demo.hosts import HOSTS, PERIOD, PLAN, WORDING
from deploy.demo.make_exports import EXPORTS
from deploy.engines.layout import PROJECT_ROOT
from deploy.render.processes import kinds_of
from deploy.stack.people import client_of, login_of, password_of
from deploy.stack.stack import Stack, is_ready
from shared.kernel.tenancy import BOARD, CENTRE
from tests.kit.pilot import Pilot

EXPECTED = json.loads((EXPORTS.parent / "expected.json").read_text(encoding="utf-8"))["hosts"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


# The custodian says to nobody what it holds, and its database is reached from inside alone.
HELD = """
from shared.runtime.context import open_context
from shared.kernel.tenancy import CUSTODIAN
context = open_context(CUSTODIAN, "custodian", kind="job")
database = context.client[context.database_name]
tasks = [task["_id"] for task in database["tasks"].find({"period": %r})]
print(database["seeds"].count_documents({"task_id": {"$in": tasks}}))
"""


class ContainerPilot(Pilot):
    """Drives a compose stack through its published ports, as its people would."""

    def __init__(self, home, compose):
        self.compose = compose
        self.stack = Stack(ContainerLayout(home=home, port_base=int(PORTS) * 100))
        self.hosts = [host.id for host in HOSTS]
        self.board = client_of(self.stack, BOARD, "statistician")

    def wait_ready(self, within_s=300.0):
        for tenant in self.stack.tenant_ids():
            self.until(
                f"{tenant} to be ready", lambda tenant=tenant: is_ready(self.stack.url(tenant)), within_s=within_s
            )

    def until(self, what, condition, within_s=300.0):
        super().until(what, lambda: met(condition), within_s=within_s)

    def set_clock(self, moment):
        super().set_clock(moment)
        # Every process rereads the clock five times a second.
        time.sleep(0.5)

    def custodian_holds(self, period):
        (job,) = containers(self.compose, "custodian-job")
        return int(run("docker", "exec", job, "python", "-c", HELD % period).split()[-1])


@pytest.fixture
def compose(docker_services):
    """Runs compose commands on the stack that pytest-docker brought up."""

    def command(*arguments):
        return docker_services._docker_compose.execute(" ".join(arguments)).decode()

    return command


def containers(compose, *services):
    """Ids of the containers of these services."""
    return compose("ps", "-q", *services).split()


def state(container):
    """What the engine says of a container."""
    return json.loads(run("docker", "inspect", container))[0]


def kill(container):
    """End a container's process as the machine would, so that the engine starts it again."""
    os.kill(state(container)["State"]["Pid"], signal.SIGKILL)


def figures(preview):
    """(people, left out by reason) of a host's preview."""
    return preview["figures"]["people"], {r["reason"]: r["episodes"] for r in preview["figures"]["left_out"]}


def test_the_demo_in_containers(compose, demo_home, image, docker_compose_project_name, monkeypatch):
    """Import, consent, period and table come out as by hand, through a crash, an upgrade and a restart."""
    began = time.monotonic()

    def said(what):
        print(f"[{time.monotonic() - began:6.1f} s] {what}", flush=True)

    pilot = ContainerPilot(demo_home, compose)
    pilot.wait_ready()
    said("up, with the previous image")

    # Nothing runs as root, nothing can write its own file system, nothing stands beyond 127.0.0.1.
    for container in containers(compose):
        found = state(container)
        assert found["Config"]["User"] not in {"", "0", "root"}, found["Name"]
        assert found["HostConfig"]["ReadonlyRootfs"], found["Name"]
        assert found["HostConfig"]["CapDrop"] == ["ALL"], found["Name"]
        assert "no-new-privileges:true" in found["HostConfig"]["SecurityOpt"], found["Name"]
        published = [p["HostIp"] for ports in found["HostConfig"]["PortBindings"].values() for p in ports]
        assert set(published) <= {"127.0.0.1"}, found["Name"]
    said("every container is closed as the file says")

    # A host's container holds that host's secrets and no other's.
    listed = compose("exec", "-T", "alder-api", "ls", "/var/lib/alongside/secrets/credentials").split()
    assert listed == ["alder"]

    pilot.board.post("/v1/tasks", {"period": PERIOD, "plan": PLAN, "roster": pilot.hosts})
    for host in HOSTS:
        pilot.register_wording(host.id, WORDING)

    # Every container of a host dies in the middle of its import.
    first, *others = HOSTS
    dpo = pilot.as_(first.id, "dpo")
    started = dpo.upload("/v1/imports", (EXPORTS / first.file_name).read_bytes(), profile=first.profile)
    victims = containers(compose, *(f"{first.id}-{kind}" for kind in kinds_of(first.id)))
    before = {victim: state(victim)["RestartCount"] for victim in victims}
    for victim in victims:
        kill(victim)
    pilot.until(
        "every killed container to be started again",
        lambda: all(state(v)["RestartCount"] > before[v] and state(v)["State"]["Running"] for v in victims),
        within_s=120,
    )
    pilot.until(f"{first.id} to be ready", lambda: is_ready(pilot.stack.url(first.id)), within_s=120)
    pilot.until("the import", lambda: dpo.get(f"/v1/imports/{started['id']}")["state"] != "WAITING", within_s=120)
    for host in others[:2]:
        pilot.import_file(host.id, (EXPORTS / host.file_name).read_bytes(), profile=host.profile)
    for host in HOSTS[:3]:
        counted, left_out = figures(pilot.settled_preview(host.id, PERIOD, episodes=EXPECTED[host.id]["adults"]))
        wanted = EXPECTED[host.id]
        assert counted == wanted["effective"]
        assert left_out == {
            "RECONFIRM_REQUIRED": wanted["reconfirm"],
            "REFUSED": wanted["refused"],
            "UNKNOWN": wanted["unknown"],
        }
    said("three imports counted, one through the death of all its host's containers")

    # The new image takes over half-way, on the same data.
    monkeypatch.setenv("ALONGSIDE_IMAGE", image)
    compose("up", "-d")
    pilot.wait_ready()
    images = {state(c)["Config"]["Image"] for c in containers(compose, "alder-worker", "board-job", "provision")}
    assert images == {image}
    for host in HOSTS[3:]:
        pilot.import_file(host.id, (EXPORTS / host.file_name).read_bytes(), profile=host.profile)
    for host in HOSTS:
        preview = pilot.settled_preview(host.id, PERIOD, episodes=EXPECTED[host.id]["adults"])
        assert figures(preview)[0] == EXPECTED[host.id]["effective"]
        pilot.sign(host.id, PERIOD)
    said("upgraded; all six imported and signed")

    pilot.seal_all(PERIOD)
    assert pilot.close_period(PERIOD)["state"] == "PROTECTED"
    release = pilot.publish(PERIOD)
    people = sum(EXPECTED[host.id]["effective"] for host in HOSTS)
    assert abs(release["people"] - people) < 5, "rounded to 5"
    assert release["hosts"] == len(HOSTS)
    assert running_page(pilot.stack.url(BOARD), login_of("operator", CENTRE), password_of(pilot.stack.layout, CENTRE))
    said("published")

    compose("down")
    assert containers(compose) == []
    compose("up", "-d")
    pilot.wait_ready()
    again = client_of(pilot.stack, BOARD, "statistician").get(f"/v1/releases/{release['id']}")
    assert again == release
    for host in HOSTS:
        assert pilot.preview(host.id, PERIOD)["state"] == "SEALED"
    said("down and up again, with nothing lost")

    pilot.until(
        "every container to be healthy",
        lambda: (
            {state(c)["State"].get("Health", {}).get("Status") for c in containers(compose, *running(compose))}
            == {"healthy"}
        ),
        within_s=600,
    )
    compose("stop")
    ended = {
        state(c)["Name"]: state(c)["State"]["ExitCode"]
        for c in run(
            "docker", "ps", "-aq", "--filter", f"label=com.docker.compose.project={docker_compose_project_name}"
        ).split()
    }
    wrong = {name: code for name, code in ended.items() if code != 0 and "mongo" not in name and "rabbitmq" not in name}
    assert wrong == {}, "a process that is told to stop ends with 0"
    said("stopped cleanly")


def running_page(url, login, password):
    """Sign in at the board's page, whose people the central register knows; gives the operator's page."""
    with httpx.Client(base_url=url, headers={"Origin": url}, timeout=60) as browser:
        form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', browser.get("/sign-in").text))
        entered = browser.post("/sign-in", data={**form, "username": login, "password": password})
        assert entered.status_code == 303, entered.text
        page = browser.get("/running")
        assert page.status_code == 200, page.status_code
        return page.text


def running(compose):
    """Names of the services that are to run."""
    once = {"provision", "replica-set"}
    return [
        service
        for service in compose("config", "--services").split()
        if service not in once and "observ" not in service
    ]


def test_the_image_is_closed(image):
    """The image runs as nobody in particular, without pip or a compiler, and carries its bill of materials."""
    found = state(image)
    assert found["Config"]["User"] == "10001:10001"
    assert found["Config"]["Labels"]["org.opencontainers.image.title"] == "Alongside"
    assert found["Config"]["Healthcheck"]["Test"][-1] == "deploy.containers.healthy"
    inside = (
        "import importlib.util, json, shutil; bill = json.load(open('/venv/share/sbom/alongside.cdx.json')); "
        "print(json.dumps([importlib.util.find_spec('pip') is None, shutil.which('gcc') is None, bill['bomFormat'], sorted(c['name'] for c in bill['components'])]))"
    )
    said = run(
        "docker", "run", "--rm", "--read-only", "--cap-drop", "ALL", "--network", "none", image, "python", "-c", inside
    )
    no_pip, no_compiler, form, names = json.loads(said.splitlines()[-1])
    assert (no_pip, no_compiler, form) == (True, True, "CycloneDX")
    locked = {
        line.split("==")[0]
        for line in (PROJECT_ROOT / "deploy/locks/runtime.txt").read_text().splitlines()
        # A line with a marker is for other systems, such as Windows.
        if "==" in line and ";" not in line
    }
    plain = {name.lower().replace("_", "-").replace(".", "-") for name in names}
    assert {name.lower().replace("_", "-").replace(".", "-") for name in locked} <= plain


def test_the_same_tree_gives_the_same_image(image, bases):
    """Built anew without any cache, every file of ours and of the packages has the same path, mode and bytes."""
    build(PROJECT_ROOT, AGAIN, bases, "--no-cache")
    inside = (
        "import hashlib, os, pathlib; digest = hashlib.sha256(); "
        "files = sorted(p for top in ('/venv', '/app') for p in pathlib.Path(top).rglob('*') if not p.is_dir()); "
        "[digest.update(f'{p} {os.lstat(p).st_mode:o} {hashlib.sha256(p.read_bytes()).hexdigest()}'.encode()) for p in files]; "
        "print(len(files), digest.hexdigest())"
    )
    first, again = (
        run("docker", "run", "--rm", "--read-only", "--network", "none", name, "python", "-c", inside).split()
        for name in (image, AGAIN)
    )
    run("docker", "rmi", AGAIN)
    assert int(first[0]) > 1_000
    assert first == again
