"""Reads a host's events and gives each its effect once, however often this program is killed or an event repeated.

Needs httpx. Set ALONGSIDE_URL, ALONGSIDE_CLIENT_ID and ALONGSIDE_CLIENT_SECRET; then: python feed_consumer.py
"""

import os
import sqlite3
import time

import httpx

KEY = (os.environ["ALONGSIDE_CLIENT_ID"], os.environ["ALONGSIDE_CLIENT_SECRET"])
NAME = os.environ.get("ALONGSIDE_CONSUMER", "example")
TABLES = """
CREATE TABLE IF NOT EXISTS cursor (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL);
INSERT OR IGNORE INTO cursor VALUES (1, 0);
CREATE TABLE IF NOT EXISTS taken (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS things (type TEXT, subject TEXT, survivor TEXT, sequence INTEGER);
"""


def effect(db, event):
    """Do what your system does with an event; here: a row."""
    data = event["data"]
    if event["type"] == "alongside.case.survivor_erased.v1":
        db.execute("DELETE FROM things WHERE survivor = ?", (data["survivor_id"],))
    elif event["type"] != "alongside.integrations.left_out.v1":  # Nothing may be known of it any more.
        row = (event["type"], event["subject"], data.get("survivor_id"), int(event["sequence"]))
        db.execute("INSERT INTO things VALUES (?, ?, ?, ?)", row)


def take(db, events, position):
    """Give events their effect and move the cursor in one transaction: both happen, or neither."""
    with db:
        for event in events:
            if db.execute("INSERT OR IGNORE INTO taken VALUES (?)", (event["source"] + event["id"],)).rowcount:
                effect(db, event)
        db.execute("UPDATE cursor SET position = ?", (position,))


def start_over(db, http):
    """Take the newest state of everything, where the cursor is older than what is kept."""
    page = http.get("/v1/events/snapshot").raise_for_status().json()
    with db:
        db.execute("DELETE FROM things")
        while True:
            for item in page["items"]:
                row = (item["type"], item["subject"], item["data"].get("survivor_id"), item["sequence"])
                db.execute("INSERT INTO things VALUES (?, ?, ?, ?)", row)
            if page["next"] is None:
                break
            page = http.get("/v1/events/snapshot", params={"after": page["next"]}).raise_for_status().json()
        db.execute("UPDATE cursor SET position = ?", (page["position"],))


def read(db, http):
    """Wait for what comes next and take it; then say how far you are, so that your lag can be seen."""
    (after,) = db.execute("SELECT position FROM cursor").fetchone()
    answer = http.get("/v1/events", params={"after": after, "wait": 25, "limit": 200})
    if answer.status_code == httpx.codes.GONE:
        start_over(db, http)
        return
    page = answer.raise_for_status().json()
    take(db, page["items"], page["next"])
    if page["items"]:
        key = {"Idempotency-Key": f"{NAME}-{page['next']}"}
        http.post(f"/v1/event-consumers/{NAME}/ack", json={"position": page["next"]}, headers=key).raise_for_status()
    if not page["waited"]:
        time.sleep(int(answer.headers["Retry-After"]))


def sign_in(http):
    """Get a token for a quarter of an hour, and keep the consumer under its name."""
    answer = http.post("/v1/token", data={"grant_type": "client_credentials"}, auth=KEY).raise_for_status()
    http.headers["Authorization"] = "Bearer " + answer.json()["access_token"]
    http.put(f"/v1/event-consumers/{NAME}", json={}).raise_for_status()


def main():
    """Read for ever."""
    db = sqlite3.connect(os.environ.get("ALONGSIDE_STORE", "events.sqlite"))
    db.executescript(TABLES)
    with httpx.Client(base_url=os.environ["ALONGSIDE_URL"], timeout=40) as http:
        while True:
            try:
                if "Authorization" not in http.headers:
                    sign_in(http)
                read(db, http)
            except httpx.HTTPError as error:
                print("again in a moment:", type(error).__name__, flush=True)
                http.headers.pop("Authorization", None)  # Perhaps the token has ended.
                time.sleep(1)


if __name__ == "__main__":
    main()
