"""The courier: the only thing that touches two vhosts; owned by its tenant, outbound connections only.

It takes rows by their route from the outbox (a route that is not listed for an event type was refused
when the row was written) and pulls what the board has for this tenant. Each remote has its own relay, so
that one that is away holds up nothing else. What it publishes is mandatory and has no alternate exchange:
a row is marked sent only when it reached a queue.

Promise: a trace ends here; nothing that leaves or is brought in carries a trace context. A notice that this
version does not know, or that nobody could know, is brought in all the same: the tenant's own inbox parks it,
with an alert, and the notices behind it go on (``tests/kernel/test_courier.py``).
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pymongo import MongoClient

from shared.bus.codec import Envelope
from shared.bus.consumer import BatchConsumer
from shared.bus.deliveries import Delivery
from shared.bus.liveness import StopSignal
from shared.bus.names import CENTRE_INBOX, HOSTS_INBOX, courier_user, host_queue
from shared.bus.publisher import Outgoing, Publisher
from shared.kernel.stopping import pause
from shared.kernel.tenancy import BOARD, CUSTODIAN, TenantId
from shared.outbox._doorbell import Doorbell
from shared.outbox._relay import Relay
from shared.outbox._sending import Address
from shared.outbox.unit_of_work import Document
from shared.telemetry.metric_names import COURIER_PACKETS
from shared.telemetry.metrics import counter
from shared.telemetry.traces import HEADER

_CARRIED = ("content_type", "message_id", "type", "app_id")
_LOOK_S = 5.0
_LONGEST_KEY = 255
"""Bytes in a routing key of AMQP 0-9-1."""


@dataclass(frozen=True, kw_only=True)
class Remote:
    """One vhost outside the tenant's own.

    Attributes:
        route: ``board`` or ``custodian``.
        amqp_uri: With the courier's own user for that vhost.
    """

    route: str
    amqp_uri: str


@dataclass(kw_only=True)
class Courier:
    """Carries one tenant's outgoing rows to the centre and the centre's notices to the tenant.

    Attributes:
        own_uri: The courier's user in the tenant's own vhost; None at board and custodian, which pull
            nothing.
        doorbell: What tells of commits; an own one where none is given.
    """

    client: MongoClient[Document]
    database: str
    tenant_id: TenantId
    service: str
    remotes: Sequence[Remote]
    own_uri: str | None = None
    poll_s: float = 1.0
    doorbell: Doorbell | None = None
    _threads: list[threading.Thread] = field(default_factory=list, init=False)

    def run(self, stop: StopSignal, *, patience_s: float = 30.0) -> bool:
        """Carry both ways until told to stop.

        Args:
            patience_s: Seconds that the parts may take to finish what they have in hand.

        Returns:
            Whether all did.
        """
        for remote in self.remotes:
            self._start(f"courier-{remote.route}", self._outgoing(remote).run, stop)
        if self.own_uri is not None:
            board = next(r for r in self.remotes if r.route == "board")
            self._start("courier-pull", self._incoming(board).run, stop)
        while not stop.is_set() and any(thread.is_alive() for thread in self._threads):
            pause(stop, _LOOK_S)
        deadline = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _start(self, name: str, run: object, stop: StopSignal) -> None:
        thread = threading.Thread(target=run, args=(stop,), name=name, daemon=True)  # type: ignore[arg-type]
        thread.start()
        self._threads.append(thread)

    def _outgoing(self, remote: Remote) -> Relay:
        # One stream for the relays of all remotes.
        self.doorbell = self.doorbell or Doorbell(self.client, self.database, service=self.service)
        inbox = CENTRE_INBOX if self.tenant_id in (BOARD, CUSTODIAN) else HOSTS_INBOX
        address = Address(
            publisher=Publisher(remote.amqp_uri),
            exchange=lambda _type: inbox,
            broker_user=courier_user(self.tenant_id),
            routing_prefix=f"{self.tenant_id}.",
            mandatory=True,
        )
        return Relay(
            client=self.client,
            database=self.database,
            tenant_id=self.tenant_id,
            service=self.service,
            addresses={remote.route: address},
            consumers_of=lambda _type: (),
            name=f"courier-{remote.route}",
            poll_s=self.poll_s,
            doorbell=self.doorbell,
        )

    def _incoming(self, board: Remote) -> BatchConsumer:
        publisher = Publisher(self.own_uri or "")

        def deliver(deliveries: Sequence[Delivery]) -> None:
            publisher.publish([self._brought(delivery) for delivery in deliveries])
            counter(COURIER_PACKETS).add(len(deliveries), route=board.route, outcome="brought")

        return BatchConsumer(uri=board.amqp_uri, queue=host_queue(self.tenant_id), settle=deliver)

    def _brought(self, delivery: Delivery) -> Outgoing:
        properties: Mapping[str, object] = {
            **{k: delivery.properties[k] for k in _CARRIED if k in delivery.properties},
            "delivery_mode": 2,
            "user_id": courier_user(self.tenant_id),
        }
        envelope = Envelope(
            # The inbox decides by what the envelope says; an unknown type is parked there as it came.
            routing_key=_key_of(delivery.properties.get("type")),
            headers={k: v for k, v in delivery.headers.items() if k != HEADER},
            properties=properties,
            body=delivery.body,
        )
        return Outgoing(exchange=CENTRE_INBOX, envelope=envelope, mandatory=True)


def _key_of(event_type: object) -> str:
    key = f"board.{event_type}"
    fits = isinstance(event_type, str) and key.isascii() and key.isprintable() and len(key) <= _LONGEST_KEY
    return key if fits else "board.unknown"
