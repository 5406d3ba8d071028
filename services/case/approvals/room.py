"""The room of approvals."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "pages")
