"""The room of the way to the witnesses."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "facts")
"""Nothing of it is kept."""
