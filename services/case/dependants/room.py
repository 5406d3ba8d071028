"""The room of the question whether children depend on somebody."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "pages")
