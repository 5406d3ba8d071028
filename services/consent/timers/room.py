"""The room of timers."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "jobs", "routes", "pages")
