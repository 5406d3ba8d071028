"""A relay that was away for long: it empties whatever waits, in memory that does not grow with it."""

import copy
import time

import psutil
import pytest

from shared.bus.bundles import BUNDLE_EVENTS
from shared.kernel.ids import new_event_id
from shared.outbox.unit_of_work import NEW
from tests.kit.kernel_rig import Rig, open_episode

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(600)]

BACKLOG = 200_000
AT_ONCE = 5_000
MOST_GROWTH = 200 * 1024 * 1024


@pytest.fixture
def rig(engines):
    made = Rig(engines)
    made.provision()
    yield made
    made.close()


def fill(rig, rows):
    """Put so many rows into case's outbox, each as a command leaves it."""
    committer = rig.committer()
    committer.execute(open_episode())
    committer.close()
    outbox = rig.database("case")["outbox"]
    template = outbox.find_one()
    outbox.delete_many({})
    for _ in range(rows // AT_ONCE):
        batch = []
        for _ in range(AT_ONCE):
            row = copy.deepcopy(template) | {"_id": new_event_id(), "status": NEW}
            for event in row["events"]:
                event["id"] = new_event_id()
            batch.append(row)
        outbox.insert_many(batch, ordered=False)


def relay_process(parent):
    (found,) = [p for p in parent.children() if "tests.kit.kernel_program" in " ".join(p.cmdline())]
    return found


def test_a_long_backlog_needs_no_more_memory_than_a_short_one(rig):
    """200,000 rows are sent and numbered without a gap, and the process grows by less than 200 MiB."""
    fill(rig, BACKLOG)
    outbox = rig.database("case")["outbox"]
    with rig.process("relay"):
        relay = relay_process(psutil.Process())
        least = most = None
        deadline = time.monotonic() + 500
        while outbox.count_documents({"status": NEW}, limit=1):
            assert time.monotonic() < deadline, "the relay did not come to the end"
            resident = relay.memory_info().rss
            # What the interpreter and the drivers need stands before the first batch is out.
            least = resident if least is None and outbox.count_documents({"status": {"$ne": NEW}}, limit=1) else least
            most = max(most or 0, resident)
            time.sleep(0.2)
    assert least is not None, "it was looked at while it worked"
    assert most - least < MOST_GROWTH
    plan = rig.database("case")["relay"].find_one({"_id": "relay-plan"})
    assert plan["last"]["consent"] == BACKLOG
    assert rig.depth(rig.subscription.queue) >= BACKLOG / BUNDLE_EVENTS
    print(f"relay: {least / 2**20:.0f} MiB at its first batch, {most / 2**20:.0f} MiB at most")
