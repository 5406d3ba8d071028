"""The provisioner: the only account that configures the broker; everything here is idempotent.

Promise: after ``apply`` the vhost holds the topology as written, compared argument by argument against the
broker (a passive declare would not compare them); a queue with other arguments is reported, never deleted,
since it may hold messages. A queue of an older version that only lacks an argument which came later stays as
it is (``LATER_ARGUMENTS``). Every service has its own user, which may configure nothing,
write its own exchange, its own rungs and its own parking key, and read its own queues.
Shown by tests/kernel/test_topology.py.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.bus.management import Management, quoted
from shared.bus.names import (
    KEPT_POLICY,
    MARKERS,
)
from shared.bus.queue_arguments import LATER_ARGUMENTS, kept, kept_policy
from shared.bus.rights import NOTHING, Account, Rights
from shared.bus.topology import Topology, host_bindings
from shared.kernel.errors import RuleViolationError
from shared.kernel.tenancy import BOARD, TenantId, vhost_name


class TopologyConflictError(RuleViolationError):
    """Something in the broker has other arguments than the topology says."""

    code = "topology-conflict"

    def __init__(self, kind: str, name: str, vhost: str) -> None:
        """Name the thing and the mend."""
        super().__init__(
            f"{kind} {name} in vhost {vhost} exists with other arguments. Drain it, delete it, "
            "and run the provisioner again."
        )
        self.name = name


class BrokerAdmin:
    """Speaks to RabbitMQ's management interface as the provisioner."""

    def __init__(self, url: str, user: str, password: str) -> None:
        """Open a client; nothing is asked yet."""
        self.management = Management(url, user, password)

    def close(self) -> None:
        """Close the client."""
        self.management.close()

    def apply(self, topology: Topology) -> None:
        """Declare a topology in its vhost and compare what is there.

        Raises:
            TopologyConflictError: A queue or exchange has other arguments.
            ManagementAwayError: The broker does not answer.
        """
        vhost = topology.vhost
        self.management.put(f"vhosts/{quoted(vhost)}", {})
        self._remove_old_markers(topology)
        for problem in self.differences(topology):
            if problem[2]:
                raise TopologyConflictError(problem[0], problem[1], vhost)
        # One request: eighty of them take longer than all that the broker does for them.
        self.management.post(
            f"definitions/{quoted(vhost)}",
            {
                "exchanges": [
                    {"name": name, "type": kind, "durable": True, "auto_delete": False, "arguments": dict(arguments)}
                    for name, (kind, arguments) in topology.exchanges.items()
                ],
                "policies": [{"name": name, **policy} for name, policy in topology.policies.items()],
                "queues": self._missing_queues(vhost, topology.queues),
                "bindings": [_binding(*binding) for binding in topology.bindings],
            },
        )

    def differences(self, topology: Topology) -> list[tuple[str, str, bool]]:
        """Compare the broker with a topology.

        Returns:
            (kind, name, exists with other arguments); False in the third place means it is missing.
        """
        vhost = topology.vhost
        queues = {q["name"]: q["arguments"] for q in self.management.get(f"queues/{quoted(vhost)}")}
        exchanges = {e["name"]: (e["type"], e["arguments"]) for e in self.management.get(f"exchanges/{quoted(vhost)}")}
        bindings = {
            (b["source"], b["destination"], b["routing_key"]) for b in self.management.get(f"bindings/{quoted(vhost)}")
        }
        found: list[tuple[str, str, bool]] = []
        policies = {p["name"]: p for p in self.management.get(f"policies/{quoted(vhost)}")}
        for name, policy in topology.policies.items():
            if any(policies.get(name, {}).get(key) != value for key, value in policy.items()):
                found.append(("Policy", name, False))
        for name, arguments in topology.queues.items():
            if name not in queues or not _fits(queues[name], arguments):
                found.append(("Queue", name, name in queues))
        for name, (kind, arguments) in topology.exchanges.items():
            if exchanges.get(name) != (kind, dict(arguments)):
                found.append(("Exchange", name, name in exchanges))
        found += [
            ("Binding", f"{e} to {q} by {k}", False) for e, q, k in topology.bindings if (e, q, k) not in bindings
        ]
        return found

    def add_host(self, tenant: TenantId) -> None:
        """Make the queue through which the board reaches one host."""
        vhost = vhost_name(BOARD)
        queues: dict[str, Mapping[str, object]] = {}
        bindings = []
        for exchange, queue, key in host_bindings(tenant):
            bindings.append(_binding(exchange, queue, key))
            queues[queue] = kept()
        self.management.post(
            f"definitions/{quoted(vhost)}",
            {
                "policies": [{"name": KEPT_POLICY, **kept_policy()}],
                "queues": self._missing_queues(vhost, queues),
                "bindings": bindings,
            },
        )

    def put_accounts(self, accounts: Sequence[Account]) -> None:
        """Make users with their passwords, and set what they may do in the vhosts that are named; all at once.

        What they may do elsewhere stays as it is.
        """
        vhosts = {vhost for account in accounts for vhost in account.rights}
        wanted = {
            (account.user, vhost, exchange)
            for account in accounts
            for vhost, rights in account.rights.items()
            for exchange, _ in rights.topics
        }
        users = {account.user for account in accounts}
        old = {
            (found["user"], found["vhost"])
            for vhost in vhosts
            for found in self.management.get(f"vhosts/{quoted(vhost)}/topic-permissions")
            if found["user"] in users and (found["user"], found["vhost"], found["exchange"]) not in wanted
        }
        for user, vhost in old:
            self.management.delete(f"topic-permissions/{quoted(vhost)}/{quoted(user)}")
        granted = [(account.user, *one) for account in accounts for one in account.rights.items()]
        self.management.post(
            "definitions",
            {
                "users": [{"name": one.user, "password": one.password, "tags": ""} for one in accounts],
                "permissions": [
                    {"user": user, "vhost": vhost, "configure": NOTHING, "write": rights.write, "read": rights.read}
                    for user, vhost, rights in granted
                ],
                "topic_permissions": [
                    {"user": user, "vhost": vhost, "exchange": exchange, "write": pattern, "read": ".*"}
                    for user, vhost, rights in granted
                    for exchange, pattern in rights.topics
                ],
            },
        )

    def put_user(self, name: str, password: str, tags: str = "") -> None:
        """Make a broker user, or set its password."""
        self.management.put(f"users/{quoted(name)}", {"password": password, "tags": tags})

    def grant(self, user: str, vhost: str, rights: Rights) -> None:
        """Set what a user may do in a vhost; nobody but the provisioner may configure."""
        self.management.put(
            f"permissions/{quoted(vhost)}/{quoted(user)}",
            {"configure": NOTHING, "write": rights.write, "read": rights.read},
        )
        self.management.delete(f"topic-permissions/{quoted(vhost)}/{quoted(user)}")
        for exchange, pattern in rights.topics:
            self.management.put(
                f"topic-permissions/{quoted(vhost)}/{quoted(user)}",
                {"exchange": exchange, "write": pattern, "read": ".*"},
            )

    def limit(self, vhost: str, *, connections: int) -> None:
        """Bound the connections of a vhost, so that one tenant can't starve the others."""
        self.management.put(f"vhost-limits/{quoted(vhost)}/max-connections", {"value": connections})

    def depths(self, vhost: str) -> Mapping[str, int]:
        """Give the number of messages in every queue of a vhost."""
        return {q["name"]: int(q.get("messages", 0)) for q in self.management.get(f"queues/{quoted(vhost)}")}

    def definitions(self, vhost: str) -> dict[str, Any]:
        """Export what is configured in a vhost, for a backup: no user, no password, no message.

        Returns:
            The broker's own export (queues, exchanges, bindings, policies, …), with ``permissions`` and
            ``topic_permissions`` by user name.
        """
        content: dict[str, Any] = self.management.ask("GET", f"definitions/{quoted(vhost)}").json()
        for kind in ("permissions", "topic-permissions"):
            content[kind.replace("-", "_")] = self.management.get(f"vhosts/{quoted(vhost)}/{kind}")
        return content

    def has_vhost(self, vhost: str) -> bool:
        """Whether there is such a vhost."""
        return any(found["name"] == vhost for found in self.management.get("vhosts"))

    def remove(self, topology: Topology) -> None:
        """Delete a vhost with everything in it."""
        self.management.delete(f"vhosts/{quoted(topology.vhost)}")

    def remove_user(self, name: str) -> None:
        """Delete a broker user; one that is gone is no error."""
        self.management.delete(f"users/{quoted(name)}")

    def _missing_queues(self, vhost: str, queues: Mapping[str, Mapping[str, object]]) -> list[dict[str, Any]]:
        """Give the definitions of those that are not there; to declare one anew with an argument more is refused."""
        there = {
            q["name"]: q["arguments"] for q in self.management.get(f"queues/{quoted(vhost)}?columns=name,arguments")
        }
        return [
            {"name": name, "durable": True, "auto_delete": False, "arguments": dict(arguments)}
            for name, arguments in queues.items()
            if name not in there or not _fits(there[name], arguments)
        ]

    def _remove_old_markers(self, topology: Topology) -> None:
        """Remove what another tenant left; a marker of this tenant may still be asked for by an older version."""
        for exchange in self.management.get(f"exchanges/{quoted(topology.vhost)}"):
            name = exchange["name"]
            ours = name == topology.marker or name.startswith(f"{topology.marker}.")
            if name.startswith(MARKERS) and not ours:
                self.management.delete(f"exchanges/{quoted(topology.vhost)}/{quoted(exchange['name'])}")


def _binding(exchange: str, queue: str, key: str) -> dict[str, Any]:
    return {
        "source": exchange,
        "destination": queue,
        "destination_type": "queue",
        "routing_key": key,
        "arguments": {},
    }


def _fits(there: Mapping[str, object], wanted: Mapping[str, object]) -> bool:
    """Whether a queue's arguments are those wanted, save some that came later and that it lacks."""
    return dict(there) == {k: v for k, v in wanted.items() if k in there or k not in LATER_ARGUMENTS}
