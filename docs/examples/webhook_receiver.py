"""Receives a host's webhooks: verifies each, drops what came before, and answers when it is kept.

Needs standardwebhooks. Set WEBHOOK_SECRET (whsec_…); then: python webhook_receiver.py 8000
In service a reverse proxy with a public certificate stands before it.
"""

import os
import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

LARGEST = 64 * 1024
VERIFIER = Webhook(os.environ["WEBHOOK_SECRET"])
FILE = os.environ.get("WEBHOOK_DATABASE", "webhooks.db")
TABLES = """
CREATE TABLE IF NOT EXISTS taken (id TEXT PRIMARY KEY, type TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS newest (subject TEXT PRIMARY KEY, type TEXT, sequence INTEGER NOT NULL);
"""


def effect(db, event):
    """Do what your system does with an event; here: keep the newest of each thing."""
    if "sequence" not in event:  # A test, or a position of which nothing may be known any more.
        return
    row = (event["subject"], event["type"], int(event["sequence"]))
    # Deliveries may overtake one another: a lower sequence is older news.
    db.execute(
        "INSERT INTO newest VALUES (?, ?, ?) ON CONFLICT (subject) DO UPDATE SET type = excluded.type, "
        "sequence = excluded.sequence WHERE excluded.sequence > sequence",
        row,
    )


class Receiver(BaseHTTPRequestHandler):
    """Answers Alongside."""

    timeout = 10

    def do_POST(self):
        """Take one delivery: 204 when it is safely kept, 400 when it is not from Alongside."""
        size = self.headers.get("Content-Length", "")
        if not size.isdigit() or int(size) > LARGEST:
            self.answer(413)
            return
        try:
            event = VERIFIER.verify(self.rfile.read(int(size)), dict(self.headers.items()))
        except (WebhookVerificationError, ValueError):
            self.answer(400)
            return
        with sqlite3.connect(FILE, timeout=5) as db:
            row = (self.headers["webhook-id"], event["type"])
            # The same delivery can come again, after any answer that was lost.
            if db.execute("INSERT OR IGNORE INTO taken VALUES (?, ?)", row).rowcount:
                effect(db, event)
        self.answer(204)

    def answer(self, status):
        """Say what became of it."""
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Keep addresses and paths out of the log."""


if __name__ == "__main__":
    with sqlite3.connect(FILE) as database:
        database.executescript(TABLES)
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
