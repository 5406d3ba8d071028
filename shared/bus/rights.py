"""What each broker user may do in a vhost: configure nothing, write its own, read its own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from shared.bus.names import (
    CENTRE_INBOX,
    HOSTS_INBOX,
    INTEGRATORS,
    PARKING,
    RETRY,
    RETRY_RETURN,
    TO_HOSTS,
    UNROUTED,
    events_exchange,
    host_queue,
    integrator_queue,
    working_queue,
)
from shared.bus.topology import Topology
from shared.kernel.tenancy import BOARD, CUSTODIAN, TenantId

NOTHING = "^$"
"""A pattern that allows nothing."""


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What one user may do in one vhost; ``topics`` narrows routing keys by exchange."""

    write: str = NOTHING
    read: str = NOTHING
    topics: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Account:
    """A broker user.

    Attributes:
        rights: What it may do, by vhost.
    """

    user: str
    password: str
    rights: Mapping[str, Rights]


def service_rights(topology: Topology, service: str) -> Rights:
    """What a service's own user may do in its vhost."""
    own = "|".join(
        [
            re.escape(events_exchange(service)),
            *([re.escape(TO_HOSTS)] if topology.tenant_id == BOARD else []),
            *([INTEGRATORS] if service == "integrations" else []),
        ]
    )
    return Rights(
        write=f"^({own}|{RETRY}|{PARKING})$",
        read=f"^{re.escape(working_queue(service, ''))}[a-z]+$",
        topics=(
            (events_exchange(service), f"^alongside\\.{service}\\..*$"),
            (RETRY, f"^[0-9]+ms\\.{service}\\.[a-z]+$"),
            (PARKING, f"^{service}$"),
        ),
    )


def integrator_rights(queue_id: str) -> Rights:
    """What a host's own system may do: read its queue, and nothing else."""
    return Rights(read=f"^{re.escape(integrator_queue(queue_id))}$")


def operator_rights() -> Rights:
    """What the person who works through parked messages may do."""
    return Rights(write=f"^{re.escape(RETRY_RETURN)}$", read=f"^({re.escape(PARKING)}\\..*|{UNROUTED})$")


def courier_rights(tenant: TenantId, vhost_of: TenantId) -> Rights:
    """What a tenant's courier may do in its own vhost, or in that of the board or custodian."""
    if vhost_of == tenant:
        return Rights(write=f"^{re.escape(CENTRE_INBOX)}$", topics=((CENTRE_INBOX, "^board\\..*$"),))
    inbox = CENTRE_INBOX if tenant in (BOARD, CUSTODIAN) else HOSTS_INBOX
    read = f"^{re.escape(host_queue(tenant))}$" if vhost_of == BOARD and inbox == HOSTS_INBOX else NOTHING
    return Rights(write=f"^{re.escape(inbox)}$", read=read, topics=((inbox, f"^{tenant}\\..*$"),))
