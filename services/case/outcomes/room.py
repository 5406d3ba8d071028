"""The room of outcomes and entitlements."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "routes", "jobs", "pages")
