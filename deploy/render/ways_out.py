"""Which process of a host may reach the public internet, and what of it: the job, by TLS, for webhooks and sources.

One source for both places: compose takes from here which containers stand in the network ``outbound``; a cluster's
policy names the very ranges that the code itself refuses (``shared.web.outbound.addresses``), so that neither lets
through what the other would not. Compose cannot tell addresses apart: there the code refuses them alone.

Promise: what is committed is what this gives (tests/images/test_compose_consistency.py,
tests/k8s/test_code_and_k8s.py).
"""

from typing import Any

from deploy.engines.official import AMQP_PORT
from deploy.render import names
from services.integrations.webhooks.targets import PORTS
from shared.kernel.tenancy import TenantId, services_of
from shared.web.outbound.addresses import REFUSED

_NAME = "job-outside"
_EVERYTHING = {4: "0.0.0.0/0", 6: "::/0"}


def goes_out(kind: str, tenant: str) -> bool:
    """Whether a kind of process of a tenant may reach the public internet: a host's job, and nobody else's."""
    return kind == "job" and "integrations" in services_of(TenantId(tenant))


def policy(tenant: TenantId) -> dict[str, Any] | None:
    """Give what lets a tenant's job out of its cluster; None where it has nothing to do there.

    Beside the public internet it reaches the broker, which it fills the queues of the host's own systems at.
    """
    if not goes_out("job", tenant):
        return None
    ports = [{"protocol": "TCP", "port": port} for port in sorted(PORTS)]
    egress: list[dict[str, Any]] = [
        {"to": [{"ipBlock": {"cidr": cidr, "except": _refused(version)}}], "ports": ports}
        for version, cidr in _EVERYTHING.items()
    ]
    broker = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": names.ENGINES_NAMESPACE}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": names.BROKER}},
    }
    egress.append({"to": [broker], "ports": [{"protocol": "TCP", "port": AMQP_PORT}]})
    spec = {
        "podSelector": {"matchLabels": {"app.kubernetes.io/component": "job"}},
        "policyTypes": ["Egress"],
        "egress": egress,
    }
    labels = {"app.kubernetes.io/name": "alongside"}
    return names.resource("networking.k8s.io/v1", "NetworkPolicy", _NAME, spec, labels=labels)


def _refused(version: int) -> list[str]:
    return [str(network) for network in REFUSED if network.version == version]
