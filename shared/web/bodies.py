"""Bodies and queries are read late: only when the caller's right is known; and JSON is bounded before it is taken.

Promise: who has no right to an address learns nothing from what they send there, and costs no parsing; JSON of more
than 256 kB, nested deeper than 32, with a number of more than 20 digits, a name twice or no UTF-8 is refused before any
rule looks at it. Shown by tests/unit/shared/web/test_web_bodies.py.
Limit: an import's file is no JSON; its own reader bounds it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import current_app, g, request
from flask_smorest import Blueprint as SmorestBlueprint
from webargs.flaskparser import FlaskParser, abort, is_json_request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from shared.web.problems import UnknownParameterError

MAX_JSON_BYTES = 256 * 1024
DEEPEST = 32
LONGEST_NUMBER = 20
"""Digits of a whole number; 64 bits need 19 and a sign. Python's own cost grows with the square of the digits."""

CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LONGEST_FRACTION = 64


class LateArguments(Mapping[str, Any]):
    """What a schema makes of a request, made when it is first looked at."""

    def __init__(self, parse: Callable[[], Mapping[str, Any]]) -> None:
        """Take what parses and checks."""
        self._parse = parse
        self._parsed: Mapping[str, Any] | None = None

    def read(self) -> Mapping[str, Any]:
        """Parse and check, once; raises what the parser raises."""
        if self._parsed is None:
            check_content()
            self._parsed = self._parse()
        return self._parsed

    def __getitem__(self, name: str) -> Any:
        """Give one argument."""
        return self.read()[name]

    def __iter__(self) -> Iterator[str]:
        """Give the arguments' names."""
        return iter(self.read())

    def __len__(self) -> int:
        """Count the arguments."""
        return len(self.read())


class LateParser(FlaskParser):
    """webargs' parser for Flask, late and bounded."""

    def parse(self, *asked: Any, **named: Any) -> Any:
        """Give arguments that are parsed when ``read_arguments`` says so; at once where nobody needs a right."""
        late = LateArguments(lambda: super(LateParser, self).parse(*asked, **named))
        if g.get("principal") is None:
            late.read()
        else:
            g.setdefault("late_arguments", []).append(late)
        return late

    def _raw_load_json(self, req: Any) -> Any:
        """Read a JSON body within its bounds."""
        content = req.get_data(cache=True)
        if not content or not is_json_request(req):
            return super()._raw_load_json(req)
        try:
            return bounded_json(content)
        except (ValueError, RecursionError):
            abort(400, messages={"json": ["Invalid JSON body."]})


Blueprint = SmorestBlueprint
# Set for the class itself, so that no route can be written, by habit, with a blueprint that parses first.
Blueprint.ARGUMENTS_PARSER = LateParser()


def read_arguments() -> None:
    """Parse and check everything that the route takes; the caller has a right to the address.

    Raises:
        HTTPException, UnknownParameterError: Something in the request is not right.
    """
    if not g.get("content_checked"):
        check_content()
    for late in g.pop("late_arguments", ()):
        late.read()


def check_content() -> None:
    """Refuse a body of a size or kind that the route does not take, and a query with a change that knows none.

    Raises:
        RequestEntityTooLarge, UnsupportedMediaType, UnknownParameterError: It does not.
    """
    g.content_checked = True
    takes_json, takes_query = current_app.extensions.get("alongside-takes", (frozenset(), frozenset()))
    changes = request.method in CHANGES and request.endpoint is not None and request.path.startswith("/v1/")
    if changes and request.query_string and request.endpoint not in takes_query:
        raise UnknownParameterError("This address has no parameters.")
    length = request.content_length or 0
    if request.endpoint not in takes_json or not length:
        return
    if not request.is_json:
        raise UnsupportedMediaType
    if length > MAX_JSON_BYTES:
        raise RequestEntityTooLarge


def bounded_json(content: bytes) -> Any:
    """Read JSON.

    Raises:
        ValueError: It is no JSON in UTF-8, or breaks a bound.
    """
    if len(content) > MAX_JSON_BYTES:
        raise RequestEntityTooLarge
    read = json.loads(
        content.decode("utf-8"),
        parse_int=_whole_number,
        parse_float=_fraction,
        parse_constant=_refuse_constant,
        object_pairs_hook=_object,
    )
    _check_depth(read)
    return read


def _whole_number(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise BadRequest
    return int(digits)


def _fraction(digits: str) -> float:
    if len(digits) > _LONGEST_FRACTION:
        raise BadRequest
    return float(digits)


def _refuse_constant(_name: str) -> Any:
    # NaN and Infinity are Python's, not JSON's (RFC 8259, 6).
    raise BadRequest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        # Which of the two was meant, nobody knows; a later one must not silently win.
        raise BadRequest
    return made


def _check_depth(read: Any) -> None:
    level, depth = _containers([read]), 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise BadRequest
        level = [inner for outer in level for inner in _containers(outer)]


def _containers(outer: Any) -> list[Any]:
    values = outer.values() if isinstance(outer, dict) else outer
    return [inner for inner in values if isinstance(inner, (dict, list))]
