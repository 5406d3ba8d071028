"""The room of the data lead's tasks."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "pages")
