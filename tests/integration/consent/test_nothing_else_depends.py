"""Nothing else depends on an answer (invariant I5): whatever somebody decides, their support stays to the letter as it is.

Every document of case and identity is compared before and after, not chosen fields; so a rule that some day reads a
consent where it must not is found whatever it touches.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.provision.databases import KERNEL_COLLECTIONS
from services.consent.purposes.register import PURPOSES

DECISIONS = ("GIVEN", "REFUSED", "DEFERRED", "REQUESTED", "WITHDRAW", "CAPACITY_NOT_ESTABLISHED", "INVALIDATED")
UNTOUCHED = ("case", "identity")


@pytest.fixture(scope="module")
def supported(tenant_place):
    """Somebody with an open episode, a goal and a contact; words are registered for every purpose."""
    place = tenant_place
    place.at(None)
    for code, purpose in PURPOSES.items():
        place.register_wording(f"w5-{code.lower()}", purpose=code, recipient_class=purpose.recipients[0])
    episode = place.episode()
    place.post(f"/v1/episodes/{episode['id']}/goals", {"area": "HOUSING"})
    place.pump()
    return place, episode


def everything(place):
    """All that these services keep, but for what they send and have heard."""
    kept = {}
    for service in UNTOUCHED:
        database = place.database(service)
        names = set(database.list_collection_names()) - set(KERNEL_COLLECTIONS)
        kept |= {(service, name): sorted(map(repr, database[name].find())) for name in names}
    return kept


def seen(place, episode):
    """What the people who support them see."""
    paths = (f"/v1/survivors/{episode['survivor_id']}", f"/v1/episodes/{episode['id']}")
    return [*(place.get(path).json for path in paths), place.get(f"{paths[1]}/goals").json["items"]]


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(tuple(PURPOSES)), st.sampled_from(DECISIONS)), min_size=1, max_size=4))
def test_support_is_the_same_whatever_somebody_decides(supported, said):
    """Under any purpose, in any order; also where the state machine refuses the step."""
    place, episode = supported
    before, shown = everything(place), seen(place, episode)
    for purpose, decision in said:
        survivor = episode["survivor_id"]
        if decision == "WITHDRAW":
            found = place.post("/v1/consents/search", {"survivor_id": survivor}).json["items"]
            for one in found:
                place.post(f"/v1/consents/{one['id']}/withdraw", {})
        else:
            place.give(survivor, purpose=purpose, decision=decision, wording_code=f"w5-{purpose.lower()}")
    place.pump()
    assert everything(place) == before
    assert seen(place, episode) == shown
