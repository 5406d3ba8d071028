"""A stand-in of Salesforce's REST API on 127.0.0.1: sign-in, describe, and pages of records, which can also go wrong.

Written by the public description of the API; every record in it is invented.
"""

import base64
import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from services.case.sources.adapters.wire import PinnedAdapter
from shared.web.outbound.connecting import dial_by_system
from tests.kit.receivers import certificate_of

HOST = "alder.my.salesforce.com"
CLIENT = {"consumer_key": "3MVG9.invented", "consumer_secret": "A1B2C3D4-invented"}
PERSON = {"username": "reader@alder.example", "password": "pass<&>word", "security_token": "tokenABC"}
SETTINGS = {"host": HOST, "object": "Case__c", "sign_in": "client_credentials"}


def fault(status, code, message="Invented words of an error."):
    """An answer as Salesforce refuses."""
    return status, json.dumps([{"errorCode": code, "message": message}])


class StandIn:
    """What it has, what it was asked, and what it does wrong.

    Attributes:
        records: Dicts with every field; ``Id`` and ``IsDeleted`` too.
        wrong: Called with each request before it is answered; what it gives is the answer instead.
        asked: Method, path and query of every request.
    """

    def __init__(self, records=(), fields=()):
        self.records = list(records)
        self.fields = list(fields)
        self.page = 2
        self.host = HOST
        self.wrong = lambda request: None
        self.asked = []
        self.tokens = 0
        self.valid = None
        self.port = 0
        self.trust = None
        self.authority = ""

    def adapter(self, **options):
        """A way out that leads here whatever the name, and believes its certificate alone."""
        chosen = {
            "resolve": lambda host, port: ["127.0.0.1"],
            "dial": lambda address, port, timeout_s: dial_by_system(address, self.port, timeout_s),
            "trust": self.trust,
            "loopback": True,
        }
        return PinnedAdapter(**{**chosen, **options})

    def expire(self):
        """End the session that was given."""
        self.valid = None

    def answer(self, request):
        """Status and body of one request."""
        self.asked.append((request["method"], request["path"], request["query"]))
        said = self.wrong(request)
        if said is not None:
            return said
        if request["path"].startswith("/services/oauth2/token"):
            return self._token(request)
        if "/services/Soap/u/" in request["path"]:
            return self._soap(request)
        if request["headers"].get("Authorization") != f"Bearer {self.valid}":
            return fault(401, "INVALID_SESSION_ID")
        if request["path"].endswith("/describe"):
            return 200, json.dumps(
                {"fields": [f if isinstance(f, dict) else {"name": f, "label": f} for f in self.fields]}
            )
        return self._query(request)

    def _begin(self):
        self.tokens += 1
        self.valid = f"00D-invented-{self.tokens}"
        return self.valid

    def _token(self, request):
        expected = base64.b64encode(f"{CLIENT['consumer_key']}:{CLIENT['consumer_secret']}".encode()).decode()
        if request["headers"].get("Authorization") != f"Basic {expected}":
            return 400, json.dumps({"error": "invalid_client", "error_description": "invalid client credentials"})
        return 200, json.dumps({"access_token": self._begin(), "instance_url": f"https://{self.host}"})

    def _soap(self, request):
        wanted = "<n1:password>pass&lt;&amp;&gt;wordtokenABC</n1:password>"
        if f"<n1:username>{PERSON['username']}</n1:username>" not in request["body"] or wanted not in request["body"]:
            return (
                500,
                "<a xmlns:sf='urn:f'><sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode><sf:exceptionMessage>No.</sf:exceptionMessage></a>",
            )
        return (
            200,
            f"<r><serverUrl>https://{self.host}/services/Soap/u/62.0/00D</serverUrl><sessionId>{self._begin()}</sessionId></r>",
        )

    def _query(self, request):
        found = re.fullmatch(r"/services/data/v62\.0/queryAll(?:/)?(?:01g-(\d+))?", request["path"])
        if found is None:
            return fault(404, "NOT_FOUND")
        start = int(found.group(1) or 0)
        if start == 0:
            self.wanted = self._asked_fields(request["query"]["q"][0])
        if isinstance(self.wanted, tuple):
            return self.wanted
        shown = [
            {"attributes": {"type": "Case__c"}, **{name: record.get(name) for name in self.wanted}}
            for record in sorted(self.records, key=lambda r: r["Id"])[start : start + self.page]
        ]
        done = start + self.page >= len(self.records)
        page = {"totalSize": len(self.records), "done": done, "records": shown}
        if not done:
            page["nextRecordsUrl"] = f"/services/data/v62.0/queryAll/01g-{start + self.page}"
        return 200, json.dumps(page)

    def _asked_fields(self, question):
        found = re.fullmatch(r"SELECT (.+) FROM (\w+) ORDER BY Id", question)
        if found is None or found.group(2) != "Case__c":
            return fault(400, "INVALID_TYPE", "sObject type is not supported.")
        names = found.group(1).split(", ")
        known = {"Id", "IsDeleted", *(f if isinstance(f, str) else f["name"] for f in self.fields)}
        for name in names:
            if name not in known:
                return fault(400, "INVALID_FIELD", f"No such column '{name}' on entity 'Case__c'.")
        return names


@contextmanager
def salesforce(folder, records=(), fields=(), *, name=HOST):
    """Run a stand-in whose certificate is for a name."""
    stand_in = StandIn(records, fields)
    serving, stand_in.trust = certificate_of(name, folder)
    # What another process believes: the certificate, without its key.
    stand_in.authority = (
        "-----BEGIN CERTIFICATE-----" + (folder / "server.pem").read_text().partition("-----BEGIN CERTIFICATE-----")[2]
    )

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self._answer()

        def do_POST(self):
            self._answer()

        def _answer(self):
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            said = stand_in.answer(
                {
                    "method": self.command,
                    "path": parts.path,
                    "query": parse_qs(parts.query),
                    "headers": dict(self.headers.items()),
                    "body": self.rfile.read(length).decode(),
                    "handler": self,
                }
            )
            if said == ():
                # It has answered by itself, in its own way.
                self.close_connection = True
                return
            status, body, headers = said if len(said) == 3 else (*said, {})
            content = body.encode()
            self.send_response(status)
            for header, value in {
                "Content-Length": str(len(content)),
                "Content-Type": "application/json",
                **headers,
            }.items():
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            return

    server = Server(("127.0.0.1", 0), Handler)
    server.socket = serving.wrap_socket(server.socket, server_side=True)
    stand_in.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
