"""What integrators may see: declared by each contract, and nothing that may never be."""

from dataclasses import dataclass

import jsonschema
import msgspec
import pytest

from deploy.docs.events import example
from shared.contracts.consent import FactsReleased, FactsWithheld
from shared.contracts.fields import Count, Id
from shared.contracts.identity import RosterStated
from shared.contracts.public import NEVER, PUBLIC, PublicMisdeclaredError, check_public, thin
from shared.contracts.registry import EVENTS
from shared.contracts.schemas import public_schema
from shared.kernel.messages import Event


def event(**declared):
    """Declare an event with an id, a count and a field that may never leave."""
    fields = {"thing_id": Id, "number": Count, **declared.pop("fields", {})}
    namespace = {
        "__annotations__": fields, "event_type": "alongside.case.thing.v1", "source": "case",
        "subject_field": "thing_id", "public_since": "0.2", **declared,
    }  # fmt: skip
    return dataclass(frozen=True, kw_only=True)(type("Thing", (Event,), namespace))


@pytest.mark.parametrize(
    "declared",
    [
        {"public_fields": ("thing_id", "no_such"), "kept_back": {"number": "a"}},
        {"public_fields": ("thing_id", "number")},
        {"public_fields": ("thing_id",)},
        {"public_fields": ("thing_id",), "kept_back": {"number": "a"}, "public_since": ""},
        {"public_fields": (), "kept_back": {"thing_id": "a", "number": "a"}},
        *({"fields": {name: Id}, "public_fields": ("thing_id", name), "kept_back": {"number": "a"}} for name in NEVER),
        *(
            {"fields": {name: Id}, "public_fields": ("thing_id",), "kept_back": {"number": "a", name: "a"}}
            for name in NEVER
        ),
    ],
)
def test_what_may_not_leave_cannot_be_declared(declared):
    """No field that is not there, no count, no pseudonym, no field without a reason to stay, no event of nothing."""
    with pytest.raises(PublicMisdeclaredError):
        check_public(event(**declared))


def test_nothing_of_statistics_imports_or_the_centre_is_public():
    """Silence is a no: these declare nothing."""
    assert {cls.source for cls in PUBLIC.values()} <= {"identity", "case", "consent"}
    for cls in (FactsReleased, FactsWithheld, RosterStated):
        assert cls.event_type not in PUBLIC
    private = {t for t in EVENTS if t not in PUBLIC}
    assert {"alongside.case.statistics_facts_changed.v1", "alongside.case.import_consent_stated.v1"} <= private


@pytest.mark.parametrize("event_type", sorted(PUBLIC))
def test_what_leaves_fits_its_own_schema_and_holds_no_other_field(event_type):
    """The schema that integrators read is that of what they get."""
    cls = PUBLIC[event_type]
    said = thin(msgspec.convert(example(cls), cls))
    jsonschema.Draft202012Validator.check_schema(public_schema(event_type))
    jsonschema.validate(said, public_schema(event_type), cls=jsonschema.Draft202012Validator)
    assert set(said) == set(cls.public_fields)
    assert "x-kind" not in str(public_schema(event_type))
