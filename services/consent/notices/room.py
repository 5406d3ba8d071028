"""The room of notices."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "pages")
