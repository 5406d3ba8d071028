"""The room of whose record an id is part of."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "facts")
