"""Read an event queue: keep each event once, then tell the broker that it was taken.

    QUEUE_URL='amqp://…' QUEUE_NAME='integrator.…' python queue_consumer.py

Needs kombu. What an event means for your system goes where ``work_on`` is called; it may be done later, from the table.
"""

import json
import os
import sqlite3

from kombu import Connection, Queue
from kombu.mixins import ConsumerMixin

LEFT_OUT = "alongside.integrations.left_out.v1"


class Consumer(ConsumerMixin):
    """Connects again by itself; what was not acknowledged comes again."""

    def __init__(self, connection: Connection, queue: str, database: sqlite3.Connection) -> None:
        """Take where to read and where to keep; the table is made if it is missing."""
        self.connection = connection
        self.queue = queue
        self.database = database
        database.execute("CREATE TABLE IF NOT EXISTS taken (id TEXT PRIMARY KEY, position INTEGER, event TEXT)")

    def get_consumers(self, consumer_class, _channel):
        """Read one queue."""
        # no_declare: the credential may read this queue, and neither make nor change one.
        queue = Queue(self.queue, no_declare=True)
        return [consumer_class([queue], on_message=self.take, prefetch_count=20)]

    def take(self, message) -> None:
        """Keep one event, then acknowledge it."""
        event = json.loads(message.body)
        with self.database:
            # The same event can come more than once, under the same message id.
            new = self.database.execute(
                "INSERT OR IGNORE INTO taken VALUES (?, ?, ?)",
                (message.properties["message_id"], event["position"], json.dumps(event)),
            ).rowcount
        if new:
            work_on(event)
        # Only now: whoever is killed before gets it again.
        message.ack()


def work_on(event: dict) -> None:
    """Say what came. A yes is never in a queue: ask the feed for that position, which answers as of today."""
    if event["type"] == LEFT_OUT:
        print(event["position"], event["data"]["reason"], event["data"]["type"], flush=True)
    else:
        print(event["position"], event["type"], event["subject"], flush=True)


if __name__ == "__main__":
    kept = sqlite3.connect(os.environ.get("QUEUE_DATABASE", "events.db"))
    with Connection(os.environ["QUEUE_URL"], heartbeat=10) as broker:
        Consumer(broker, os.environ["QUEUE_NAME"], kept).run()
