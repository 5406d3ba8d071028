"""The room of disclosures."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "documents", "facts", "routes", "pages")
