"""Whatever names a survivor in case stands in their copy, or says why it does not."""

from services.case.access.gathering import KINDS, NOT_GATHERED
from shared.outbox.documents import SEALED_ONLY
from shared.runtime.rooms import service_of

NAMING = {"survivor_id", "survivor_ids", "episode_id", "touched"}


def test_every_collection_that_names_a_survivor_is_gathered_or_says_why_not():
    """A new room that keeps something of people is in the copy, or this fails."""
    gathered = {kind.type.collection for kind in KINDS}
    naming = {
        one.collection
        for one in service_of("case").document_types
        if NAMING & {field.name for field in one.fields} or any(field.holds in SEALED_ONLY for field in one.fields)
    }
    assert naming - gathered - set(NOT_GATHERED) == set()
    assert not gathered & set(NOT_GATHERED)
    assert all(reason.strip() for reason in NOT_GATHERED.values())
