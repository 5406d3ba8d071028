"""The room of drafts."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "jobs", "routes")
