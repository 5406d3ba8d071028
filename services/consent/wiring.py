"""Consent's rooms."""

from services.consent.access.room import ROOM as ACCESS
from services.consent.again.room import ROOM as AGAIN
from services.consent.concerns.room import ROOM as CONCERNS
from services.consent.drafts.room import ROOM as DRAFTS
from services.consent.erasing.room import ROOM as ERASING
from services.consent.gate.room import ROOM as GATE
from services.consent.ledger.room import ROOM as LEDGER
from services.consent.notices.room import ROOM as NOTICES
from services.consent.permits.room import ROOM as PERMITS
from services.consent.purposes.room import ROOM as PURPOSES
from services.consent.receipts.room import ROOM as RECEIPTS
from services.consent.restricting.room import ROOM as RESTRICTING
from services.consent.stops.room import ROOM as STOPS
from services.consent.talking.room import ROOM as TALKING
from services.consent.telling.room import ROOM as TELLING
from services.consent.timers.room import ROOM as TIMERS
from services.consent.withdrawals.room import ROOM as WITHDRAWALS
from services.consent.wordings.room import ROOM as WORDINGS

ROOMS = (
    LEDGER,
    WORDINGS,
    GATE,
    AGAIN,
    PURPOSES,
    RECEIPTS,
    WITHDRAWALS,
    TALKING,
    CONCERNS,
    STOPS,
    PERMITS,
    TELLING,
    ERASING,
    TIMERS,
    NOTICES,
    DRAFTS,
    ACCESS,
    RESTRICTING,
)
