"""A queue for a check, at the broker of this machine's own stack: made as a real one is, in a vhost of its own.

Promise: it has the arguments, the rights and the limits of a real one, and nothing of any host is touched; whatever
ends the check, vhost and user are removed. Shown by tests/integration/integrations/test_queue_conformance.py and
tests/unit/client/test_queue_rules.py. Limit: a check that is killed removes nothing; its vhost begins with t-check.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from deploy.provision.outside import Broker
from deploy.provision.queues import Credential, EventQueues
from services.integrations.queues.publishing import CONTENT_TYPE
from shared.bus.codec import Envelope
from shared.bus.management import quoted
from shared.bus.names import INTEGRATORS, integrator_queue, integrator_user
from shared.bus.provisioner import BrokerAdmin
from shared.bus.publisher import Outgoing, Publisher
from shared.kernel.ids import new_id
from shared.kernel.tenancy import TenantId, vhost_name

_LOOK_S = 0.5
SETTLED_S = 6.0
"""The broker counts what was acknowledged every five seconds."""


class CheckedQueue:
    """One queue with its one consumer, as the broker sees them."""

    def __init__(self, admin: BrokerAdmin, publisher: Publisher, tenant: TenantId, queue_id: str) -> None:
        """Take the connections; the queue stands, or will."""
        self._management = admin.management
        self._publisher = publisher
        self._vhost = quoted(vhost_name(tenant))
        self._user = integrator_user(tenant, queue_id)
        self._name = integrator_queue(queue_id)

    def publish(self, events: Sequence[dict[str, Any]]) -> None:
        """Put events in, each confirmed, as they would come from a host."""
        self._publisher.publish([self._message(event) for event in events])

    def acknowledged(self) -> int:
        """Give how many were acknowledged so far; what was thrown away, or taken without a word, is none of them."""
        found = self._ask(f"queues/{self._vhost}/{quoted(self._name)}")
        return int(found.get("message_stats", {}).get("ack", 0))

    def consumers(self) -> list[dict[str, Any]]:
        """Give who reads it now."""
        found = self._management.get(f"consumers/{self._vhost}")
        return [one for one in found if one["queue"]["name"] == self._name]

    def connections(self) -> list[str]:
        """Give the names of the connections that are open in its vhost, but for ours."""
        found = self._management.get(f"vhosts/{self._vhost}/connections")
        return [str(one["name"]) for one in found if one.get("user") == self._user]

    def cut(self) -> bool:
        """Close every connection of the consumer, as a broker that ends does; whether there was one."""
        # One that was opened just now may not be listed yet.
        self.until(lambda: bool(self.connections()), SETTLED_S, lambda: True)
        open_now = self.connections()
        for name in open_now:
            self._management.delete(f"connections/{quoted(name)}")
        return bool(open_now)

    def empty(self) -> None:
        """Throw away what waits."""
        self._management.delete(f"queues/{self._vhost}/{quoted(self._name)}/contents")

    def until(self, holds: Callable[[], bool], within_s: float, alive: Callable[[], bool]) -> bool:
        """Wait until something is so; ends early where the consumer has ended."""
        ends = time.monotonic() + within_s
        while not holds():
            if time.monotonic() >= ends or not alive():
                return False
            time.sleep(_LOOK_S)
        return True

    def _ask(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self._management.ask("GET", path).json()
        return found

    def _message(self, event: dict[str, Any]) -> Outgoing:
        properties = {
            "content_type": CONTENT_TYPE,
            "delivery_mode": 2,
            "message_id": f"{event['id']}-{event['source'].rpartition('/')[2]}",
            "type": event["type"],
        }
        body = json.dumps(event, separators=(",", ":")).encode()
        envelope = Envelope(routing_key=self._name, headers={}, properties=properties, body=body)
        return Outgoing(exchange=INTEGRATORS, envelope=envelope, mandatory=True)


@contextmanager
def checked_queue(broker: Broker) -> Iterator[tuple[CheckedQueue, Credential]]:
    """Make a queue for one check, and remove it."""
    tenant = TenantId(f"check{secrets.token_hex(6)}")
    vhost, queue_id = vhost_name(tenant), new_id()
    user, password = broker.admin_credentials()
    admin, queues = BrokerAdmin(broker.management_url, user, password), EventQueues(broker, tenant)
    publisher = Publisher(broker.amqp_url(user=user, password=password, vhost=vhost))
    management = admin.management
    with ExitStack() as ends:
        # The last first, and each whatever became of the others.
        ends.callback(admin.close)
        ends.callback(queues.close)
        ends.callback(management.delete, f"vhosts/{quoted(vhost)}")
        ends.callback(queues.remove, queue_id)
        ends.callback(publisher.close)
        management.put(f"vhosts/{quoted(vhost)}", {})
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        management.put(f"permissions/{quoted(vhost)}/{quoted(user)}", everything)
        exchange = {"name": INTEGRATORS, "type": "direct", "durable": True, "auto_delete": False, "arguments": {}}
        management.post(f"definitions/{quoted(vhost)}", {"exchanges": [exchange]})
        yield CheckedQueue(admin, publisher, tenant, queue_id), queues.make(queue_id)
