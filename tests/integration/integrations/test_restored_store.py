"""A store that was restored: no reader goes on over what it has forgotten, and nobody who was erased comes back."""

import pytest

from deploy.keeping.renewed_events import LEAP, renew_events
from services.integrations.feed.snapshot import Snapshots
from services.integrations.store.clearing import clear_erased
from services.integrations.store.reading import TooOldError
from shared.kernel.ids import new_id
from tests.integration.integrations.test_store import opened


def test_every_reader_takes_a_snapshot_and_positions_are_never_given_twice(place, store, keep, context):
    """Also one who was ahead of the backup, whose positions the restored store would give to other events."""
    head = keep(opened())
    renew_events(place._admin, place.tenant)
    for after in (head - 1, head, head + 5):
        with pytest.raises(TooOldError):
            store.read(after)
    begins = Snapshots(context).page(None, limit=1)["position"]
    assert begins == store.head() >= head + LEAP
    event = opened()
    assert keep(event) == begins + 1
    assert [e.subject for e in store.read(begins).events] == [event.episode_id]


def test_who_was_erased_after_the_backup_is_not_shown_by_the_restored_store(place, store, keep, context):
    """The key table is the newest there is, and says who; their states go at once and for good."""
    survivor_id = new_id()
    keep(opened(survivor_id))
    snapshots = Snapshots(context)
    assert survivor_id in str(snapshots.page(None, limit=500)["items"])
    place.contexts["case"].survivor_keys.forget(survivor_id)
    renew_events(place._admin, place.tenant)
    assert survivor_id not in str(snapshots.page(None, limit=500)["items"])
    clear_erased(context)
    database = context.client[context.database_name]
    assert survivor_id not in str([*database["states"].find(), *database["events"].find()])


def test_a_restored_webhook_sends_nothing_until_somebody_enables_it(place, context):
    """One that was removed or disabled after the backup does not begin again, and none sends what lies between."""
    made = place.post("/v1/webhooks", {"url": "https://hooks.example.org/"}, "HOST_ADMIN").json["id"]
    renew_events(place._admin, place.tenant)
    row = place.get(f"/v1/webhooks/{made}", "HOST_ADMIN").json
    assert (row["status"], row["disabled_for"], row["lag"]) == ("DISABLED", "RESTORED", 0)
    assert place.post(f"/v1/webhooks/{made}/enable", {}, "HOST_ADMIN").status_code == 200
