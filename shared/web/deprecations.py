"""Says of an address that it will go, in its answers and in the document.

Promise: whoever may use a deprecated address reads in each answer since when, until when and what to use; whoever may
not learns nothing, since their 401 and 404 are those of an unknown address. Shown by
tests/integration/shared/test_deprecations.py.
"""

from collections.abc import Callable
from datetime import UTC
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

from flask import Response, current_app, request

from shared.web.routes import Deprecation

_MARK = "alongside_deprecated"
_SAME_FOR_ALL = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)


def mark_deprecated(view: Callable[..., Any], deprecation: Deprecation) -> None:
    """Note on a view that its route is deprecated."""
    setattr(view, _MARK, deprecation)


def words_of(deprecation: Deprecation) -> str:
    """Say it in a sentence, for the document."""
    ends = f", and gone from {deprecation.ends.date().isoformat()}" if deprecation.ends is not None else ""
    return f"Deprecated since {deprecation.since.date().isoformat()}{ends}. Use {deprecation.instead}."


def tell_deprecation(response: Response) -> None:
    """Add the headers to an answer of a deprecated address."""
    deprecation = getattr(current_app.view_functions.get(request.endpoint or ""), _MARK, None)
    if deprecation is None or response.status_code in _SAME_FOR_ALL:
        return
    response.headers["Deprecation"] = f"@{int(deprecation.since.timestamp())}"
    if deprecation.ends is not None:
        response.headers["Sunset"] = format_datetime(deprecation.ends.astimezone(UTC), usegmt=True)
    response.headers.add("Link", '</docs/reference#deprecated>; rel="deprecation"; type="text/html"')
