"""The room of the periods."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "facts", "routes", "jobs", "pages")
