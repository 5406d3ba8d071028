"""Serves the stand-in of a host's feed over HTTP.

Promise: it listens on 127.0.0.1 alone, and lets in nobody without the key that the stand-in drew. Shown by
tests/unit/client/test_feed_conformance.py.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from client.conformance.stand_in import RETRY_AFTER_S, StandIn

LARGEST = 64 * 1024


@contextmanager
def serving(feed: StandIn) -> Iterator[str]:
    """Serve it; gives its address."""

    class Handler(_Handler):
        stand_in = feed

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a consumer that was killed has left its connection."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    stand_in: StandIn

    def do_GET(self) -> None:
        """Read events, or a snapshot."""
        if not self.stand_in.knows(self.headers["Authorization"]):
            self._answer(401, {"status": 401, "title": "Sign in."})
            return
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/v1/events/snapshot":
            self._answer(200, self.stand_in.snapshot())
        elif parts.path != "/v1/events":
            self._answer(404, {"status": 404, "title": "A check has only the feed."})
        elif not all(query.get(name, "0").isdigit() for name in ("after", "wait", "limit")):
            self._answer(422, {"status": 422, "title": "after, wait and limit are numbers."})
        else:
            answer = self.stand_in.read(query)
            if answer is None:
                self.close_connection = True
                return
            self._answer(*answer)

    def do_PUT(self) -> None:
        """Keep a consumer."""
        self._body()
        if self.stand_in.knows(self.headers["Authorization"]):
            self._answer(200, {"id": "consumer", "version": 1})
        else:
            self._answer(401, {"status": 401, "title": "Sign in."})

    def do_POST(self) -> None:
        """Sign in, or acknowledge."""
        body = self._body()
        if self.path == "/v1/token":
            form = {name: values[-1] for name, values in parse_qs(body).items()}
            self._answer(*self.stand_in.token(self.headers["Authorization"], form))
        elif not self.stand_in.knows(self.headers["Authorization"]):
            self._answer(401, {"status": 401, "title": "Sign in."})
        else:
            try:
                position = int(json.loads(body)["position"])
            except (ValueError, KeyError, TypeError):
                self._answer(422, {"status": 422, "title": "position is a number."})
                return
            self._answer(200, self.stand_in.acknowledge(position))

    def _body(self) -> str:
        size = self.headers.get("Content-Length", "0")
        return self.rfile.read(min(int(size) if size.isdigit() else 0, LARGEST)).decode(errors="replace")

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Retry-After", str(RETRY_AFTER_S))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
