"""The room of leaving the pilot."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "pages")
