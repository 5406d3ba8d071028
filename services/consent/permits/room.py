"""The room of permits."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "facts")
