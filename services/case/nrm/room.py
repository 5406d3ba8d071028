"""The room of the NRM."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "pages")
