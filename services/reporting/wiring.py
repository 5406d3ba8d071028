"""Reporting's rooms."""

from services.reporting.access.room import ROOM as ACCESS
from services.reporting.connection.room import ROOM as CONNECTION
from services.reporting.contributions.room import ROOM as CONTRIBUTIONS
from services.reporting.periods.room import ROOM as PERIODS
from services.reporting.proofs.room import ROOM as PROOFS
from services.reporting.witnesses.room import ROOM as WITNESSES

ROOMS = (CONTRIBUTIONS, PERIODS, CONNECTION, PROOFS, ACCESS, WITNESSES)
