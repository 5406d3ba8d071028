"""The room of the team's caseload."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "pages")
