"""What is past its 90 days is given up from the oldest on, said before it is done; erased people are cleared away."""

from datetime import UTC, datetime, timedelta

import pytest

from services.integrations.store import clearing
from services.integrations.store.clearing import clear_erased, give_up_old
from services.integrations.store.reading import TooOldError
from services.integrations.store.rules import ERASED_PERSON
from shared.contracts.case import SurvivorErased
from shared.kernel.ids import new_id
from tests.integration.integrations.test_store import consent, opened

DAY_0 = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.fixture
def database(context):
    """The store's own collections."""
    return context.client[context.database_name]


class TestAge:
    def test_what_is_too_old_is_an_error_and_never_a_gap(self, place, context, store, keep):
        """Ninety days are kept to the day; whoever reads on from before them is told where to begin."""
        place.at(DAY_0)
        old = keep(opened())
        place.at(DAY_0 + timedelta(days=50))
        young = keep(opened())
        place.at(DAY_0 + timedelta(days=89))
        give_up_old(context)
        assert store.read(old - 1).events[0].position == old
        place.at(DAY_0 + timedelta(days=91))
        assert give_up_old(context) == young
        with pytest.raises(TooOldError) as refused:
            store.read(old - 1)
        assert refused.value.oldest == young
        assert [e.position for e in store.read(old).events] == [young]

    def test_the_floor_is_committed_before_anything_is_deleted(self, place, context, store, keep, monkeypatch):
        """Killed in between, the events are there still and nobody is served a part of them."""
        place.at(DAY_0 + timedelta(days=200))
        old = keep(opened())
        place.at(DAY_0 + timedelta(days=300))
        monkeypatch.setattr(clearing, "CHUNK", "no number: the query fails")
        with pytest.raises(TypeError):
            give_up_old(context)
        with pytest.raises(TooOldError):
            store.read(old - 1)
        assert store.read(store.head()).events == []

    def test_positions_go_on_after_everything_was_given_up(self, place, context, store, keep):
        """No position is ever given twice."""
        place.at(DAY_0 + timedelta(days=400))
        last = keep(opened())
        place.at(DAY_0 + timedelta(days=500))
        assert give_up_old(context) == last + 1
        assert keep(opened()) == last + 1
        assert [e.position for e in store.read(last).events] == [last + 1]


class TestErased:
    def test_nothing_of_the_person_is_left_in_the_database(self, database, context, store, keep, monkeypatch):
        """Events and states, a chunk at a time; the positions stay, and say why they are empty."""
        monkeypatch.setattr(clearing, "CHUNK", 2)
        before, survivor_id = store.head(), new_id()
        for _ in range(3):
            keep(opened(survivor_id))
        keep(consent("GIVEN", new_id(), survivor_id))
        other = keep(opened())
        keep(SurvivorErased(survivor_id=survivor_id))
        assert clear_erased(context) == 1
        found = list(database["events"].find({"position": {"$gt": before}}).sort("position", 1))
        assert [e.get("left_out") for e in found] == [ERASED_PERSON] * 4 + [None, None]
        assert survivor_id not in str(found[:-1] + list(database["states"].find()))
        assert store.read(other - 1).events[0].data
        assert clear_erased(context) == 0
