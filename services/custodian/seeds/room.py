"""The room of seeds."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "facts")
