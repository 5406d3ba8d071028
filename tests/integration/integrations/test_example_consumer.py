"""The consumer of the tutorial, as it stands there, against a host that serves: killed at random, each effect once."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest

from services.identity.people.provisioning import create_first_user
from services.integrations.store.clearing import give_up_old
from shared.contracts.case import EpisodeClosed, SurvivorErased
from shared.kernel.ids import new_id
from shared.web.server import BoundedServer
from tests.docs.reading import DOCS
from tests.integration.integrations.test_clearing import DAY_0
from tests.integration.integrations.test_store import consent, opened

PROGRAM = DOCS / "examples" / "feed_consumer.py"


@pytest.fixture(scope="module")
def address(tenant_place):
    """Serve the host over HTTP, as its api does."""
    server = BoundedServer(tenant_place.app, host="127.0.0.1", port=0, max_body_bytes=1_000_000)
    threading.Thread(target=server.run, daemon=True, name="feed-server").start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture
def consumer(place, address, tmp_path, eventually):
    """The program with a key of its own; it can be started, killed and asked what it holds."""
    admin = create_first_user(
        place.contexts["identity"], login=f"{new_id()}@host.example", password=new_id(), roles=("HOST_ADMIN",)
    )
    headers = {**place.headers("HOST_ADMIN", actor=admin), "Idempotency-Key": new_id()}
    body = {"scopes": ["events:read"], "networks": ["127.0.0.1/32"]}
    key = place.app.test_client().post("/v1/machine-keys", json=body, headers=headers).json
    made = Consumer(address, key, tmp_path, eventually)
    yield made
    made.kill()


class Consumer:
    """One consumer with its own store."""

    def __init__(self, address, key, folder, eventually):
        self._store, self._eventually, self._process = folder / "events.sqlite", eventually, None
        self._environment = {
            **os.environ, "ALONGSIDE_URL": address, "ALONGSIDE_CLIENT_ID": key["client_id"],
            "ALONGSIDE_CLIENT_SECRET": key["client_secret"], "ALONGSIDE_STORE": str(self._store),
            "ALONGSIDE_CONSUMER": f"c{new_id()[:8]}",
        }  # fmt: skip
        self.name = self._environment["ALONGSIDE_CONSUMER"]

    def start(self):
        command = [sys.executable, "-W", "ignore", str(PROGRAM)]
        self._process = subprocess.Popen(command, env=self._environment)

    def kill(self):
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def ask(self, question, *values):
        try:
            with sqlite3.connect(f"file:{self._store}?mode=ro", uri=True, timeout=10) as db:
                return db.execute(question, values).fetchall()
        except sqlite3.OperationalError:
            return []

    def until_at(self, position):
        self._eventually(lambda: self.ask("SELECT position FROM cursor") == [(position,)], within_s=60)


def test_each_event_has_its_effect_once_whatever_kills_it(consumer, keep, store, place):
    """Killed while it reads, applies and acknowledges, and started again; its lag is seen by name."""
    wanted = []
    for round_ in range(4):
        for _ in range(30):
            event = opened()
            wanted.append((event.event_type, event.episode_id))
            keep(event)
        consumer.start()
        # It has begun to take; where exactly it dies is nobody's choice.
        consumer._eventually(lambda n=round_: len(consumer.ask("SELECT 1 FROM taken")) > 30 * n, within_s=60)
        consumer.kill()
    consumer.start()
    consumer.until_at(store.head())
    found = consumer.ask("SELECT type, subject FROM things")
    assert sorted(row for row in found if row in set(wanted)) == sorted(wanted)
    row = f"/v1/event-consumers/{consumer.name}"
    consumer._eventually(lambda: place.get(row, "HOST_ADMIN").json["lag"] == 0, within_s=30)


def test_it_lets_go_of_the_erased_and_starts_over_from_a_snapshot(consumer, context, keep, store, place):
    """What fell behind 90 days is the newest state again; nothing of an erased person, and no ended yes."""
    survivor_id, consent_id = new_id(), new_id()
    place.at(DAY_0.replace(year=2040))
    event = opened(survivor_id)
    keep(event)
    consumer.start()
    consumer.until_at(store.head())
    assert consumer.ask("SELECT 1 FROM things WHERE survivor = ?", survivor_id)
    keep(SurvivorErased(survivor_id=survivor_id))
    consumer.until_at(store.head())
    assert not consumer.ask("SELECT 1 FROM things WHERE survivor = ?", survivor_id)
    consumer.kill()
    keep(consent("GIVEN", consent_id, new_id()), 1)
    keep(consent("WITHDRAWN", consent_id, new_id()), 2)
    last = opened()
    keep(last)
    keep(EpisodeClosed(episode_id=last.episode_id, survivor_id=last.survivor_id, closure_reason="X"), 2)
    place.at(DAY_0.replace(year=2041))
    give_up_old(context)
    consumer.start()
    consumer.until_at(store.head())
    things = dict(consumer.ask("SELECT subject, type FROM things"))
    assert things[last.episode_id].endswith("episode_closed.v1")
    assert survivor_id not in str(consumer.ask("SELECT * FROM things"))
