"""Audit's rooms."""

from services.audit.access.room import ROOM as ACCESS
from services.audit.checkpoints.room import ROOM as CHECKPOINTS
from services.audit.history.room import ROOM as HISTORY
from services.audit.log.room import ROOM as LOG
from services.audit.papers.room import ROOM as PAPERS
from services.audit.tree.room import ROOM as TREE
from services.audit.unusual.room import ROOM as UNUSUAL
from services.audit.whose.room import ROOM as WHOSE
from services.audit.witnesses.room import ROOM as WITNESSES

ROOMS = (LOG, TREE, CHECKPOINTS, HISTORY, WHOSE, PAPERS, UNUSUAL, ACCESS, WITNESSES)
