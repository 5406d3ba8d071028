"""Corrections of what is kept of a survivor: blank overrides nothing, and what stood there before stays to be seen."""

import pytest

from shared.kernel.ids import new_id
from tests.integration.case.test_import_commit import in_threads

pytestmark = pytest.mark.integration


def correct(place, survivor, role="IMSA", **said):
    return place.post(f"/v1/survivors/{survivor}/corrections", {"why": "HAS_CHANGED", **said}, role)


def history(place, survivor):
    return place.get(f"/v1/survivors/{survivor}/corrections", "IMSA").json["items"]


def test_blank_never_overrides_and_what_was_there_stays(place):
    """Null, empty and missing change nothing; a new value and a cleared one do, and both are told with the old one."""
    survivor = place.survivor("IMSA", name="Wrong", safe_contact="Tuesdays", reference="R-1")
    assert correct(place, survivor, name=None, safe_contact="").json == {"id": None, "changed": []}
    assert history(place, survivor) == []
    first = correct(place, survivor, name="Right", why="WRITTEN_WRONGLY")
    second = correct(place, survivor, clear=["safe_contact"], why="NO_LONGER_SAFE")
    assert (first.json["changed"], second.json["changed"]) == (["name"], ["safe_contact"])
    kept = place.get(f"/v1/survivors/{survivor}", "IMSA").json
    assert (kept["name"], kept["safe_contact"], kept["reference"]) == ("Right", None, "R-1")
    told = [(one["why"], one["before"], one["actor_id"]) for one in history(place, survivor)]
    actor = place.actor("IMSA")
    assert told == [
        ("WRITTEN_WRONGLY", {"name": "Wrong"}, actor), ("NO_LONGER_SAFE", {"safe_contact": "Tuesdays"}, actor),
    ]  # fmt: skip


def test_nothing_of_it_stands_in_the_clear(place):
    """Neither before nor after; and an erasure closes both."""
    survivor = place.survivor("IMSA", name="Zlatan-Before")
    correct(place, survivor, name="Zlatan-After")
    stored = [*place.database("case")["survivor_corrections"].find({}), *place.database("case")["outbox"].find({})]
    assert "Zlatan" not in str(stored)
    place.contexts["case"].survivor_keys.forget(survivor)
    assert place.get(f"/v1/survivors/{survivor}/corrections").status_code == 404


def test_a_field_is_said_or_cleared(place):
    """Both at once is refused, and nothing changes."""
    survivor = place.survivor("IMSA", name="Name")
    answer = correct(place, survivor, name="Other", clear=["name"])
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/clear")
    assert history(place, survivor) == []


def test_of_two_at_once_each_keeps_what_the_other_wrote(place):
    """Four corrections in threads: four entries, and each tells what stood there when its turn came."""
    survivor = place.survivor("IMSA", name="0")
    answers = in_threads(*(lambda n=n: correct(place, survivor, name=str(n)) for n in range(1, 5)))
    assert [a.status_code for a in answers] == [200] * 4
    told = [one["before"]["name"] for one in history(place, survivor)]
    kept = place.get(f"/v1/survivors/{survivor}", "IMSA").json["name"]
    assert sorted([*told, kept]) == ["0", "1", "2", "3", "4"]


def test_another_advocate_finds_nothing(place):
    """By the same 404 as nobody's survivor."""
    survivor = place.survivor("IMSA", name="Name")
    headers = {**place.headers("IMSA", actor=new_id()), "Idempotency-Key": new_id()}
    path = f"/v1/survivors/{survivor}/corrections"
    http = place.app.test_client()
    assert http.get(path, headers=headers).status_code == 404
    body = {"name": "Other", "why": "HAS_CHANGED"}
    assert http.post(path, json=body, headers=headers).status_code == 404
