"""The room in which people are looked for."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "jobs")
