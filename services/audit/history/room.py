"""The history's room."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "routes", "pages")
