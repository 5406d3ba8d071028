"""What a request for a page of a list looks like, and its answer (``shared.web.listing`` reads the page)."""

import base64
import binascii
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify, request
from marshmallow import fields, validate

from shared.web.instants import InstantField, is_storable
from shared.web.listing import LIMIT, MOST, Page, PageRequest, Position, find_page, make_cursor
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
            at, _, last = base64.b64decode(str(value), altchars=b"-_", validate=True).decode().partition("|")
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
            "description": "What changed at or after this instant. To keep up, ask each time from 20 seconds before "
            "the last reading began, by the Date header of its first answer: a change that was under way is seen only "
            "then."
        },
    )


def paged(page: Page) -> Response:
    """Answer with a page: ``{items, next}`` and a Link header to the following one."""
    response = jsonify(listed(page.items, page.next))
    if page.next is not None:
        query = {**request.args.to_dict(), "after": page.next}
        response.headers["Link"] = f'<{request.path}?{urlencode(query)}>; rel="next"'
    return response
