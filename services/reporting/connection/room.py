"""The room of the connection."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "pages")
