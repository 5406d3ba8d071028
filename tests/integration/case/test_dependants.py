"""Whether children depend on somebody over HTTP: codes and a day, asked again by the day's list, never a child's record."""

from datetime import UTC, datetime

import pytest

from tests.integration.case.test_who_may_act import Advocate

NOW = datetime(2026, 9, 1, 13, tzinfo=UTC)


@pytest.fixture
def host(place):
    """It is 1 September."""
    place.at(NOW)
    yield place
    place.at(None)


@pytest.fixture
def ann(host):
    return Advocate(host)


@pytest.fixture
def path(host, ann):
    """Of somebody of the advocate's."""
    return f"/v1/survivors/{host.survivor(advocate_id=ann.id)}/dependants"


def steps(ann, path):
    return ann.get(f"{path.removesuffix('dependants')}steps?state=OPEN").json["items"]


def answer(ann, path, said, on="2026-11-24", **more):
    return ann.post(path, {"answer": said, "ask_again_on": on, **more})


def test_it_is_asked_again_and_every_answer_stays(host, ann, path):
    """One step at a time stands on the day's list; an answer ends it, whoever ended it before."""
    found = ann.get(path).json
    assert (found["now"], found["due"], found["answers"]) == (None, True, [])
    assert answer(ann, path, "YES_NOT_SPOKEN_YET", "2026-09-03").status_code == 201
    (step,) = steps(ann, path)
    assert (step["what"], step["due_on"]) == ("Ask again in private whether children depend on them", "2026-09-03")
    assert not ann.get(path).json["due"]
    host.at(NOW.replace(day=3))
    assert ann.get(path).json["due"]
    assert answer(ann, path, "YES_SPOKEN_WITH_LEAD").status_code == 201
    (step,) = steps(ann, path)
    assert step["due_on"] == "2026-11-24"
    assert ann.post(f"/v1/steps/{step['id']}/done", {}).status_code == 200
    assert answer(ann, path, "DECLINED_TO_ANSWER", "2026-12-01").status_code == 201
    assert [one["due_on"] for one in steps(ann, path)] == ["2026-12-01"]
    found = ann.get(path).json
    assert [one["answer"] for one in found["answers"]] == [
        "DECLINED_TO_ANSWER", "YES_SPOKEN_WITH_LEAD", "YES_NOT_SPOKEN_YET",
    ]  # fmt: skip
    assert found["now"] == found["answers"][0]
    survivor = path.split("/")[3]
    assert host.audited(action="case:dependants:answer", object_id=survivor, outcome="ALLOWED")


def test_nothing_of_a_child_can_be_sent(ann, path):
    """A field more is refused, and so is a word in place of a code; nothing is said again."""
    for more in ({"name": "Planted"}, {"note": "Planted"}, {"age": 7}):
        refused = answer(ann, path, "NO", **more)
        assert refused.status_code == 422
        assert "Planted" not in refused.text
    assert answer(ann, path, "Planted, aged 7").status_code == 422
    assert answer(ann, path, "NO", "2026-08-31").json["code"] == "ask-again-misplanned"
    assert answer(ann, path, "NO", "2028-01-01").json["code"] == "ask-again-misplanned"
    assert ann.get(path).json["answers"] == []


def test_what_is_kept_is_closed(host, ann, path):
    """The code is sealed; who may not act finds nothing; after an erasure nothing opens."""
    survivor = path.split("/")[3]
    assert answer(ann, path, "YES_SPOKEN_WITH_LEAD").status_code == 201
    assert "YES_SPOKEN" not in repr(host.database("case")["dependant_answers"].find_one({"survivor_id": survivor}))
    assert Advocate(host).get(path).status_code == 404
    assert host.get(path, "SAFEGUARDING_LEAD").status_code == 404
    told = ann.get(f"/v1/survivors/{survivor}/handover")
    assert told.status_code == 200, told.json
    pack = told.json
    assert (pack["dependants"]["now"]["answer"], pack["dependants"]["due"]) == ("YES_SPOKEN_WITH_LEAD", False)
    host.contexts["case"].survivor_keys.forget(survivor)
    assert ann.get(path).status_code in (404, 410)


def test_a_full_list_of_steps_keeps_no_answer_away(ann, path):
    """It is asked again by the person's page all the same."""
    for number in range(100):
        assert ann.post(f"{path.removesuffix('dependants')}steps", {"what": f"Planted {number}"}).status_code == 201
    assert answer(ann, path, "NO").status_code == 201
    assert ann.get(path).json["now"]["step_id"] is None
