"""A host of the store's own: integrations hears everything that its tests do."""

from datetime import UTC, datetime

import pytest

from services.integrations.feed.snapshot import Snapshots
from services.integrations.store.keeping import append
from services.integrations.store.reading import EventStore
from shared.kernel.ids import new_event_id
from shared.kernel.messages import Received
from shared.outbox.commands import Answer, Command
from tests.kit.tenant_place import TenantPlace


@pytest.fixture(scope="module")
def tenant_place(engines, tmp_path_factory):
    """A host whose public facts come to the store."""
    place = TenantPlace(engines, tmp_path_factory.mktemp("integrated"))
    place.deaf = ("audit",)
    yield place
    place.close()


@pytest.fixture
def context(place):
    """Integrations' own context."""
    return place.contexts["integrations"]


@pytest.fixture(autouse=True)
def empty_store(place):
    """Every test begins with an empty store, at the hour that it is: whatever ran before it."""
    place.at(None)
    database = place.database("integrations")
    for name in database.list_collection_names():
        if name not in {"marker", "relay"}:
            database[name].delete_many({})


@pytest.fixture
def store(context):
    """The store as its readers see it."""
    return EventStore(context)


@pytest.fixture
def snapshots(context):
    """The snapshots of the store."""
    return Snapshots(context)


def received(event, sequence=1, **values):
    said = {
        "event": event, "event_id": new_event_id(), "sequence": sequence, "stream_n": None,
        "recorded_at": datetime.now(UTC), "sender": "any",
    }  # fmt: skip
    return Received(**{**said, **values})


@pytest.fixture
def keep(context):
    """Keep a fact in a transaction of its own; gives its position."""

    def keep(event, sequence=1, **values):
        def run(work):
            append(received(event, sequence, **values), work)
            return Answer(status=200)

        context.committer.execute(Command(run=run))
        return context.client[context.database_name]["positions"].find_one({"_id": "head"})["position"]

    return keep
