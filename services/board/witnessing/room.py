"""The room of witnessing."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "facts", "jobs", "routes")
