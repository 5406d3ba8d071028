"""The room of requests for survivors' information."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "pages")
