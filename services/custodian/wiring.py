"""The custodian's rooms; protection and gate are pure, and nothing of them runs by itself, so they have no room.py."""

from services.custodian.history.room import ROOM as HISTORY
from services.custodian.opening.room import ROOM as OPENING
from services.custodian.seeds.room import ROOM as SEEDS
from services.custodian.tasks.room import ROOM as TASKS
from services.custodian.witnessing.room import ROOM as WITNESSING

ROOMS = (TASKS, SEEDS, OPENING, HISTORY, WITNESSING)
