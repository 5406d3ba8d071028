"""Outcomes, entitlements, needs and risks over HTTP: never written over, corrected in sight, sealed, erased, brought over."""

from datetime import UTC, datetime

import pytest
from pymongo.errors import OperationFailure

from services.case.outcomes.jobs import bring_over
from shared.kernel.ids import new_id
from tests.integration.test_every_route import CODED, KEPT_IN, OUTCOME

kinds = pytest.mark.parametrize("kind", CODED)
two = pytest.mark.parametrize("kind", ["outcomes", "risks"])
"""One of each room, where the rule is one piece's."""
CODES = {"outcomes": "rating", "entitlements": "entitlement", "needs": "level", "risks": "level"}
DONE = {"outcomes": "rate", "entitlements": "record", "needs": "weigh", "risks": "weigh"}
OTHERS = {"outcomes": "FULLY", "entitlements": "EMPLOYMENT", "needs": "SOME_NEED", "risks": "HIGH"}


@pytest.fixture
def episode(place):
    """The address of an episode of the advocate who acts below."""
    return f"/v1/episodes/{place.episode(advocate_id=place.actor('IMSA'))['id']}"


def add(place, path, kind, **changes):
    answer = place.post(f"{path}/{kind}", {**CODED[kind], **changes}, "IMSA")
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def rows(place, path, kind, role="IMSA"):
    return {row["id"]: row for row in place.get(f"{path}/{kind}", role).json["items"]}


def mend(place, path, kind, kept, body, role="IMSA", verb="corrections"):
    return place.post(f"{path}/{kind}/{kept}/{verb}", body, role)


@kinds
def test_what_is_written_is_read_again_and_nobody_writes_over_it(place, episode, kind):
    """Also not the service itself; a supervisor reads it too."""
    kept = add(place, episode, kind, on="2026-08-04")
    for role in ("IMSA", "SUPERVISOR"):
        row = rows(place, episode, kind, role)[kept]
        assert {name: row[name] for name in CODED[kind]} == CODED[kind]
        assert (row["on"], row["actor_id"], row["role"], row["corrects"]) == ("2026-08-04", place.actor("IMSA"), "IMSA", None)  # fmt: skip
    context = place.contexts["case"]
    # By the episode's id, so that it stands on the survivor's own paper of who saw their record.
    written, read = (f"case:{kind[:-1]}:{verb}" for verb in (DONE[kind], "list"))
    for action in (written, read):
        assert place.audited("case", action=action, object_id=episode.rsplit("/", 1)[1], actor_id=place.actor("IMSA"))
    with pytest.raises(OperationFailure):
        context.client[context.database_name][KEPT_IN[kind]].update_many({}, {"$set": {"role": "x"}})


@kinds
def test_a_correction_stands_beside_what_it_corrects(place, episode, kind):
    """Blank stays, what is cleared goes, and only what stands can be corrected."""
    kept = add(place, episode, kind, on="2026-08-04")
    said = {"why": "WRITTEN_WRONGLY", CODES[kind]: OTHERS[kind], "clear": ["on"]}
    now = mend(place, episode, kind, kept, said).json["id"]
    found = rows(place, episode, kind)
    assert (found[kept]["corrected_by"], found[kept]["on"]) == (now, "2026-08-04")
    assert (found[now]["corrects"], found[now]["on"], found[now]["why"]) == (kept, None, "WRITTEN_WRONGLY")
    assert found[now][CODES[kind]] == OTHERS[kind]
    assert found[now]["first_recorded_at"] == found[kept]["first_recorded_at"]
    again = mend(place, episode, kind, kept, said)
    assert (again.status_code, again.json["code"]) == (409, "already-corrected")
    assert mend(place, episode, kind, now, {"why": "WRITTEN_TWICE"}, verb="take-back").status_code == 201
    assert [row["taken_back"] for row in rows(place, episode, kind).values()] == [False, False, True]


@two
def test_only_whoever_wrote_it_or_a_supervisor_corrects_it(place, episode, kind):
    """A colleague is told whom to ask."""
    kept = add(place, episode, kind)
    collection = place.database("case")[KEPT_IN[kind]]
    collection.update_one({"_id": kept}, {"$set": {"actor_id": new_id()}})
    theirs = mend(place, episode, kind, kept, {"why": "WRITTEN_TWICE"}, verb="take-back")
    assert (theirs.status_code, theirs.json["code"]) == (409, "written-by-another")
    assert mend(place, episode, kind, kept, {"why": "SURVIVOR_ASKED"}, "SUPERVISOR").status_code == 201


@two
def test_one_of_another_episode_is_not_there(place, episode, kind):
    """Also where both are the caller's; and where there is none."""
    other = f"/v1/episodes/{place.episode(advocate_id=place.actor('IMSA'))['id']}"
    kept = add(place, other, kind)
    for one in (kept, new_id()):
        assert mend(place, episode, kind, one, {"why": "WRITTEN_TWICE"}, verb="take-back").status_code == 404
        assert mend(place, episode, kind, one, {"why": "SURVIVOR_ASKED"}).status_code == 404


@kinds
def test_a_day_that_is_none_is_pointed_at(place, episode, kind):
    """Also one that has not come; nothing is written, and nothing is corrected."""
    kept = add(place, episode, kind)
    for on in ("2199-01-01", "04/08/2026", "0001-01-01", 7):
        bad = place.post(f"{episode}/{kind}", {**CODED[kind], "on": on}, "IMSA")
        worse = mend(place, episode, kind, kept, {"why": "WRITTEN_WRONGLY", "on": on})
        for answer in (bad, worse):
            assert (answer.status_code, [e["pointer"] for e in answer.json["errors"]]) == (422, ["#/on"]), on
    assert list(rows(place, episode, kind)) == [kept]


BAD = {
    "outcomes": {
        "outcome": "MSCOS_8", "rating": "5", "rated_by": "PARTNER", "point": "", "asked": "BY_FORCE", "note": "x",
    },
    "entitlements": {"entitlement": "LUCK", "goal_id": "x"},
    "needs": {"about": "RE_TRAFFICKING", "level": "IMMEDIATE", "view": "NOT_ASSESSED"},
    "risks": {"about": "HOUSING", "level": "URGENT", "words": "x" * 2001},
}  # fmt: skip


@kinds
def test_bad_input_is_pointed_at(place, episode, kind):
    """No code of another list, no field that there is not, no more words than may be; what is needed is said."""
    for field, value in (*BAD[kind].items(), (CODES[kind], None)):
        answer = place.post(f"{episode}/{kind}", {**CODED[kind], field: value}, "IMSA")
        assert (answer.status_code, [e["pointer"] for e in answer.json["errors"]]) == (422, [f"#/{field}"])
    assert rows(place, episode, kind) == {}


def test_a_bad_correction_is_pointed_at(place, episode):
    """A field is either said or cleared, and what is always said is not cleared."""
    kept = add(place, episode, "risks")
    right = {"why": "WRITTEN_WRONGLY"}
    for body, pointer in (
        ({"why": "BECAUSE"}, "#/why"), ({}, "#/why"), ({**right, "clear": ["level"]}, "#/clear/0"),
        ({**right, "clear": ["on"], "on": "2026-08-04"}, "#/clear"),
    ):  # fmt: skip
        answer = mend(place, episode, "risks", kept, body)
        assert (answer.status_code, [e["pointer"] for e in answer.json["errors"]]) == (422, [pointer])
    assert list(rows(place, episode, "risks")) == [kept]


def test_the_change_is_that_of_their_own_answers(place, episode):
    """Between them somebody else thought otherwise, and they declined once."""
    for day, (rating, by) in enumerate(
        [("A_LITTLE", "SURVIVOR"), ("NOT_AT_ALL", "ADVOCATE_ONLY"), ("MOSTLY", "SURVIVOR_WITH_ADVOCATE"), ("DECLINED_TO_ANSWER", "SURVIVOR")], 1
    ):  # fmt: skip
        add(place, episode, "outcomes", rating=rating, rated_by=by, on=f"2026-08-0{day}")
    found = place.get(f"{episode}/outcomes/changes", "SUPERVISOR").json["items"]
    (one,) = [row for row in found if row["last_answer"] is not None]
    assert one == {
        "outcome": OUTCOME["outcome"], "of_services": False, "first": "A_LITTLE", "first_on": "2026-08-01",
        "newest": "MOSTLY", "newest_on": "2026-08-03", "change": "IMPROVED", "last_answer": "DECLINED_TO_ANSWER",
    }  # fmt: skip
    assert len(found) == 7


def test_what_they_gained_belongs_to_a_goal_of_their_own(place, episode):
    """Another person's goal is not there, also where the caller may act on both; nor is one that there is not."""
    goal = place.post(f"{episode}/goals", {"area": "HOUSING"}, "IMSA").json["id"]
    kept = add(place, episode, "entitlements", goal_id=goal)
    assert rows(place, episode, "entitlements")[kept]["goal_id"] == goal
    other = f"/v1/episodes/{place.episode(advocate_id=place.actor('IMSA'))['id']}"
    for wrong in (goal, new_id()):
        assert (
            place.post(f"{other}/entitlements", {**CODED["entitlements"], "goal_id": wrong}, "IMSA").status_code == 404
        )
    assert rows(place, other, "entitlements") == {}


def test_the_newest_weighing_stands_and_the_older_stay_in_the_list(place, episode):
    """Of each risk; another one stands beside it."""
    old = add(place, episode, "risks", level="HIGH", on="2026-08-01")
    new = add(place, episode, "risks", level="MEDIUM", view="HIGH", on="2026-08-02")
    other = add(place, episode, "risks", about="HEALTH_CRISIS", on="2026-07-01")
    now = place.get(f"{episode}/risks/now", "IMSA").json["items"]
    assert [(row["id"], row["level"], row["view"]) for row in now] == [(new, "MEDIUM", "HIGH"), (other, "LOW", None)]
    assert set(rows(place, episode, "risks")) == {old, new, other}


def test_what_is_sealed_stands_nowhere_in_clear_and_an_erasure_closes_it(place, episode):
    """Everything that is said; afterwards nobody reads any of it, and nothing is said to others.

    Looked for in what was stated since, and with a day that the clock does not reach: entries name their own time.
    """
    before = len(place.stated("case"))
    add(place, episode, "outcomes", on="2026-03-17", asked="BY_VIDEO")
    add(place, episode, "entitlements", entitlement="LEAVE_TO_REMAIN", on="2026-03-17")
    add(place, episode, "needs", about="REPATRIATION_OR_RESETTLEMENT", words="Planted need")
    add(place, episode, "risks", about="SELF_HARM_OR_SUICIDE", words="Planted risk")
    survivor = place.get(episode, "IMSA").json["survivor_id"]
    database = place.database("case")
    kept = str([list(database[name].find({"survivor_id": survivor})) for name in KEPT_IN.values()])
    told = str([event["body"] for event in place.stated("case")[before:]])
    for planted in (
        "Planted",
        "SELF_HARM",
        "REPATRIATION",
        "LEAVE_TO_REMAIN",
        "2026-03-17",
        "MSCOS",
        OUTCOME["rating"],
        "BY_VIDEO",
    ):
        assert planted not in kept
        assert planted not in told
    place.contexts["case"].survivor_keys.forget(survivor)
    for suffix in (*CODED, "outcomes/changes", "needs/now", "risks/now"):
        assert place.get(f"{episode}/{suffix}", "SUPERVISOR").status_code == 404


@two
def test_nothing_is_written_after_support_has_ended_but_what_is_wrong_is_still_mended(place, episode, kind):
    """As with contacts."""
    kept = add(place, episode, kind)
    assert place.post(f"{episode}/close", {"reason": "DECEASED"}, If_Match='"1"').status_code == 200
    late = place.post(f"{episode}/{kind}", CODED[kind], "IMSA")
    assert (late.status_code, late.json["code"]) == (409, "episode-closed")
    assert mend(place, episode, kind, kept, {"why": "SURVIVOR_ASKED", "on": "2026-08-05"}).status_code == 201


def test_ratings_of_the_version_before_are_brought_over_once(place, episode):
    """Of the same id, without what nobody said; of an erased person none, as nothing could seal it; the entry stays."""
    recorded = datetime(2026, 8, 6, 10, tzinfo=UTC)
    old = {
        "_id": new_id(), "episode_id": episode.rsplit("/", 1)[1], "kind": "outcomes", "recorded_at": recorded,
        "updated_at": recorded, "version": 1, **OUTCOME,
    }  # fmt: skip
    entries = place.database("case")["entries"]
    erased = place.episode()
    place.contexts["case"].survivor_keys.forget(erased["survivor_id"])
    none, theirs = new_id(), new_id()
    entries.insert_many(
        [old, {**old, "_id": none, "episode_id": new_id()}, {**old, "_id": theirs, "episode_id": erased["id"]}]
    )
    context = place.contexts["case"]
    assert bring_over(context, context.committer.execute) >= 3
    assert bring_over(context, context.committer.execute) == 0
    assert place.database("case")["outcome_ratings"].count_documents({"_id": {"$in": [none, theirs]}}) == 0
    row = rows(place, episode, "outcomes")[old["_id"]]
    assert {name: row[name] for name in OUTCOME} == OUTCOME
    assert (row["on"], row["asked"], row["actor_id"], row["first_recorded_at"]) == (
        None,
        None,
        None,
        row["recorded_at"],
    )
    assert row["recorded_at"].startswith("2026-08-06")
    assert entries.count_documents({"_id": old["_id"]}) == 1
    assert (
        mend(place, episode, "outcomes", old["_id"], {"why": "SURVIVOR_ASKED", "asked": "ON_PAPER"}).status_code == 201
    )
