"""Who reaches the public internet from a container or a cluster, and what of it: said once, for both."""

import ipaddress

import pytest

from deploy.render.processes import KINDS
from deploy.render.ways_out import goes_out, policy
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, TenantId
from shared.web.outbound.addresses import is_refused

HOST = TenantId("alder")


def test_a_host_s_job_and_nobody_else_goes_outside():
    """Neither what answers requests, nor what hears, relays or carries; and nobody of the centre."""
    assert [kind for kind in KINDS if goes_out(kind, HOST)] == ["job"]
    assert not any(goes_out(kind, tenant) for kind in KINDS for tenant in (BOARD, CUSTODIAN, CENTRE))
    assert [policy(tenant) for tenant in (BOARD, CUSTODIAN, CENTRE)] == [None] * 3


@pytest.mark.parametrize(
    "text",
    ["10.1.2.3", "172.16.9.9", "192.168.1.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "168.63.129.16",
     "1.1.1.1", "93.184.215.14", "::1", "fd00::1", "fe80::1", "64:ff9b::a00:1", "2606:4700::1111"],
)  # fmt: skip
def test_a_cluster_lets_through_what_the_code_does(text):
    """The policy and the code say the same of each address."""
    address = ipaddress.ip_address(text)
    blocks = [peer["ipBlock"] for rule in policy(HOST)["spec"]["egress"] for peer in rule["to"] if "ipBlock" in peer]
    passes = any(
        address in ipaddress.ip_network(block["cidr"])
        and not any(address in ipaddress.ip_network(one) for one in block["except"])
        for block in blocks
        if ipaddress.ip_network(block["cidr"]).version == address.version
    )
    assert passes is not is_refused(text)


def test_ports_are_those_of_tls_and_the_broker_s():
    """Nothing in clear, whatever the address."""
    ports = [sorted(port["port"] for port in rule["ports"]) for rule in policy(HOST)["spec"]["egress"]]
    assert ports == [[443, 8443], [443, 8443], [5672]]
