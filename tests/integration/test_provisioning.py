"""Provisioning at the same time, as two operators or the workers of a test run do."""

import contextlib
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from deploy.provision.tenants import Provisioner, TenantSpec, Timings
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
