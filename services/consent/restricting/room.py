"""The room of what consent hears of restrictions."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "facts", "freeze")
