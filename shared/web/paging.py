"""What a request for a page of a list looks like, and its answer (``shared.web.listing`` reads the page)."""

import base64
import binascii
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify, request
from marshmallow import fields, validate

from shared.web.instants import InstantField, is_storable
from shared.web.listing import LIMIT, MOST, OVERLAP, Page, PageRequest, Position, find_page, make_cursor
from shared.web.schemas import StrictSchema, listed

__all__ = [
    "LIMIT",
    "MOST",
    "CursorField",
    "Page",
    "PageQuerySchema",
    "PageRequest",
    "Position",
    "find_page",
    "make_cursor",
    "paged",
]


class CursorField(fields.Field[Position]):
    """A cursor as an earlier answer gave it."""

    default_error_messages = {"invalid": "This is not a cursor that an earlier answer gave as next."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Position:  # noqa: ARG002
        try:
            at, last, _ = _parts(str(value))
            position = datetime.fromisoformat(at), last
        except (ValueError, binascii.Error) as error:
            raise self.make_error("invalid") from error
        if position[0].tzinfo is None or not is_storable(position[0]) or not last:
            raise self.make_error("invalid")
        return position


class PageQuerySchema(StrictSchema):
    """Parameters of every list; a list with filters of its own subclasses this."""

    limit = fields.Integer(load_default=LIMIT, validate=validate.Range(min=1, max=MOST))
    after = CursorField(load_default=None, metadata={"type": "string", "description": "next of an earlier answer"})
    updated_since = InstantField(
        load_default=None,
        metadata={
            "description": "What changed at or after this instant. To keep up, give the again_from of the last "
            "reading, and replace what you have of the same id: a change that was under way then is seen only now."
        },
    )


def paged(page: Page, *, begun: datetime) -> Response:
    """Answer with a page: ``{items, next, again_from}`` and a Link header to the following one.

    Args:
        page: What was read.
        begun: When; the pages of one reading all tell when their first one was begun, which the cursor carries on.
    """
    again_from = _carried() or (begun - OVERLAP).isoformat()
    following = _encoded(page.next, again_from) if page.next is not None else None
    response = jsonify({**listed(page.items, following), "again_from": again_from.replace("+00:00", "Z")})
    if following is not None:
        query = {**request.args.to_dict(), "after": following}
        response.headers["Link"] = f'<{request.path}?{urlencode(query)}>; rel="next"'
    return response


def _encoded(cursor: str, again_from: str) -> str:
    at, last, _ = _parts(cursor)
    return base64.urlsafe_b64encode(f"{at}|{again_from}|{last}".encode()).decode()


def _carried() -> str | None:
    """Give what the request's cursor carries from the first page; a cursor of an older version carries nothing."""
    after = request.args.get("after")
    return (_parts(after)[2] or None) if after is not None else None


def _parts(cursor: str) -> tuple[str, str, str]:
    """Give the instant and id of the last entry, and from when the reader asks again, or nothing.

    Raises:
        ValueError: It is no cursor.
    """
    at, _, rest = base64.b64decode(cursor, altchars=b"-_", validate=True).decode().partition("|")
    again_from, sign, last = rest.partition("|")
    # It came from the caller: what is no instant with a zone is not said on, but belongs to the id.
    return (at, last, again_from) if sign and _is_instant(again_from) else (at, rest, "")


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
