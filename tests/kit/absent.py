"""Hosts that are on a roster and have their keys, but run no process: for tests that watch one host only."""

from deploy.provision.spec import TenantSpec
from shared.kernel.tenancy import TenantId

_FIRST_NUMBER = 20


def provision_absent(pilot, hosts):
    """Provision hosts without entering them in the stack's record, so that nothing of theirs is started."""
    provisioner = pilot.stack.provisioner()
    try:
        for number, host in enumerate(hosts, start=_FIRST_NUMBER):
            spec = TenantSpec(id=TenantId(host), name="Absent", nation="ENGLAND", setting="OTHER", number=number)
            provisioner.provision(spec)
    finally:
        provisioner.close()
