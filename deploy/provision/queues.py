"""Makes and removes the queue, user and rights of one of a host's own systems, at the broker of the host.

Promise: the user may read its own queue and do nothing else, with few connections; its password is drawn anew each time
and kept nowhere; to make a queue again keeps what waits in it and ends what is connected by the password before.
Shown by tests/integration/integrations/test_queues.py.
"""

import secrets
from dataclasses import dataclass

from deploy.provision.outside import Broker
from shared.bus.management import quoted
from shared.bus.names import INTEGRATORS, integrator_queue, integrator_user
from shared.bus.provisioner import BrokerAdmin
from shared.bus.queue_arguments import for_integrators
from shared.bus.rights import Account, integrator_rights
from shared.kernel.tenancy import TenantId, vhost_name

CONNECTIONS, CHANNELS = 4, 8
"""Of one user at once, so that a system that connects again and again leaves the host's services their places."""
_PASSWORD_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Credential:
    """What a system of the host's connects by; shown once.

    Attributes:
        url: AMQP address with user and password.
    """

    url: str
    queue: str


class EventQueues:
    """The queues of one host's own systems at its broker."""

    def __init__(self, broker: Broker, tenant: TenantId) -> None:
        """Connect as the provisioner."""
        self._broker = broker
        self._tenant = tenant
        self._vhost = vhost_name(tenant)
        self._admin = BrokerAdmin(broker.management_url, *broker.admin_credentials())

    def close(self) -> None:
        """Close the connection."""
        self._admin.close()

    def there(self) -> list[str]:
        """Give the ids of queues that stand at the broker."""
        beginning = integrator_queue("")
        found = self._admin.management.get(f"queues/{quoted(self._vhost)}?columns=name")
        return sorted(q["name"].removeprefix(beginning) for q in found if q["name"].startswith(beginning))

    def make(self, queue_id: str) -> Credential:
        """Make a queue where it is missing, and a new credential for it."""
        user, queue = integrator_user(self._tenant, queue_id), integrator_queue(queue_id)
        management = self._admin.management
        made = {"name": queue, "durable": True, "auto_delete": False, "arguments": for_integrators()}
        bound = {
            "source": INTEGRATORS,
            "destination": queue,
            "destination_type": "queue",
            "routing_key": queue,
            "arguments": {},
        }
        missing = [made] if queue_id not in self.there() else []
        management.post(f"definitions/{quoted(self._vhost)}", {"queues": missing, "bindings": [bound]})
        # Whoever is connected by the password before is cut off with its user.
        self._admin.remove_user(user)
        password = secrets.token_urlsafe(_PASSWORD_BYTES)
        rights = {self._vhost: integrator_rights(queue_id)}
        self._admin.put_accounts([Account(user=user, password=password, rights=rights)])
        for limit, value in (("max-connections", CONNECTIONS), ("max-channels", CHANNELS)):
            management.put(f"user-limits/{quoted(user)}/{limit}", {"value": value})
        return Credential(url=self._broker.amqp_url(user=user, password=password, vhost=self._vhost), queue=queue)

    def remove(self, queue_id: str) -> None:
        """Remove user and queue with what waits in it; what is gone is no error."""
        self._admin.remove_user(integrator_user(self._tenant, queue_id))
        self._admin.management.delete(f"queues/{quoted(self._vhost)}/{quoted(integrator_queue(queue_id))}")


def remove_integrators(broker: BrokerAdmin, tenant: TenantId) -> None:
    """Remove the users of all of a host's own systems."""
    for user in broker.management.get("users?columns=name"):
        if user["name"].startswith(integrator_user(tenant, "")):
            broker.remove_user(user["name"])
