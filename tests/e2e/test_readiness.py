"""``/readyz`` tells the truth, also while a process is being stopped."""

import json
import secrets
import signal

import httpx
import pytest

from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from deploy.stack.readiness import unready_because
from shared.kernel.tenancy import TenantId
from tests.kit.processes import start
from tests.kit.suite import tenant_number

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


@pytest.fixture
def tenant(engines):
    provisioner = Provisioner(engines.layout, timings=Timings(), demo=True)
    provisioner.provision_centre()
    made = TenantId("r" + secrets.token_hex(4))
    provisioner.provision(TenantSpec(id=made, name="Host", nation="ENGLAND", setting="OTHER", number=tenant_number()))
    file = engines.layout.secrets_dir / "credentials" / made / "identity.json"
    settings = json.loads(file.read_text(encoding="utf-8"))
    settings["extra"]["drain_s"] = 4.0
    file.write_text(json.dumps(settings), encoding="utf-8")
    yield made, f"http://127.0.0.1:{settings['api_port']}"
    provisioner.remove(made)
    provisioner.close()


def test_readiness_falls_before_a_process_stops_answering(engines, tenant, eventually):
    """SIGTERM: not ready at once, requests are still answered, and the end is clean."""
    name, url = tenant
    process = start(engines, "api", name)
    try:
        eventually(lambda: not unready_because(url), within_s=60)
        process.send_signal(signal.SIGTERM)
        eventually(lambda: unready_because(url) == ("draining",), within_s=3)
        assert httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
        assert process.poll() is None
        assert process.wait(timeout=30) == 0
        assert unready_because(url) == ("no-answer",)
    finally:
        process.kill()
