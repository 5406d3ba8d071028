"""What a caller may be told of the limits at this server's door (draft-ietf-httpapi-ratelimit-headers).

Promise: only what is counted is told. There is no quota of requests in a time: how much is taken is decided by how long
others wait (docs/decisions/0023-overload-at-the-edge.md), which no number says beforehand; a 429 or 503 names its
Retry-After. What is counted are the connections of an address, each of which has one request at a time.
Shown by tests/integration/shared/test_web_server.py.
"""

from flask import Response, request

CONNECTIONS_LEFT = "alongside.connections_left"
"""In a request's environment: how many connections its address may hold, and how many more it may open now."""


def tell_limits(response: Response) -> None:
    """Say how many requests at once an address may have, and how many more it could have now."""
    counted = request.environ.get(CONNECTIONS_LEFT)
    if counted is not None:
        most, left = counted
        response.headers["RateLimit-Policy"] = f'"connections";q={most};qu="concurrent-requests"'
        response.headers["RateLimit"] = f'"connections";r={left}'
