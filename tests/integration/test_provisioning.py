"""Provisioning at the same time, as two operators or the workers of a test run do."""

import contextlib
import json
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from deploy.provision.credentials import Vault
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from deploy.render.credentials import tenant_secrets
from deploy.render.names import RemoteBroker, Rendered
from shared.kernel.tenancy import BOARD, CUSTODIAN, TenantId
from shared.keys.signing import HostRegister
from tests.kit.suite import tenant_number

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


def test_hosts_that_are_provisioned_at_once_are_all_registered(engines, monkeypatch):
    """Each register is read and written whole, so one provisioner works at a time: nobody's entry is lost."""
    read, both_have_read = HostRegister.read, threading.Barrier(2, timeout=2)

    def read_with_the_other(register):
        content = read(register)
        # Who is alone waits in vain, once; two at once would both go on with what neither has changed.
        with contextlib.suppress(threading.BrokenBarrierError):
            both_have_read.wait()
        return content

    monkeypatch.setattr(HostRegister, "read", read_with_the_other)
    specs = [
        TenantSpec(
            id=TenantId("v" + secrets.token_hex(5)),
            name="Host",
            nation="WALES",
            setting="OTHER",
            number=tenant_number(),
        )
        for _ in range(2)
    ]
    provisioners = [Provisioner(engines.layout, timings=Timings(retry_delays_ms=(100,)), demo=True) for _ in specs]
    try:
        provisioners[0].provision_centre()
        with ThreadPoolExecutor(len(specs)) as pool:
            list(pool.map(lambda pair: pair[0].provision(pair[1]), zip(provisioners, specs, strict=True)))
        for server in (BOARD, CUSTODIAN):
            known = HostRegister(path=engines.layout.home / "tenants" / server / "hosts.json").read()
            assert {spec.id for spec in specs} <= set(known)
    finally:
        for provisioner, spec in zip(provisioners, specs, strict=True):
            provisioner.remove(spec.id)
            provisioner.close()


def test_a_cluster_is_told_what_a_stack_on_one_machine_is_told(engines):
    """File by file and field by field: what a service learns does not depend on who runs it.

    But for what a cluster has not, a sign-in page, and for the escrow's key, which is drawn on its own volume.
    """
    tenant = TenantId("v" + secrets.token_hex(5))
    spec = TenantSpec(id=tenant, name="Host", nation="WALES", setting="OTHER", number=tenant_number())
    remotes = {server: RemoteBroker(host=f"{server}.example", network="192.0.2.1/32") for server in (BOARD, CUSTODIAN)}
    rendered = Rendered(tenant=tenant, name="Host", nation="WALES", setting="OTHER", remotes=remotes)
    cluster = {
        name: json.loads(text)
        for template in tenant_secrets(rendered)
        if template.name.startswith("credentials")
        for name, text in template.data.items()
    }
    provisioner = Provisioner(engines.layout, timings=Timings(), demo=True)
    try:
        provisioner.provision_centre()
        provisioner.provision(spec)
        folder = Vault.folder_of(engines.layout.secrets_dir, tenant)
        local = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json")}
    finally:
        provisioner.remove(tenant)
        provisioner.close()
    assert {name: set(content) for name, content in local.items()} == {n: set(c) for n, c in cluster.items()}
    renamed = {"escrow_holder_key": "escrow_holder_key_file"}
    for name, content in local.items():
        told = {renamed.get(key, key) for key in content["extra"]} - {"sign_in_register"}
        assert told == set(cluster[name]["extra"])
        same = ("name", "nation", "setting", "vhost", "token_issuer", "mark_every_s", "retry_delays_ms")
        assert {key: content[key] for key in same} == {key: cluster[name][key] for key in same}
