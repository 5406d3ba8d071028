"""Identity's rooms."""

from services.identity.administering.room import ROOM as ADMINISTERING
from services.identity.machines.room import ROOM as MACHINES
from services.identity.organisations.room import ROOM as ORGANISATIONS
from services.identity.people.room import ROOM as PEOPLE
from services.identity.sessions.room import ROOM as SESSIONS

ROOMS = (SESSIONS, ORGANISATIONS, PEOPLE, MACHINES, ADMINISTERING)
