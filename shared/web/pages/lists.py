"""Which part of a list a page shows: its address says after which entry, as an earlier page's link has it."""

from flask import abort, request
from marshmallow import ValidationError

from shared.web.listing import LIMIT, PageRequest
from shared.web.paging import CursorField

_CURSOR = CursorField()


def wanted_part(limit: int = LIMIT) -> PageRequest:
    """Read the part from the address; one that no page of ours links to is a bad request."""
    text = request.args.get("after", "")
    if not text:
        return PageRequest(limit=limit)
    try:
        return PageRequest(limit=limit, after=_CURSOR.deserialize(text[:500]))
    except ValidationError:
        abort(400)
