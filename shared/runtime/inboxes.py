"""Builds the inbox of one service from its hearings; the same for nameko workers and plain threads."""

from collections.abc import Sequence

from shared.bus.deliveries import Delivery
from shared.bus.names import OPERATOR, user_name
from shared.bus.publisher import Publisher
from shared.bus.topology import Topology
from shared.outbox.machinery import BrokerUsers, Fates, Inbox
from shared.runtime.context import ServiceContext
from shared.runtime.rooms import service_of


class ServiceInbox:
    """Settles batches by the name of their source."""

    def __init__(self, inbox: Inbox, topology: Topology, service: str) -> None:
        """Keep what stays the same for every batch."""
        self._inbox = inbox
        self._topology = topology
        self._service = service

    def settle(self, source: str, deliveries: Sequence[Delivery]) -> None:
        """Give every delivery its fate; see ``Inbox.settle``."""
        self._inbox.settle(self._topology.subscription(self._service, source), deliveries)


def build_inbox(context: ServiceContext, topology: Topology) -> ServiceInbox:
    """Wire a service's hearings to its database and its retry ladder."""
    users = BrokerUsers(
        tenant_id=context.tenant_id,
        own=user_name(context.tenant_id, context.service),
        operator=user_name(context.tenant_id, OPERATOR),
    )
    fates = Fates(
        publisher=Publisher(context.settings.amqp_uri),
        service=context.service,
        ladder=topology.ladder,
        users=users,
    )
    inbox = Inbox(
        client=context.client,
        database=context.database_name,
        tenant_id=context.tenant_id,
        service=context.service,
        hearings=service_of(context.service).hearings(context),
        fates=fates,
        now=context.clock.now,
    )
    return ServiceInbox(inbox, topology, context.service)
