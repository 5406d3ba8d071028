"""From the key that is destroyed in case to the contribution that the count no longer has: one whole host."""

from deploy.keeping.told_again import tell_of_erasures
from services.case.survivors.erasure import ErasureJob
from services.consent.erasing.jobs import clear_all, not_cleared
from shared.runtime.steps import Steps

STATISTICS = "AGGREGATE_STATISTICS"
DRAFT = {"purpose": STATISTICS, "said": {"language": "vi"}}


def contributions(place, person_id):
    return list(place.database("reporting")["contributions"].find({"person_id": person_id}))


def test_somebody_who_was_counted_is_erased_everywhere(place):
    """Withheld with its reason and no fact, by nobody's name; nobody finds them, and nothing brings them back."""
    place.register_wording()
    episode = place.episode()
    survivor = episode["survivor_id"]
    consent = place.give(survivor).json["id"]
    place.post("/v1/consent-drafts", {**DRAFT, "survivor_id": survivor})
    place.pump()
    database = place.database("consent")
    person = database["people"].find_one({"_id": survivor})["person_id"]
    (before,) = contributions(place, person)
    assert before["versions"][-1]["facts"] is not None

    context = place.contexts["case"]
    context.survivor_keys.forget(survivor)
    ErasureJob(context, wait=lambda _: None, settle_s=0.0).run()
    place.pump()

    (after,) = contributions(place, person)
    assert (after["versions"][-1]["state"], after["versions"][-1]["reason"]) == ("WITHHELD", "ERASED")
    assert after["versions"][-1]["facts"] is None
    clear_all(Steps(execute=place.contexts["consent"].committer.execute), not_cleared(database))
    named = {
        name: database[name].count_documents({"$or": [{"survivor_id": survivor}, {"person_id": person}]})
        for name in database.list_collection_names()
        if name not in ("outbox", "inbox", "relay", "streams", "latest", "idempotency")
    }
    assert {name: n for name, n in named.items() if n} == {}
    assert place.get(f"/v1/consents/{consent}").status_code == 404
    for path in ("/v1/consents/search", "/v1/withdrawals/search"):
        assert place.post(path, {"survivor_id": survivor}).status_code == 404
    assert place.give(survivor).status_code == 404
    assert place.give(survivor, decision="REFUSED").status_code == 404
    assert survivor not in [one["survivor_id"] for one in place.get("/v1/consent-drafts").json["items"]]


def test_nobody_else_is_touched_by_it(place):
    """Another person of the same host is counted as before."""
    place.register_wording()
    other, erased = place.episode()["survivor_id"], place.episode()["survivor_id"]
    for survivor in (other, erased):
        place.give(survivor)
    place.pump()
    context = place.contexts["case"]
    context.survivor_keys.forget(erased)
    ErasureJob(context, wait=lambda _: None, settle_s=0.0).run()
    place.pump()
    person = place.database("consent")["people"].find_one({"_id": other})["person_id"]
    (one,) = contributions(place, person)
    assert one["versions"][-1]["state"] == "RELEASED"
    assert place.post("/v1/consents/search", {"survivor_id": other}).json["items"][0]["status"] == "GIVEN"


def test_who_was_erased_after_the_backup_is_let_go_again_by_what_was_restored(place):
    """An old backup knows them, their yes and their facts; the key table, which is the newest, says that they are gone."""
    place.register_wording()
    survivor = place.episode()["survivor_id"]
    place.give(survivor)
    place.pump()
    database = place.database("consent")
    person = database["people"].find_one({"_id": survivor})["person_id"]
    place.contexts["case"].survivor_keys.forget(survivor)
    place.pump()
    assert contributions(place, person)[0]["versions"][-1]["facts"] is not None

    assert tell_of_erasures(place._admin, place.tenant) >= 1
    tell_of_erasures(place._admin, place.tenant)
    place.pump()
    (after,) = contributions(place, person)
    assert (after["versions"][-1]["reason"], after["versions"][-1]["facts"]) == ("ERASED", None)
    assert database["consents"].count_documents({"survivor_id": survivor}) == 0
    assert place.give(survivor).status_code == 404
