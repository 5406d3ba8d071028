"""The AsyncAPI document: valid by AsyncAPI's own schema, as committed, and of the public events alone."""

import json
from pathlib import Path

import jsonschema
import yaml

from deploy.docs.asyncapi import document
from deploy.docs.generate import REFERENCE
from services.integrations.feed.envelopes import LEFT_OUT
from shared.contracts.public import PUBLIC
from shared.contracts.registry import EVENTS

SCHEMA = json.loads((Path(__file__).parent / "asyncapi-3.1.0.json").read_text(encoding="utf-8"))


def test_it_is_valid_by_asyncapis_own_schema():
    """And a document that is none is not."""
    check = jsonschema.Draft7Validator(SCHEMA)
    assert [error.message for error in check.iter_errors(document())] == []
    assert not check.is_valid({**document(), "operations": {"a": {"action": "shout"}}})


def test_the_committed_file_is_the_document():
    """As whoever reads it without running anything has it."""
    assert yaml.safe_load((REFERENCE / "asyncapi.yaml").read_text(encoding="utf-8")) == document()


def test_it_names_the_public_events_and_no_other():
    """Neither a type nor a field of what stays inside; and every example fits its payload."""
    messages = document()["components"]["messages"]
    assert {m["name"] for m in messages.values()} == {*PUBLIC, LEFT_OUT}
    text = json.dumps(document())
    assert not [t for t in EVENTS if t not in PUBLIC and t in text]
    assert not [name for name in ("person_id", "contribution_id", "referral_month") if name in text]
    for message in messages.values():
        jsonschema.validate(message["examples"][0]["payload"], message["payload"], cls=jsonschema.Draft7Validator)


def test_every_reference_leads_somewhere():
    """A pointer into nothing would break whatever makes code of it."""
    whole = document()

    def pointers(part):
        if isinstance(part, dict):
            yield from ([part["$ref"]] if "$ref" in part else [])
            part = list(part.values())
        if isinstance(part, list):
            for one in part:
                yield from pointers(one)

    for pointer in pointers(whole):
        found = whole
        for name in pointer.removeprefix("#/").split("/"):
            found = found[name]
