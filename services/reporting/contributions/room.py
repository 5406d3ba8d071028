"""The room of the contributions."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "facts")
