"""Ids are what RFC 9562 says, so that every reader of a UUID takes them."""

import uuid

from shared.kernel.ids import new_event_id, new_id


def test_an_aggregates_id_is_a_random_uuid_of_version_4():
    """Written as a UUID is; every free bit is drawn, and version and variant stand where they belong."""
    made = [new_id() for _ in range(2_000)]

    assert len(set(made)) == len(made)
    assert {str(uuid.UUID(one)) for one in made} == set(made)
    assert {(uuid.UUID(one).version, uuid.UUID(one).variant) for one in made} == {(4, uuid.RFC_4122)}
    ever, never = 0, 0
    for one in made:
        ever, never = ever | uuid.UUID(one).int, never | ~uuid.UUID(one).int
    # 122 bits are free: each is drawn both ways among 2,000 ids, but for one run in 10 to the power of 599.
    assert (ever & never & (2**128 - 1)).bit_count() == 122


def test_an_events_id_is_a_uuid_of_version_7():
    """Written as a UUID is, with version and variant where they belong."""
    made = new_event_id()

    assert str(uuid.UUID(made)) == made
    assert (uuid.UUID(made).version, uuid.UUID(made).variant) == (7, uuid.RFC_4122)
