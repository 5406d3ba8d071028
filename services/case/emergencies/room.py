"""The room of emergency access."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "jobs", "pages")
