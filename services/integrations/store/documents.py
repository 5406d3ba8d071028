"""What the store keeps: events by position, the newest state of each thing, and two documents on positions."""

from pymongo import IndexModel

from shared.outbox.documents import DocumentType, Field, Holds

EVENTS, STATES, POSITIONS, ERASED, STOPPED = "events", "states", "positions", "erased", "stopped"
RESTRICTED = "restricted"
HEAD, FLOOR = "head", "floor"
"""``head`` holds the newest position and its instant, ``floor`` the oldest position that is still kept."""

EVENT = DocumentType(
    collection=EVENTS,
    fields=(
        Field(name="position", holds=Holds.COUNT),
        Field(name="type", holds=Holds.CODE),
        Field(name="source", holds=Holds.CODE),
        Field(name="subject", holds=Holds.ID),
        Field(name="survivor_id", holds=Holds.ID, missing=None, sparse=True),
        Field(name="sequence", holds=Holds.COUNT),
        # Of the declared public fields only, each an id, a code or an instant.
        Field(name="data", holds=Holds.ID),
        Field(name="recorded_at", holds=Holds.INSTANT),
        # Never less than the one of the position before, so that an instant names a position.
        Field(name="kept_at", holds=Holds.INSTANT),
        Field(name="left_out", holds=Holds.CODE, missing=None, sparse=True),
    ),
    indexes=(
        IndexModel([("position", 1)], unique=True),
        IndexModel([("type", 1), ("position", 1)]),
        IndexModel([("survivor_id", 1)], sparse=True),
        IndexModel([("kept_at", 1), ("position", 1)]),
    ),
)
STATE = DocumentType(
    collection=STATES,
    fields=(
        Field(name="kind", holds=Holds.CODE),
        Field(name="subject", holds=Holds.ID),
        Field(name="survivor_id", holds=Holds.ID, missing=None, sparse=True),
        Field(name="type", holds=Holds.CODE),
        Field(name="sequence", holds=Holds.COUNT),
        Field(name="position", holds=Holds.COUNT),
        Field(name="data", holds=Holds.ID),
    ),
    indexes=(IndexModel([("survivor_id", 1)], sparse=True),),
)
POSITION = DocumentType(
    collection=POSITIONS,
    fields=(
        Field(name="position", holds=Holds.COUNT),
        Field(name="kept_at", holds=Holds.INSTANT, missing=None),
        # Of the head: when the first event came. What was stated before this service was there is not here.
        Field(name="since", holds=Holds.INSTANT, missing=None),
        # Of the head: when case had told of everything that stood there before; some of it may be on its way.
        Field(name="told_at", holds=Holds.INSTANT, missing=None),
    ),
)
ERASURE = DocumentType(
    collection=ERASED,
    fields=(
        Field(name="at", holds=Holds.INSTANT),
        Field(name="cleared", holds=Holds.CODE),
    ),
    indexes=(IndexModel([("cleared", 1), ("at", 1)]),),
)
STOPPAGE = DocumentType(collection=STOPPED, fields=(Field(name="at", holds=Holds.INSTANT),))
"""One document, by the survivor, while everything is stopped for them."""
RESTRICTION = DocumentType(
    collection=RESTRICTED,
    fields=(
        Field(name="holds", holds=Holds.CODE),
        # Of two that come in the wrong order the newer counts.
        Field(name="sequence", holds=Holds.COUNT),
        Field(name="at", holds=Holds.INSTANT),
    ),
)
"""One document, by the survivor, once the use of their record was restricted."""
TYPES = (EVENT, STATE, POSITION, ERASURE, STOPPAGE, RESTRICTION)
