"""The room of erasures."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "facts", "jobs")
