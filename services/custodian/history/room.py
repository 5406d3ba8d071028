"""The room of the history."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents")
