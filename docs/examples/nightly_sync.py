"""Each night: tells the host of the records that changed in your system, and takes what changed there.

Needs alongside-client, and a machine key with the scopes imports:write and episodes:read. Set ALONGSIDE_URL,
ALONGSIDE_CLIENT_ID and ALONGSIDE_CLIENT_SECRET, ALONGSIDE_SOURCE (the name of your system) and ALONGSIDE_EXPORT (a CSV
with a column "reference" and one for each field of a record); then: python nightly_sync.py

Begun again after whatever stopped it, it goes on: nothing is done twice, and no change is missed.
"""

import csv
import hashlib
import json
import os
import sqlite3
import sys
import uuid
from pathlib import Path

from alongside_client import Client, ClientError, MachineKey, Records, keep_up

KEY = MachineKey(client_id=os.environ["ALONGSIDE_CLIENT_ID"], client_secret=os.environ["ALONGSIDE_CLIENT_SECRET"])
TABLES = """
CREATE TABLE IF NOT EXISTS sent (reference TEXT PRIMARY KEY, digest TEXT NOT NULL, episode TEXT, outcome TEXT);
CREATE TABLE IF NOT EXISTS episodes (id TEXT PRIMARY KEY, status TEXT NOT NULL, version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT);
"""


def note(db, name, value):
    """Keep something for the next run."""
    with db:
        db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))


def noted(db, name):
    """Give what an earlier run has kept."""
    found = db.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
    return found[0] if found else None


def changed(db, path):
    """Give the reference and the record of each row that was not taken yet as it stands."""
    known = dict(db.execute("SELECT reference, digest FROM sent WHERE outcome NOT IN ('HELD', 'REFUSED')"))
    with Path(path).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            reference = row.pop("reference")
            if known.get(reference) != digest(row):
                yield reference, row


def digest(record):
    """Tell whether a record is as it was the last time."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def push(db, client):
    """Tell of what changed; keep what became of each, and say which records somebody has to look at."""
    # One name for this run until it is through: what was done before it was killed is not done again.
    run = noted(db, "run") or str(uuid.uuid4())
    note(db, "run", run)
    # Until the first record was taken, your system is new there.
    is_new = db.execute("SELECT 1 FROM sent WHERE episode IS NOT NULL").fetchone() is None
    records = Records(client, os.environ["ALONGSIDE_SOURCE"], new_source=is_new)
    rows = dict(changed(db, os.environ["ALONGSIDE_EXPORT"]))
    counts = {}
    for put in records.put_all(rows.items(), run=run):
        counts[put.outcome] = counts.get(put.outcome, 0) + 1
        with db:
            row = (put.reference, digest(rows[put.reference]), put.episode_id, put.outcome)
            db.execute(
                "INSERT INTO sent VALUES (?, ?, ?, ?) ON CONFLICT (reference) DO UPDATE SET digest = excluded.digest, "
                # What was refused today says nothing of the episode that was told of before.
                "outcome = excluded.outcome, episode = coalesce(excluded.episode, episode)",
                row,
            )
        if put.error is not None:
            print("refused:", put.error.code)
        elif not put.was_taken:
            # Codes and a number only: what this program prints may stand in a log.
            print(f"look at number {put.number}:", ", ".join(p["code"] for p in put.problems))
    note(db, "run", None)
    return counts


def pull(db, client):
    """Take what changed there since the last time; an item may come twice, so the newer version counts."""

    def take(items):
        with db:
            for item in items:
                db.execute(
                    "INSERT INTO episodes VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET status = excluded.status, "
                    "version = excluded.version WHERE excluded.version > version",
                    (item["id"], item["status"], item["version"]),
                )

    note(db, "since", keep_up(client, "/v1/episodes", take, since=noted(db, "since")))


def main():
    """Do both; the next night does what could not be done."""
    os.umask(0o077)  # The store has your references.
    db = sqlite3.connect(os.environ.get("ALONGSIDE_STORE", "sync.sqlite"))
    db.executescript(TABLES)
    try:
        with Client(os.environ["ALONGSIDE_URL"], KEY) as client:
            print("records:", json.dumps(push(db, client), sort_keys=True))
            pull(db, client)
    except ClientError as error:
        # Its text has a code and a status, never an address or a record.
        sys.exit(f"Not all could be done, and the next run goes on: {error}")


if __name__ == "__main__":
    main()
