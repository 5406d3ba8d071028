"""Every name at the broker, written down once: exchanges, queues, users, routing keys and headers.

Names of vhosts and databases are made of the tenant alone and stand in ``shared.kernel.tenancy``. That no name is
spelt out anywhere else is seen to by ``tests/architecture/test_names.py``.
"""

from shared.kernel.tenancy import TenantId

# Exchanges, and the queue of what nobody hears.
UNROUTED = "unrouted"
RETRY = "retry"
RETRY_RETURN = "retry.return"
PARKING = "parking"
CENTRE_INBOX = "centre.inbox"
HOSTS_INBOX = "hosts.inbox"
TO_HOSTS = "to.hosts"
TO_ALL = "all"
"""First word of the routing key of what every host may read; what one host may read begins with its id."""
INTEGRATORS = "integrators"
"""To queues of the host's own systems, each by its name; only the provisioner makes one and binds it."""
MARKERS = "marker."
"""What the exchanges begin with that only say whose a vhost is."""
KEPT_POLICY = "alongside-kept"

OPERATOR = "operator"
"""Stands in the place of a service in the name of the user who works through parked messages."""
ANY_COURIER = "courier.*"
"""Stands for the courier of whichever tenant a message names."""

# What the event is: CloudEvents 1.0 in binary mode.
CE_SPECVERSION = "ce-specversion"
CE_ID = "ce-id"
CE_TYPE = "ce-type"
CE_SOURCE = "ce-source"
CE_SUBJECT = "ce-subject"
CE_TIME = "ce-time"
CE_SEQUENCE = "ce-sequence"
CE_TENANT = "ce-tenantid"
CE_SANDBOX = "ce-sandbox"

# What became of its message.
STREAM_PREFIX = "x-stream-"
"""Before a consumer's name: the event's number in that consumer's stream."""
ATTEMPT = "x-attempt"
ORIGIN_USER = "x-origin-user"
REASON = "x-reason"
PARKED_QUEUE = "x-queue"
DISCARD = "x-discard"
EVENTS_HEADER = "x-events"
"""How many events a message has, where it has several."""
DELIVERIES_HEADER = "x-delivery-count"
"""How often a quorum queue has delivered a message before, in vain."""
DEATHS_HEADER = "x-death"
"""Where RabbitMQ notes through which queues a message came."""


def events_exchange(service: str) -> str:
    """Name the exchange on which a service states its facts."""
    return f"{service}.events"


def marker_exchange(tenant: TenantId) -> str:
    """Name an exchange that only says: this vhost is this tenant's."""
    return f"{MARKERS}{tenant}"


def working_queue(service: str, source: str) -> str:
    """Name the queue of what one service hears from one source."""
    return f"q.{service}.{source}"


def retry_queue(service: str, delay_ms: int) -> str:
    """Name the queue in which a service's failing messages wait."""
    return f"{RETRY}.{service}.{delay_ms}ms"


def retry_key(service: str, source: str, delay_ms: int) -> str:
    """Name the way to a rung of a service's ladder, and from there back to the queue that the message came from."""
    return f"{delay_ms}ms.{service}.{source}"


def parking_queue(service: str) -> str:
    """Name the queue in which a service's hopeless messages stand until a person decides."""
    return f"{PARKING}.{service}"


def integrator_queue(queue_id: str) -> str:
    """Name a queue of one of the host's own systems."""
    return f"integrator.{queue_id}"


def integrator_user(tenant: TenantId, queue_id: str) -> str:
    """Name the broker user who may read that queue and nothing else."""
    return f"{tenant}.integrator.{queue_id}"


def host_queue(tenant: TenantId) -> str:
    """Name the board's queue that one host's courier reads."""
    return f"to.{tenant}"


def user_name(tenant: TenantId, service: str) -> str:
    """Name the user of one service of one tenant, at the broker as at the database."""
    return f"{tenant}.{service}"


def courier_user(tenant: TenantId | str) -> str:
    """Name the broker user of a tenant's courier."""
    return f"courier.{tenant}"
