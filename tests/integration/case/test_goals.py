"""Goals over HTTP: sealed words, scores of the survivor alone, ends that can be taken back, and those of before."""

from datetime import UTC, datetime

import pytest
from pymongo.errors import OperationFailure

from services.case.goals.jobs import bring_over
from shared.kernel.ids import new_id

SAYS = {"area": "HOUSING", "words": "Planted words", "set_by": "SURVIVOR"}


@pytest.fixture
def goals(place):
    """The address of the goals of an episode of the advocate who acts below."""
    return f"/v1/episodes/{place.episode(advocate_id=place.actor('IMSA'))['id']}/goals"


def add(place, goals, **changes):
    answer = place.post(goals, {**SAYS, **changes}, "IMSA")
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def row_of(place, goals, goal):
    return next(row for row in place.get(goals, "IMSA").json["items"] if row["id"] == goal)


def act(place, goals, goal, verb, body):
    return place.post(f"{goals}/{goal}/{verb}", body, "IMSA")


def test_a_goal_is_read_again_and_its_words_stand_nowhere_in_clear(place, goals):
    """In their own words, sealed; a client of before that sends an area alone is taken."""
    goal = add(place, goals)
    row = row_of(place, goals, goal)
    assert {name: row[name] for name in SAYS} == SAYS
    assert (row["state"], row["last_answer"], row["opened_by"]) == ("OPEN", None, place.actor("IMSA"))
    database = place.database("case")
    assert "Planted" not in str([list(database[name].find()) for name in database.list_collection_names()])
    bare = place.post(goals, {"area": "NRM"}, "IMSA").json["id"]
    assert [row_of(place, goals, bare)[name] for name in ("words", "set_by")] == [None, None]


def test_each_answer_stays_and_the_goal_shows_first_and_newest(place, goals):
    """A score, one that they declined, and another score."""
    goal = add(place, goals)
    said = ({"score": 2}, {"answer": "DECLINED_TO_ANSWER"}, {"score": 7})
    for one in said:
        assert act(place, goals, goal, "scores", {"said_by": "SURVIVOR", **one}).status_code == 201
    rows = place.get(f"{goals}/{goal}/scores", "IMSA").json["items"]
    assert [(row["answer"], row["score"]) for row in rows] == [
        ("SCORED", 2),
        ("DECLINED_TO_ANSWER", None),
        ("SCORED", 7),
    ]
    row = row_of(place, goals, goal)
    assert (row["first_score"], row["last_score"], row["last_answer"]) == (2, 7, "SCORED")
    context = place.contexts["case"]
    with pytest.raises(OperationFailure):
        context.client[context.database_name]["goal_scores"].delete_many({})


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"score": 11}, "#/score"), ({"score": 7.9}, "#/score"), ({}, "#/score"), ({"score": -1}, "#/score"), ({"answer": "NOT_ASKED", "score": 3}, "#/score"),
     ({"answer": "PERHAPS"}, "#/answer"), ({"score": 3, "said_by": "ADVOCATE_ONLY"}, "#/said_by")],
)  # fmt: skip
def test_a_bad_score_is_pointed_at(place, goals, body, pointer):
    """An advocate alone scores nobody; who was not asked has no score."""
    goal = add(place, goals)
    answer = act(place, goals, goal, "scores", {"said_by": "SURVIVOR", **body})
    assert (answer.status_code, [e["pointer"] for e in answer.json["errors"]]) == (422, [pointer])
    assert place.get(f"{goals}/{goal}/scores", "IMSA").json["items"] == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({"area": "CHESS"}, "#/area"), ({"words": "x" * 1001}, "#/words"), ({"set_by": "ADVOCATE_ONLY"}, "#/set_by")],
)
def test_a_bad_goal_is_pointed_at(place, goals, changes, pointer):
    """An advocate alone sets none."""
    answer = place.post(goals, {**SAYS, **changes}, "IMSA")
    assert (answer.status_code, [e["pointer"] for e in answer.json["errors"]]) == (422, [pointer])


def test_a_goal_ends_and_is_taken_up_again(place, goals):
    """It takes no score between; both are audited."""
    goal = add(place, goals)
    assert act(place, goals, goal, "end", {"how": "PARTLY_REACHED"}).status_code == 200
    row = row_of(place, goals, goal)
    assert (row["state"], row["ended_by"]) == ("PARTLY_REACHED", place.actor("IMSA"))
    late = act(place, goals, goal, "scores", {"score": 3, "said_by": "SURVIVOR"})
    assert (late.status_code, late.json["code"]) == (409, "goal-ended")
    assert act(place, goals, goal, "take-up", {}).status_code == 200
    again = act(place, goals, goal, "take-up", {})
    assert (again.status_code, again.json["code"]) == (409, "goal-open")
    assert place.audited(action="case:goal:end", object_id=goal)
    assert place.audited(action="case:goal:take-up", object_id=goal)


def test_a_goal_of_another_episode_is_not_there(place, goals):
    """Also where both are the caller's; and where there is none."""
    other = f"/v1/episodes/{place.episode(advocate_id=place.actor('IMSA'))['id']}/goals"
    goal = add(place, other)
    for verb, body in (("scores", {"score": 1, "said_by": "SURVIVOR"}), ("end", {"how": "REACHED"})):
        assert act(place, goals, goal, verb, body).status_code == 404
        assert act(place, goals, new_id(), verb, body).status_code == 404
    assert place.get(f"{goals}/{goal}/scores", "IMSA").status_code == 404


def test_a_step_leads_to_an_open_goal_of_the_same_person(place, goals):
    """To no other's, and to none that has ended."""
    goal = add(place, goals)
    survivor = place.get(goals.removesuffix("/goals"), "IMSA").json["survivor_id"]
    other = place.survivor(advocate_id=place.actor("IMSA"))
    said = {"what": "Ring", "goal_id": goal}
    assert place.post(f"/v1/survivors/{survivor}/steps", said, "IMSA").status_code == 201
    (step,) = place.get(f"/v1/survivors/{survivor}/steps", "IMSA").json["items"]
    assert step["goal_id"] == goal
    assert place.post(f"/v1/survivors/{other}/steps", said, "IMSA").status_code == 404
    act(place, goals, goal, "end", {"how": "REACHED"})
    late = place.post(f"/v1/survivors/{survivor}/steps", said, "IMSA")
    assert (late.status_code, late.json["code"]) == (409, "goal-ended")


def test_goals_of_the_version_before_are_brought_over_once(place, goals):
    """Of the same id, with no word that nobody said; the entry stays for processes of that version."""
    recorded = datetime(2026, 8, 6, 10, tzinfo=UTC)
    old = {
        "_id": new_id(), "episode_id": goals.split("/")[3], "kind": "goals", "recorded_at": recorded,
        "updated_at": recorded, "area": "ASYLUM", "version": 1,
    }  # fmt: skip
    entries = place.database("case")["entries"]
    entries.insert_many([old, {**old, "_id": new_id(), "episode_id": new_id()}])
    execute = place.contexts["case"].committer.execute
    assert bring_over(execute) >= 2
    assert bring_over(execute) == 0
    row = row_of(place, goals, old["_id"])
    assert (row["area"], row["words"], row["state"], row["opened_by"]) == ("ASYLUM", None, "OPEN", None)
    assert row["recorded_at"].startswith("2026-08-06")
    assert entries.count_documents({"_id": old["_id"], "area": "ASYLUM"}) == 1
    assert act(place, goals, old["_id"], "scores", {"score": 3, "said_by": "SURVIVOR"}).status_code == 201
