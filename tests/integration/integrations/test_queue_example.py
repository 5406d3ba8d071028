"""The consumer that people copy, run as a program at a real queue that the worker's own part fills."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest

from deploy.engines.layout import PROJECT_ROOT
from deploy.provision.queues import EventQueues
from services.integrations.queues.parts import fill, parts
from shared.contracts.case import EpisodeOpened
from shared.kernel.ids import new_id
from shared.runtime.heartbeat import Heartbeat

EXAMPLE = PROJECT_ROOT / "docs" / "examples" / "queue_consumer.py"


def opened():
    return EpisodeOpened(episode_id=new_id(), survivor_id=new_id(), advocate_id=None, nation_of_support="WALES")


@pytest.fixture
def filled(place, context):
    """The worker's part, at work; it ends with nothing in hand."""
    asked, ended = threading.Event(), []
    (part,) = parts()
    assert part.run is fill
    thread = threading.Thread(target=lambda: ended.append(part.run(context, asked, Heartbeat(None).watch(asked))))
    thread.start()
    yield
    asked.set()
    thread.join(60)
    assert ended == [True]


def test_it_keeps_each_event_once_also_when_it_is_killed(engines, place, keep, filled, tmp_path):
    """From the store to the reader's own table, in order; what it had not acknowledged comes again."""
    queue_id = place.post("/v1/event-queues", {}, "HOST_ADMIN").json["id"]
    at_broker = EventQueues(engines.rabbit, place.tenant)
    database = tmp_path / "events.db"

    def kept():
        if not database.exists():
            return []
        with closing(sqlite3.connect(database, timeout=30)) as db:
            there = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'taken'").fetchone()
            return [row[0] for row in db.execute("SELECT position FROM taken ORDER BY rowid")] if there else []

    try:
        credential = at_broker.make(queue_id)
        environment = {
            **os.environ, "QUEUE_URL": credential.url, "QUEUE_NAME": credential.queue, "QUEUE_DATABASE": str(database),
        }  # fmt: skip
        positions: list[int] = []
        for ending in (signal.SIGKILL, signal.SIGTERM):
            positions += [keep(opened()) for _ in range(3)]
            with (tmp_path / "said").open("w") as said:
                reader = subprocess.Popen(
                    [sys.executable, "-W", "ignore", str(EXAMPLE)], env=environment, stdout=said, stderr=said
                )
                try:
                    until = time.monotonic() + 90
                    while len(kept()) < len(positions):
                        assert reader.poll() is None, (tmp_path / "said").read_text()
                        assert time.monotonic() < until, (tmp_path / "said").read_text()
                        time.sleep(0.1)
                finally:
                    reader.send_signal(ending)
                    reader.wait(30)
        assert kept() == positions
        assert "alongside.case.episode_opened.v1" in (tmp_path / "said").read_text()
    finally:
        place.post(f"/v1/event-queues/{queue_id}/remove", {}, "HOST_ADMIN")
        at_broker.remove(queue_id)
        at_broker.close()
