"""A tenant's vhost as resources of RabbitMQ's Messaging Topology Operator, made from ``shared.bus.topology``.

Promise: applied to an empty broker they leave what the provisioner would have left, queue by queue and
right by right; a test applies both to a real broker and compares. The one user more is ``<tenant>.scaler``,
which may do nothing but ask how long a queue is (a passive declare needs no right).
Shown by tests/k8s/test_on_real_engines.py.

Limit: whoever deletes a resource deletes the queue behind it, with its messages.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.provision.settings import servers_of
from deploy.provision.tenants import CONNECTIONS_A_VHOST
from deploy.render.names import BROKER, ENGINES_NAMESPACE, namespace_of, resource
from shared.bus.names import courier_user, host_queue, user_name
from shared.bus.queue_arguments import kept
from shared.bus.rights import NOTHING, Rights, courier_rights, operator_rights, service_rights
from shared.bus.topology import Topology, host_bindings
from shared.kernel.tenancy import BOARD, RESERVED, TenantId, couriers_service, vhost_name

API = "rabbitmq.com/v1beta1"
Resource = dict[str, Any]


def secret_of(user: str) -> str:
    """Name the Secret that holds a broker user's name and password."""
    return f"broker-{user}"


def scaler_user(tenant: TenantId) -> str:
    """Name the broker user that only counts messages."""
    return user_name(tenant, "scaler")


def users_of(topology: Topology) -> dict[str, Rights]:
    """Every user of a tenant's own vhost with its rights there."""
    tenant = topology.tenant_id
    users = {user_name(tenant, service): service_rights(topology, service) for service in topology.services}
    users[user_name(tenant, "operator")] = operator_rights()
    users[scaler_user(tenant)] = Rights()
    if tenant not in RESERVED and couriers_service(tenant) is not None:
        users[courier_user(tenant)] = courier_rights(tenant, tenant)
    return users


def vhost_resources(topology: Topology) -> list[Resource]:
    """The tenant's own vhost with everything in it."""
    vhost = topology.vhost
    limits = {"connections": CONNECTIONS_A_VHOST}
    made = [_resource("Vhost", vhost, {"name": vhost, "vhostLimits": limits})]
    for name, (kind, arguments) in topology.exchanges.items():
        made.append(_resource("Exchange", name, {"name": name, "vhost": vhost, "type": kind, **_lasting(arguments)}))
    for name, policy in topology.policies.items():
        made.append(_policy(vhost, name, policy))
    for name, arguments in topology.queues.items():
        made.append(_queue(vhost, name, arguments))
    for exchange, queue, key in topology.bindings:
        made.append(_binding(vhost, exchange, queue, key))
    for user, rights in users_of(topology).items():
        made += [_user(user), *_rights(user, vhost, rights)]
    return made


def centre_resources(tenant: TenantId) -> Mapping[TenantId, list[Resource]]:
    """What the owner of each server must add, so that this tenant's courier can reach it."""
    made: dict[TenantId, list[Resource]] = {}
    user = courier_user(tenant)
    for server in servers_of(tenant):
        vhost = vhost_name(server)
        made[server] = [_user(user), *_rights(user, vhost, courier_rights(tenant, server))]
        if server == BOARD and tenant not in RESERVED:
            made[server].append(_queue(vhost, host_queue(tenant), kept()))
            made[server] += [_binding(vhost, *binding) for binding in host_bindings(tenant)]
        for one in made[server]:
            one["metadata"]["namespace"] = namespace_of(server)
    return made


def _resource(kind: str, name: str, spec: Mapping[str, Any]) -> Resource:
    where = {"rabbitmqClusterReference": {"name": BROKER, "namespace": ENGINES_NAMESPACE}}
    return resource(API, kind, name, {**spec, **where})


def _lasting(arguments: Mapping[str, object]) -> dict[str, Any]:
    lasting: dict[str, Any] = {"durable": True, "autoDelete": False}
    return {**lasting, "arguments": dict(arguments)} if arguments else lasting


def _queue(vhost: str, name: str, arguments: Mapping[str, object]) -> Resource:
    # The operator writes the type into the arguments itself.
    others = {key: value for key, value in arguments.items() if key != "x-queue-type"}
    spec = {"name": name, "vhost": vhost, "type": arguments["x-queue-type"], **_lasting(others)}
    return _resource("Queue", name, spec)


def _policy(vhost: str, name: str, policy: Mapping[str, object]) -> Resource:
    spec = {
        "name": name,
        "vhost": vhost,
        "pattern": policy["pattern"],
        "applyTo": policy["apply-to"],
        "definition": policy["definition"],
        "priority": policy["priority"],
    }
    return _resource("Policy", name, spec)


def _binding(vhost: str, exchange: str, queue: str, key: str) -> Resource:
    # A routing key holds signs that no name may have.
    name = f"{exchange}-{queue}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
    spec = {"vhost": vhost, "source": exchange, "destination": queue, "destinationType": "queue", "routingKey": key}
    return _resource("Binding", name, spec)


def _user(user: str) -> Resource:
    return _resource("User", user, {"importCredentialsSecret": {"name": secret_of(user)}})


def _rights(user: str, vhost: str, rights: Rights) -> Iterator[Resource]:
    may = {"configure": NOTHING, "write": rights.write, "read": rights.read}
    yield _resource("Permission", user, {"vhost": vhost, "user": user, "permissions": may})
    for exchange, pattern in rights.topics:
        topics = {"exchange": exchange, "write": pattern, "read": ".*"}
        name = f"{user}-{exchange}"
        yield _resource("TopicPermission", name, {"vhost": vhost, "user": user, "permissions": topics})
