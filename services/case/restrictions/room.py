"""The room of restrictions."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "jobs", "pages", "freeze")
