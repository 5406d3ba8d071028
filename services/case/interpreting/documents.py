"""Wishes and nevers, which nobody can write over, and bookings; what they say is sealed with the survivor's own key.

The codes are sealed too, since a language and a gender describe somebody, and no query asks for them. In clear stand
ids, states, the marks of nevers (``marks.py``) and when something was written.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from services.case.interpreting.errors import BookingEndedError, TooMuchOfInterpretersError
from services.case.interpreting.rules import MOST_BOOKED, MOST_NEVERS, MOST_WISHES, OPEN, UNREAD, Booking, Never, Wish
from services.case.survivors.sealing import Sealer
from shared.keys.fields import CiphertextMovedError
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork


def _write_codes(codes: Sequence[str]) -> str:
    return json.dumps(list(codes))


def _read_codes(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text or "[]"))


def _read_moment(text: str | None) -> datetime:
    return datetime.fromisoformat(text or "")


WISHES, NEVERS, BOOKINGS = "interpreter_wishes", "interpreter_nevers", "interpreter_bookings"
_WRITTEN = (
    Field(name="actor_id", holds=Holds.ID),
    Field(name="role", holds=Holds.CODE),
    Field(name="recorded_at", holds=Holds.INSTANT),
    Field(name="updated_at", holds=Holds.INSTANT, shown=False),
)
WISH = DocumentType(
    collection=WISHES,
    fields=(
        Field(name="survivor_id", holds=Holds.ID, shown=False),
        Field(name="number", holds=Holds.COUNT),
        Field(name="why", holds=Holds.CODE),
        Field(name="language", holds=Holds.CODE, sealed=True),
        Field(name="dialect", holds=Holds.STORY, sealed=True),
        Field(name="gender", holds=Holds.CODE, sealed=True),
        Field(name="modes", holds=Holds.CODE, sealed=True, write=_write_codes, read=_read_codes),
        Field(name="community_rule", holds=Holds.CODE, sealed=True),
        Field(name="community", holds=Holds.STORY, sealed=True),
        *_WRITTEN,
    ),
    indexes=(IndexModel([("survivor_id", 1), ("number", -1)]),),
    append_only=True,
)
NEVER = DocumentType(
    collection=NEVERS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID, shown=False),
        Field(name="name", holds=Holds.IDENTITY, sealed=True),
        Field(name="why", holds=Holds.CODE, sealed=True),
        Field(name="marks", holds=Holds.HASH, shown=False, write=list, read=tuple),
        Field(name="person_mark", holds=Holds.HASH, shown=False),
        Field(name="ends", holds=Holds.ID),
        Field(name="why_ended", holds=Holds.CODE),
        *_WRITTEN,
    ),
    indexes=(IndexModel([("survivor_id", 1), ("recorded_at", -1)]),),
    append_only=True,
)
BOOKING = DocumentType(
    collection=BOOKINGS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="interpreter_id", holds=Holds.ID),
        Field(name="purpose", holds=Holds.CODE),
        Field(name="mode", holds=Holds.CODE),
        Field(name="at", holds=Holds.IDENTITY, sealed=True, write=datetime.isoformat, read=_read_moment),
        Field(name="state", holds=Holds.CODE),
        Field(name="agreed_gender", holds=Holds.CODE, sealed=True),
        Field(name="refusals", holds=Holds.CODE, sealed=True, write=_write_codes, read=_read_codes),
        Field(name="step_id", holds=Holds.ID),
        Field(name="asked_by", holds=Holds.ID),
        Field(name="asked_at", holds=Holds.INSTANT),
        Field(name="ended_by", holds=Holds.ID),
        Field(name="ended_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("survivor_id", 1), ("state", 1)]),
        IndexModel([("survivor_id", 1), ("updated_at", 1), ("_id", 1)]),
    ),
)
TYPES = (WISH, NEVER, BOOKING)


def wish_from(document: Mapping[str, Any], sealer: Sealer) -> Wish:
    """Read a wish's document; of one that does not open no code is known, which every judgement takes as a no."""
    try:
        return Wish(**WISH.values(document, opened=sealer.opening(document["survivor_id"])))
    except CiphertextMovedError:
        return replace(Wish(**WISH.values(document, opened=_unopened)), gender=UNREAD, community_rule=UNREAD)


def never_from(document: Mapping[str, Any], sealer: Sealer) -> Never:
    """Read a never's document; one that does not open may be about anybody."""
    try:
        return Never(**NEVER.values(document, opened=sealer.opening(document["survivor_id"])))
    except CiphertextMovedError:
        return replace(Never(**NEVER.values(document, opened=_unopened)), marks=())


def _unopened(sealed: Mapping[str, Any]) -> Mapping[str, str | None]:
    return dict.fromkeys(sealed)


def booking_from(document: Mapping[str, Any], sealer: Sealer) -> Booking:
    """Read a booking's document."""
    return Booking(**BOOKING.values(document, opened=sealer.opening(document["survivor_id"])))


def readable(documents: Iterable[Mapping[str, Any]], sealer: Sealer) -> list[Booking]:
    """Read bookings but for those that do not open: they can be neither held nor shown, and keep no "never" away."""
    found = []
    for one in documents:
        try:
            found.append(booking_from(one, sealer))
        except CiphertextMovedError:
            continue
    return found


class InterpretingStore:
    """What is kept of one survivor, in whose turn it is read and written."""

    def __init__(self, work: UnitOfWork, sealer: Sealer, survivor_id: str) -> None:
        """Work inside one transaction."""
        self._work = work
        self._sealer = sealer
        self._theirs = {"survivor_id": survivor_id}
        self._survivor_id = survivor_id

    def wishes(self) -> list[Wish]:
        """Give everything that was ever said."""
        return [wish_from(one, self._sealer) for one in self._work.find_where(WISHES, self._theirs)]

    def nevers(self) -> list[Never]:
        """Give every never, and every ending of one."""
        return [never_from(one, self._sealer) for one in self._work.find_where(NEVERS, self._theirs)]

    def add_wish(self, wish: Wish) -> None:
        """Keep a new wish.

        Raises:
            TooMuchOfInterpretersError: As many are kept as may be.
        """
        if wish.number > MOST_WISHES:
            raise TooMuchOfInterpretersError(MOST_WISHES)
        self._work.insert(WISHES, WISH.document(wish, seal=self._seal))

    def add_never(self, never: Never) -> None:
        """Keep a new never, or its ending.

        Raises:
            TooMuchOfInterpretersError: As many are kept as may be; what was ended counts too.
        """
        if never.ends is None:
            known = self._work.find_where(NEVERS, {**self._theirs, "ends": None}, limit=MOST_NEVERS)
            if len(known) >= MOST_NEVERS:
                raise TooMuchOfInterpretersError(MOST_NEVERS)
        self._work.insert(NEVERS, NEVER.document(never, seal=self._seal))

    def open_bookings(self) -> list[Booking]:
        """Give the bookings that are not over."""
        where = {**self._theirs, "state": {"$in": list(OPEN)}}
        return readable(self._work.find_where(BOOKINGS, where), self._sealer)

    def booking(self, booking_id: str) -> Booking:
        """Give one of theirs.

        Raises:
            DocumentMissingError: They have none of this id.
            BookingEndedError: It does not open any more, and cannot be kept.
        """
        document = self._work.get(BOOKINGS, booking_id)
        if document["survivor_id"] != self._survivor_id:
            raise DocumentMissingError(BOOKINGS)
        found = readable([document], self._sealer)
        if not found:
            raise BookingEndedError
        return found[0]

    def add_booking(self, booking: Booking) -> None:
        """Keep a new booking.

        Raises:
            TooMuchOfInterpretersError: As many are open as may be.
        """
        if len(self.open_bookings()) >= MOST_BOOKED:
            raise TooMuchOfInterpretersError(MOST_BOOKED)
        self._work.insert(BOOKINGS, BOOKING.document(booking, seal=self._seal))

    def save_booking(self, booking: Booking) -> int:
        """Write a booking's next version; give it."""
        self._work.replace(BOOKINGS, {**BOOKING.document(booking, seal=self._seal), "version": booking.version})
        return booking.version + 1

    @property
    def _seal(self) -> Any:
        return self._sealer.sealing(self._survivor_id)
