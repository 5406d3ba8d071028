"""The room of hand-overs."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "pages")
