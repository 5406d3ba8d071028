"""The strongroom's room; what it keeps stands in a database of its own, so case's own has no collection for it."""

from shared.runtime.rooms import Room

ROOM = Room(__package__)
