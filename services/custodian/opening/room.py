"""The room of the opening."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "facts", "jobs")
