"""What a sandbox is follows from its id alone: which services, which files, no roster, nothing outside on a cluster."""

import json
from datetime import UTC, datetime

import pytest
import yaml

from deploy.provision.settings import files_of, servers_of, signs
from deploy.render.folder import render
from deploy.render.names import Rendered
from deploy.render.processes import kinds_of
from shared.bus.codec import encode
from shared.bus.names import CE_SANDBOX
from shared.contracts.task import RosterHost
from shared.kernel.ids import new_id
from shared.kernel.tenancy import TenantId, couriers_service, is_sandbox, services_of, tenant_id
from shared.keys.signing import HostRegister, SandboxHostError, UnknownHostError

TRY = tenant_id("sandboxtry")
HOST = tenant_id("alder")


def entry(host):
    return RosterHost(host=host, nation="WALES", setting="OTHER", signing_key="0" * 64)


@pytest.mark.parametrize(
    ("tenant", "is_one"), [("sandbox", True), ("sandboxtry", True), ("alder", False), ("mysandbox", False)]
)
def test_the_id_alone_says_it(tenant, is_one):
    """No file, no flag and no command can change it."""
    assert is_sandbox(tenant_id(tenant)) is is_one


def test_it_runs_what_a_host_runs_but_for_what_counts():
    """No reporting, so nothing that signs or seals, and no courier, so nothing that could carry it anywhere."""
    assert set(services_of(HOST)) - set(services_of(TRY)) == {"reporting"}
    assert couriers_service(TRY) is None
    assert servers_of(TRY) == ()
    assert not signs(TRY)
    assert files_of(TRY) == services_of(TRY)
    assert "courier" not in kinds_of(TRY)


def test_it_can_stand_on_no_roster(tmp_path):
    """It cannot be registered; one that somebody wrote into the file is not there for anybody who reads it."""
    register = HostRegister(path=tmp_path / "hosts.json")
    register.put(entry(HOST), name="Alder")
    with pytest.raises(SandboxHostError):
        register.put(entry(TRY), name="Try")
    written = json.loads(register.path.read_text())
    written[TRY] = written[HOST]
    register.path.write_text(json.dumps(written))
    assert set(register.read()) == {HOST}
    with pytest.raises(UnknownHostError):
        register.get(TRY)


@pytest.mark.parametrize(("tenant", "said"), [(TRY, "true"), (HOST, None)])
def test_each_message_at_the_broker_says_so(tenant, said):
    """As an attribute of the CloudEvent."""
    event = {"id": new_id(), "type": "alongside.case.episode_opened.v1", "subject": "x", "sequence": 1, "body": b"{}"}
    made = encode(event=event, tenant_id=tenant, recorded_at=datetime.now(UTC), broker_user="x", streams={})
    assert made.headers.get(CE_SANDBOX) == said


def test_on_a_cluster_it_has_no_way_out_and_asks_no_server_for_anything():
    """Rendered without board and custodian; the courier of the base is taken away."""
    rendered = Rendered(tenant=TenantId(TRY), name="Try", nation="WALES", setting="OTHER", remotes={}, public_keys={})
    files = render(rendered)
    assert not any(path.startswith("at-") for path in files)
    made = yaml.safe_load(files["kustomization.yaml"])
    assert made["resources"][0] == "../../base"
    removed = {yaml.safe_load(p["patch"])["kind"] for p in made["patches"] if "$patch: delete" in p["patch"]}
    assert removed == {"Deployment", "PodDisruptionBudget", "NetworkPolicy"}
    assert "courier" not in files["broker.yaml"]
    assert "reporting" not in files["broker.yaml"]
