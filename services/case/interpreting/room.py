"""The room of what somebody needs of an interpreter, and of bookings."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "pages")
