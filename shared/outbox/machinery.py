"""What a process puts its parts together of: relay and courier outwards, inbox and fates inwards, marks beside both.

Rooms need none of it: they state facts through ``unit_of_work``, hear by ``hearings`` and are asked by ``commands``.
The modules behind it have underscores, and nobody else imports them (``tests/architecture/test_outbox_doors.py``).
"""

from shared.outbox._bundling import allow_bundles, may_bundle
from shared.outbox._courier import Courier, Remote
from shared.outbox._doorbell import Doorbell
from shared.outbox._fates import BrokerUsers, Fates
from shared.outbox._inbox import Inbox
from shared.outbox._marks import MarkSender
from shared.outbox._measuring import row_age_s
from shared.outbox._missed import Missed
from shared.outbox._relay import Relay
from shared.outbox._sending import Address
from shared.outbox._server_clock import SKEW_LIMIT_S, ServerClock

__all__ = [
    "SKEW_LIMIT_S",
    "Address",
    "BrokerUsers",
    "Courier",
    "Doorbell",
    "Fates",
    "Inbox",
    "MarkSender",
    "Missed",
    "Relay",
    "Remote",
    "ServerClock",
    "allow_bundles",
    "may_bundle",
    "row_age_s",
]
