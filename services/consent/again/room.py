"""The room of those who are to be asked again."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "routes", "pages")
