"""Audit's rooms."""

from services.audit.checkpoints.room import ROOM as CHECKPOINTS
from services.audit.history.room import ROOM as HISTORY
from services.audit.log.room import ROOM as LOG
from services.audit.tree.room import ROOM as TREE

ROOMS = (LOG, TREE, CHECKPOINTS, HISTORY)
