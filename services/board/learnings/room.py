"""The room of learnings."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "pages")
