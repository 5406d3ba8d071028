"""The room of the part that stands in a person's copy."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "facts")
