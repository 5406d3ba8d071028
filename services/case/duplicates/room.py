"""The room of possible duplicates."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "pages")
