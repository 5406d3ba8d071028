"""The room of what a supervisor asks about contacts."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "pages")
