"""The room of needs and risks."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "pages")
