"""A sandbox on the engines of a host that has engines of its own: provisioned with it, and told nothing of the centre."""

import json
import secrets

import pytest

from deploy.containers.stack import ContainerLayout
from deploy.engines.layout import DEFAULT_PORT_BASE
from deploy.provision.apart import HostProvisioner, Invitation, TlsFiles
from deploy.provision.credentials import Vault
from deploy.provision.spec import TenantSpec, Timings
from shared.kernel.tenancy import SANDBOX, TenantId, services_of
from tests.kit.suite import tenant_number

pytestmark = pytest.mark.integration


def told(layout, tenant, name):
    return json.loads((Vault.folder_of(layout.secrets_dir, tenant) / f"{name}.json").read_text())


def test_each_is_told_its_own_and_the_sandbox_nothing_of_the_centre(engines, tmp_path):
    """The host has its courier and signing key; its sandbox neither, and invented people."""
    word = secrets.token_hex(5)
    host, sandbox = TenantId(f"t{word}"), TenantId(f"{SANDBOX}{word}")
    layout = ContainerLayout(home=tmp_path, port_base=DEFAULT_PORT_BASE)
    invitation = Invitation(
        host=host,
        remotes={server: f"amqps://a:b@broker.example:5671/{server}" for server in ("board", "custodian")},
        signing_keys={"board": "invented-board-key", "custodian": "invented-custodian-key"},
    )
    provisioner = HostProvisioner(
        layout, timings=Timings(), demo=False, engines=engines, invitation=invitation,
        tls=TlsFiles.in_folder(tmp_path / "tls"),
    )  # fmt: skip
    try:
        for one in (host, sandbox):
            provisioner.provision(
                TenantSpec(id=one, name="Oak", nation="WALES", setting="OTHER", number=tenant_number())
            )
        assert "invented-board-key" in json.dumps(told(layout, host, "reporting"))
        assert {name for name in services_of(host) if told(layout, host, name)["demo"]} == set()
        folder = Vault.folder_of(layout.secrets_dir, sandbox)
        assert {name for name in services_of(sandbox) if told(layout, sandbox, name)["demo"]} == {"identity", "consent"}
        assert not any((folder / name).exists() for name in ("courier.json", "reporting.json", "signing.key"))
        everything = "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.json"))
        assert not any(
            word in everything for word in ("invented-board-key", "invented-custodian-key", "broker.example")
        )
        assert told(layout, sandbox, "case")["extra"]["drop_folder"] == str(tmp_path / "drop" / sandbox)
    finally:
        for one in (host, sandbox):
            provisioner.remove(one)
        provisioner.close()
