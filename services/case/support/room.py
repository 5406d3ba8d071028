"""The room of casework's first pages."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "pages")
