"""A leaf says what was done and when, commits to whom it is about, and names nobody."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.audit.log.leaves import ACTOR, OBJECT, SALT_BYTES, commitment, draw_salts, leaf_of, salted_leaf

ENTRY = {
    "id": "018f-0000", "service": "case", "action": "case:survivor:read", "role": "IMSA", "outcome": "ALLOWED",
    "actor_id": "actor-7", "object_id": "survivor-9", "count": None,
    "at": datetime(2026, 8, 1, 12, 0, 0, 123_456, tzinfo=UTC), "recorded_at": datetime(2026, 8, 1, 12, tzinfo=UTC),
}  # fmt: skip
SALT, OTHER = bytes(32), bytes(31) + b"\1"


def test_a_leaf_names_nobody():
    """Neither who it was nor what it was done to; what was done, by which role and when is there."""
    leaf = salted_leaf(ENTRY, SALT, OTHER)
    assert b"actor-7" not in leaf
    assert b"survivor-9" not in leaf
    said = json.loads(leaf)
    assert said == {
        "v": 1, "id": "018f-0000", "service": "case", "action": "case:survivor:read", "role": "IMSA",
        "outcome": "ALLOWED", "at": "2026-08-01T12:00:00.123Z", "recorded_at": "2026-08-01T12:00:00.000Z",
        "actor": commitment(ACTOR, SALT, "actor-7"), "object": commitment(OBJECT, OTHER, "survivor-9"),
    }  # fmt: skip


def test_what_was_read_back_from_the_database_gives_the_same_leaf():
    """The database keeps milliseconds, and whatever zone an instant was written in."""
    kept = {**ENTRY, "at": ENTRY["at"].replace(microsecond=123_000).astimezone(timezone(timedelta(hours=1)))}
    assert salted_leaf(kept, SALT, OTHER) == salted_leaf(ENTRY, SALT, OTHER)


@pytest.mark.parametrize(
    "field", ["id", "service", "action", "role", "outcome", "actor_id", "object_id", "count", "at", "recorded_at"]
)
def test_no_field_can_change_without_the_leaf(field):
    """Whatever staff read of an entry is in its leaf."""
    value = ENTRY[field]
    other = value + timedelta(seconds=1) if isinstance(value, datetime) else 2 if value is None else f"{value}x"
    assert salted_leaf({**ENTRY, field: other}, SALT, OTHER) != salted_leaf(ENTRY, SALT, OTHER)


def test_one_id_has_another_commitment_each_time():
    """Who holds the log alone cannot even tell that two entries are about the same person."""
    first, second = draw_salts(2)
    assert len(first) == len(second) == SALT_BYTES
    assert first != second
    assert commitment(OBJECT, first, "x") != commitment(OBJECT, second, "x")
    assert commitment(OBJECT, first, "x") != commitment(ACTOR, first, "x")


def test_without_its_salt_a_leaf_stays_what_it_was():
    """An erased person's commitment is kept as it is; nobody needs the id to check the leaf."""
    object_ = commitment(OBJECT, OTHER, "survivor-9")
    erased = {**ENTRY, "object_id": "erased"}
    assert leaf_of(erased, actor=commitment(ACTOR, SALT, "actor-7"), object_=object_) == salted_leaf(ENTRY, SALT, OTHER)
