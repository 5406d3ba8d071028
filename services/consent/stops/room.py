"""The room of stops."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "jobs", "pages")
