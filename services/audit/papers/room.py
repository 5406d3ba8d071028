"""The papers' room."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "pages")
