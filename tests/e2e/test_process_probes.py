"""Real processes tell the truth about themselves: heartbeats while they live, not ready before they end."""

import os
import secrets
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from deploy.engines.layout import PROJECT_ROOT
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from shared.kernel.tenancy import TenantId
from tests.kit.suite import tenant_number

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def tenant(engines):
    provisioner = Provisioner(engines.layout, timings=Timings(retry_delays_ms=(100, 300)), demo=True)
    provisioner.provision_centre()
    made = TenantId("h" + secrets.token_hex(4))
    provisioner.provision(TenantSpec(id=made, name="Host", nation="WALES", setting="OTHER", number=tenant_number()))
    yield made
    provisioner.remove(made)
    provisioner.close()


@pytest.fixture
def start(engines, tenant, tmp_path):
    """Starts a process of the tenant with a folder for its heartbeats; all are ended afterwards."""
    running = []

    def begin(*arguments):
        environment = {
            **os.environ,
            "ALONGSIDE_SECRETS": str(engines.layout.secrets_dir / "credentials"),
            "ALONGSIDE_HEARTBEAT": str(tmp_path),
            "PYTHONPATH": str(PROJECT_ROOT),
            "PYTHONWARNINGS": "ignore",
        }
        command = [sys.executable, "-m", "services.run", arguments[0], "--tenant", tenant, *arguments[1:]]
        running.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))
        return running[-1]

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=20)


def ask(folder, question):
    environment = {**os.environ, "ALONGSIDE_HEARTBEAT": str(folder), "PYTHONPATH": str(PROJECT_ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "shared.runtime.probe", question], env=environment, capture_output=True, check=False
    ).returncode


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    ("words", "loops"),
    [
        ("worker", ["consume-consent-case", "relay-case", "case-imports", "courier-custodian", "MainThread"]),
        ("worker --kinds consumers", ["consume-consent-case"]),
        ("relay", ["relay-case"]),
        ("job", ["case-imports", "reporting-period-clock"]),
        ("courier", ["courier-custodian"]),
    ],
)
def test_every_loop_beats_and_the_process_becomes_ready(start, tmp_path, eventually, words, loops):
    """Each kind without HTTP is live and ready once its loops go round, and ends with 0 when asked."""
    assert ask(tmp_path, "live") == 1
    process = start(*words.split())
    for loop in loops:
        eventually((tmp_path / f"{loop}.json").exists, within_s=60)
    eventually(lambda: ask(tmp_path, "ready") == 0, within_s=30)
    assert ask(tmp_path, "live") == 0
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0


def test_a_worker_whose_services_hear_nothing_stands_by(start, tmp_path, eventually):
    """A packing without subscriptions is alive, and ends with 0 when asked."""
    process = start("worker", "--kinds", "consumers", "--services", "identity")
    eventually(lambda: ask(tmp_path, "live") == 0, within_s=60)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0


def test_an_api_is_not_ready_before_it_stops_answering(start, eventually):
    """From SIGTERM on /readyz says 503 and draining, while other requests are still answered."""
    port = free_port()
    process = start("api", "--port", str(port), "--drain-s", "30")
    url = f"http://127.0.0.1:{port}"

    def code(path):
        try:
            return httpx.get(f"{url}{path}", timeout=2.0, trust_env=False).status_code
        except httpx.HTTPError:
            return None

    eventually(lambda: code("/readyz") == 200, within_s=60)
    process.send_signal(signal.SIGTERM)
    eventually(lambda: code("/readyz") == 503, within_s=10)
    assert (code("/healthz"), code("/v1/meta"), process.poll()) == (200, 200, None)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


def test_an_api_ends_by_itself_when_it_has_drained(start, eventually):
    """After the given seconds it ends with 0, and without a wait at once."""
    for seconds in ("0", "1.5"):
        port = free_port()
        process = start("api", "--port", str(port), "--drain-s", seconds)
        eventually(lambda port=port: listens(port), within_s=60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
