"""Refuses to start in the wrong place: another tenant's vhost or database, or one that lacks what it needs.

Promise: a process that passes consumes only from the vhost that carries this tenant's marker and holds what
its services need; what stands there besides, put by a newer version, is no fault. A process that fails exits
78 (configuration) before it consumes anything (``tests/kernel/test_topology.py``).
"""

from collections.abc import Iterable, Mapping
from typing import Any

import amqp

from shared.bus.connection import CONNECTION_ERRORS, close, open_connection
from shared.bus.topology import Topology
from shared.kernel.errors import AlongsideError


class WrongPlaceError(AlongsideError):
    """What we were pointed at is not ours, or was provisioned by another version."""

    code = "wrong-place"

    def __init__(self, what: str, mend: str) -> None:
        """Say what was found and how to mend it."""
        super().__init__(f"{what} {mend}")


def check_vhost(uri: str, topology: Topology, queues: Iterable[str]) -> None:
    """Check the marker and the queues of a vhost.

    Args:
        uri: With the service's own user.
        topology: What this version expects.
        queues: Queues that the process reads; those to which their services retry and park are checked too.

    Raises:
        WrongPlaceError: The marker or a queue is missing, or the broker refuses this user there.
        OSError: The broker is away; try again later.
    """
    connection = None
    try:
        connection = open_connection(uri)
        channel = connection.channel()
        channel.exchange_declare(topology.marker, "fanout", passive=True)
        read = set(queues)
        services = {s.service for s in topology.subscriptions if s.queue in read}
        for queue in read.union(*(topology.needed_queues(service) for service in services)):
            channel.queue_declare(queue, passive=True)
    except (amqp.exceptions.NotFound, amqp.exceptions.PreconditionFailed) as error:
        raise WrongPlaceError(
            f"The vhost does not carry the topology of tenant {topology.tenant_id} that this version expects.",
            "Check the broker address in its credentials file, then run: alongside tenant add (it provisions).",
        ) from error
    except (amqp.exceptions.AccessRefused, amqp.exceptions.NotAllowed) as error:
        raise WrongPlaceError(
            f"The broker refuses the user of tenant {topology.tenant_id} in that vhost.",
            "Check the broker address and user in its credentials file.",
        ) from error
    finally:
        if connection is not None:
            close(connection)


def check_marker(marker: Mapping[str, Any] | None, topology: Topology, service: str) -> None:
    """Check the marker document of a service's database.

    Raises:
        WrongPlaceError: It is missing, names another tenant or service, or was written for a topology that lacks
            something this service needs.
    """
    marker = marker or {}
    expected = {"tenant_id": topology.tenant_id, "service": service}
    wrong = [key for key in expected if marker.get(key) != expected[key]]
    if not topology.needs(service) <= set(marker.get("holds", ())):
        wrong.append("topology")
    if wrong:
        raise WrongPlaceError(
            f"The database of {service} is not provisioned for tenant {topology.tenant_id} by this version "
            f"(differs in: {', '.join(wrong)}).",
            "Check the database address in its credentials file, then provision the tenant again.",
        )


__all__ = ["CONNECTION_ERRORS", "WrongPlaceError", "check_marker", "check_vhost"]
