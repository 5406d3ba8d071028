"""The room of proofs."""

from shared.runtime.rooms import Room

ROOM = Room(__package__, "facts")
