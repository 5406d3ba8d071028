"""What goes out is a CloudEvent: the official SDK reads it, and what is left out says no more than that."""

import json
from datetime import UTC, datetime

import jsonschema
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured
from cloudevents.core.formats.json import JSONFormat

from services.integrations.catalogue.entries import entry, schema_for
from services.integrations.feed.envelopes import LEFT_OUT, cloud_event
from services.integrations.store.keeping import blank
from services.integrations.store.rules import StoredEvent
from shared.contracts.case import EpisodeOpened
from shared.contracts.public import PUBLIC
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.tenancy import TenantId

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
ALDER = TenantId("alder")


def stored(**values):
    survivor_id = new_id()
    said = {
        "id": f"{new_event_id()}/case", "position": 7, "type": EpisodeOpened.event_type, "source": "case",
        "subject": new_id(), "survivor_id": survivor_id, "sequence": 3, "data": {"survivor_id": survivor_id},
        "recorded_at": NOW, "kept_at": NOW,
    }  # fmt: skip
    return StoredEvent(**{**said, **values})


@pytest.mark.parametrize("left_out", [False, True])
def test_the_official_sdk_reads_it(left_out):
    """Every attribute is valid, extensions included, and the data is what was sent."""
    event = blank(stored()) if left_out else stored()
    said = cloud_event(event, ALDER)
    message = HTTPMessage(headers={"content-type": "application/cloudevents+json"}, body=json.dumps(said).encode())
    read = from_structured(message, JSONFormat())
    assert (read.get_id(), read.get_type(), read.get_source()) == (said["id"], said["type"], "/tenants/alder/case")
    assert read.get_time() == NOW
    assert read.get_data() == said["data"]
    assert read.get_extension("position") == 7


def test_what_is_left_out_says_its_position_type_and_reason_only():
    """Neither whom it was about nor what; and it fits the schema that its dataschema names."""
    event = stored()
    said = cloud_event(blank(event), ALDER)
    assert said["type"] == LEFT_OUT
    assert said["data"] == {"type": EpisodeOpened.event_type, "reason": "ERASED"}
    assert not {event.subject, event.survivor_id} & set(json.dumps(said).split('"'))
    assert "subject" not in said
    jsonschema.validate(said["data"], schema_for(LEFT_OUT))


@pytest.mark.parametrize("event_type", sorted(PUBLIC))
def test_the_catalogue_says_what_an_event_holds_and_what_it_does_not(event_type):
    """Every field of the contract is in one of both lists, and a reason goes with what stays behind."""
    said = entry(event_type)
    assert not set(said["fields"]) & set(said["not_in_it"])
    assert all(said["not_in_it"].values())
    assert said["meaning"]
    assert schema_for(event_type)["properties"].keys() == set(said["fields"])
    assert schema_for("alongside.no.such.v1") is None
