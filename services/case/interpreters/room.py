"""The room of the host's interpreters."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "pages")
