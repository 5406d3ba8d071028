"""The board's rooms."""

from services.board.learnings.room import ROOM as LEARNINGS
from services.board.releases.room import ROOM as RELEASES
from services.board.reports.room import ROOM as REPORTS
from services.board.tasks.room import ROOM as TASKS
from services.board.witnessing.room import ROOM as WITNESSING

ROOMS = (TASKS, REPORTS, RELEASES, LEARNINGS, WITNESSING)
