"""Giving people to another advocate, and cover for an absence, over HTTP and in deliberate races."""

from datetime import UTC, datetime

import pytest

from services.case.caseload.commands import GivePeople, give_people
from services.case.episodes.errors import EpisodeClosedError
from shared.kernel.ids import new_id
from shared.outbox.unit_of_work import StaleVersionError
from tests.integration.case.test_case_races import Case, both_ways, processes, race
from tests.integration.case.test_who_may_act import REFUSED, Advocate

__all__ = ["processes"]
FIRST_DAY, LAST_DAY = "2026-10-20", "2026-10-27"
CONTACT = {"mode": "PHONE", "interpreter": "PROFESSIONAL", "minutes": 5}


@pytest.fixture
def team(place):
    """Two advocates; it is the day before the first one is away."""
    place.at(datetime(2026, 10, 19, 12, tzinfo=UTC))
    yield Advocate(place), Advocate(place)
    place.at(None)


def of(place, advocate, **values):
    """Somebody of an advocate, with an episode of theirs; gives both ids."""
    survivor_id = place.survivor(advocate_id=advocate.id)
    row = place.episode(survivor_id=survivor_id, advocate_id=advocate.id, referral_date="2026-08-04", **values)
    return survivor_id, row["id"]


def give(place, ann, ben, survivor_ids=None, **values):
    body = {"from_id": ann.id, "to_id": ben.id, "survivor_ids": survivor_ids, **values}
    return place.post(f"/v1/caseload/{'cover' if values else 'give'}", body)


def cover(place, ann, ben, survivor_ids=None, first_on=FIRST_DAY, last_on=LAST_DAY):
    return give(place, ann, ben, survivor_ids, first_on=first_on, last_on=last_on)


def results(place, answer):
    rows = place.get(answer.headers["Location"]).json["results"]
    return {one["survivor_id"]: one["result"] for one in rows}


def reach(advocate, survivor_id, episode_id):
    """What an advocate can do about somebody: read, list, write, and decide with them."""
    mine = advocate.get("/v1/survivors").json["items"], advocate.get("/v1/episodes").json["items"]
    return [
        advocate.get(f"/v1/survivors/{survivor_id}").status_code == 200,
        survivor_id in {row["id"] for row in mine[0]},
        episode_id in {row["id"] for row in mine[1]},
        advocate.post(f"/v1/episodes/{episode_id}/contacts", CONTACT).status_code == 201,
        advocate.post("/v1/consents", {**REFUSED, "survivor_id": survivor_id}).status_code == 201,
    ]


def test_who_takes_over_has_the_person_whole_and_who_gave_has_nothing(place, team):
    """Record, list, episode, contacts and consents; each person is audited."""
    ann, ben = team
    survivor_id, episode_id = of(place, ann)
    answer = give(place, ann, ben, [survivor_id])
    assert answer.status_code == 201, answer.json
    assert (answer.json["moved"], answer.json["left"], answer.json["more"]) == (1, 0, False)
    place.pump()
    assert reach(ben, survivor_id, episode_id) == [True] * 5
    assert reach(ann, survivor_id, episode_id) == [False] * 5
    assert place.audited("case", action="case:caseload:give", object_id=survivor_id, outcome="ALLOWED")


def test_each_person_is_judged_alone(place, team):
    """Who is not that advocate's any more, who is nobody, and who was erased are left; the others are given."""
    ann, ben = team
    mine, erased, others = (of(place, one)[0] for one in (ann, ann, ben))
    nobody = new_id()
    place.contexts["case"].survivor_keys.forget(erased)
    answer = give(place, ann, ben, [others, nobody, erased, mine])
    assert (answer.json["moved"], answer.json["left"]) == (1, 3)
    assert results(place, answer) == {
        mine: "MOVED", others: "NOT_THEIRS", nobody: "NOT_THEIRS", erased: "NOT_THEIRS"
    }  # fmt: skip


def test_everybody_is_given_by_parts_and_goes_on_where_it_stopped(place, team, monkeypatch):
    """Whatever was given stays given; a repeat with the same key tells the same; at the end nobody is left."""
    ann, ben = team
    there = {place.post("/v1/survivors", {"advocate_id": ann.id}).json["id"] for _ in range(3)}
    monkeypatch.setattr("services.case.caseload.views.MOST_AT_ONCE", 2)
    body, key = {"from_id": ann.id, "to_id": ben.id, "survivor_ids": None}, new_id()
    first, again = (place.post("/v1/caseload/give", body, key=key).json for _ in range(2))
    assert first == again
    assert (first["moved"], first["more"]) == (2, True)
    rest = give(place, ann, ben).json
    assert (rest["moved"], rest["more"]) == (1, False)
    assert {row["id"] for row in ben.get("/v1/survivors").json["items"]} == there
    over = give(place, ann, ben)
    assert (over.status_code, over.json["code"]) == (409, "nobody-to-move")


def test_whoever_covers_may_act_from_the_first_day_to_the_last(place, team):
    """In case and in consent, with no job and no message at either end; whoever is away may act too."""
    ann, ben = team
    survivor_id, episode_id = of(place, ann)
    answer = cover(place, ann, ben)
    assert answer.status_code == 201, answer.json
    place.pump()
    for moment, may in (
        (datetime(2026, 10, 19, 22, 59, tzinfo=UTC), False),
        (datetime(2026, 10, 19, 23, 1, tzinfo=UTC), True),
        (datetime(2026, 10, 27, 23, 59, tzinfo=UTC), True),
        (datetime(2026, 10, 28, 0, 1, tzinfo=UTC), False),
    ):
        place.at(moment)
        assert reach(ben, survivor_id, episode_id) == [may] * 5, moment
        assert reach(ann, survivor_id, episode_id) == [True] * 5


def test_a_cover_is_judged_in_the_transaction(place, team, monkeypatch):
    """Its last day over between the look at the door and the commit: refused all the same."""
    ann, ben = team
    survivor_id, episode_id = of(place, ann)
    cover(place, ann, ben)
    place.pump()
    place.at(datetime(2026, 10, 28, 0, 1, tzinfo=UTC))
    monkeypatch.setattr("services.case.survivors.views.SurvivorViews.may_act", lambda *_: True)
    monkeypatch.setattr("services.case.survivors.views.SurvivorViews.acts_as", lambda *_: frozenset({ann.id}))
    monkeypatch.setattr("services.consent.ledger.views.LedgerViews.advocates_of", lambda *_: {ben.id})
    assert ben.post(f"/v1/episodes/{episode_id}/contacts", CONTACT).status_code == 404
    assert ben.post("/v1/consents", {**REFUSED, "survivor_id": survivor_id}).status_code == 404


@pytest.mark.parametrize("how", ["by hand", "given to somebody else"])
def test_a_cover_ends_early(place, team, how):
    """By hand once, or because somebody has them for good: whoever covered finds nothing any more."""
    ann, ben = team
    survivor_id, episode_id = of(place, ann)
    move = cover(place, ann, ben).json["id"]
    place.at(datetime(2026, 10, 21, 12, tzinfo=UTC))
    place.pump()
    assert reach(ben, survivor_id, episode_id) == [True] * 5
    if how == "by hand":
        ended = [place.post(f"/v1/caseload/moves/{move}/end") for _ in range(2)]
        assert [one.status_code for one in ended] == [200, 409]
        assert ended[1].json["code"] == "cover-ended"
    else:
        assert give(place, ann, Advocate(place), [survivor_id]).json["moved"] == 1
    place.pump()
    assert reach(ben, survivor_id, episode_id) == [False] * 5
    assert place.post(f"/v1/caseload/moves/{new_id()}/end").status_code == 404


def test_whoever_covers_does_not_get_those_whose_support_has_ended(place, team):
    """Unless they are named; and to ask twice covers nobody twice."""
    ann, ben = team
    (goes_on, _), (ended, episode) = of(place, ann), of(place, ann)
    closed = place.post(f"/v1/episodes/{episode}/close", {"reason": "DECEASED"}, If_Match='"1"')
    assert closed.status_code == 200, closed.json
    assert results(place, cover(place, ann, ben)) == {goes_on: "MOVED"}
    assert cover(place, ann, ben).json["code"] == "nobody-to-move"
    assert results(place, cover(place, ann, ben, [ended])) == {ended: "MOVED"}
    assert results(place, cover(place, ben, ann, [ended])) == {ended: "NOT_THEIRS"}


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [({"to_id": "me"}, 422, "#/to_id"), ({"survivor_ids": []}, 422, "#/survivor_ids"),
     ({"survivor_ids": [new_id()] * 101}, 422, "#/survivor_ids"), ({"from_id": None}, 422, "#/from_id"),
     ({"last_on": "2026-10-01"}, 422, "#/last_on"), ({"first_on": "2026-10-18"}, 422, "#/first_on"),
     ({"last_on": "never"}, 422, "#/last_on")],
)  # fmt: skip
def test_what_does_not_fit_is_pointed_at_and_nobody_is_covered(place, team, body, status, said):
    """At the field."""
    ann, ben = team
    survivor_id, _ = of(place, ann)
    known = {"from_id": ann.id, "to_id": ben.id, "survivor_ids": [survivor_id]}
    answer = place.post("/v1/caseload/cover", {**known, "first_on": FIRST_DAY, "last_on": LAST_DAY, **body})
    assert answer.status_code == status
    assert answer.json["errors"][0]["pointer"].startswith(said)
    assert "covers" not in place.database("case")["survivors"].find_one({"_id": survivor_id})


def test_nobody_takes_over_who_is_no_advocate_or_has_them(place, team):
    """And nothing changes."""
    ann, _ = team
    survivor_id, _ = of(place, ann)
    same = give(place, ann, ann, [survivor_id])
    assert (same.status_code, same.json["code"]) == (422, "same-advocate")
    left = Advocate(place)
    place.database("case")["staff"].insert_one({"_id": left.id, "is_advocate": False, "version": 1})
    assert give(place, ann, left, [survivor_id]).json["code"] == "not-an-advocate"
    assert cover(place, ann, left, [survivor_id]).json["code"] == "not-an-advocate"
    assert ann.get(f"/v1/survivors/{survivor_id}").status_code == 200


def test_the_team_is_counted_against_the_limit(place, team):
    """Who waits and what is overdue stand apart; who left is shown for as long as they have anybody."""
    ann, ben = team
    survivor_id, _ = of(place, ann)
    of(place, ann)
    of(place, ben, status="REFERRED")
    place.post(f"/v1/survivors/{survivor_id}/steps", {"what": "Ring", "due_on": "2026-10-19"})
    erased, _ = of(place, ann)
    place.contexts["case"].survivor_keys.forget(erased)
    assert place.post("/v1/caseload/limit", {"people": 2}, "HOST_ADMIN").status_code == 200
    place.at(datetime(2026, 10, 20, 12, tzinfo=UTC))
    team_now = place.get("/v1/caseload").json
    rows = {row["advocate_id"]: row for row in team_now["items"]}
    assert team_now["limit"] == place.get("/v1/caseload/limit").json["people"] == 2
    figures = ("is_active", "supported", "waiting", "overdue", "fullness")
    assert [rows[ann.id][name] for name in figures] == [False, 2, 0, 1, "FULL"]
    assert [rows[ben.id][name] for name in figures] == [False, 0, 1, 0, "ROOM"]
    place.post("/v1/caseload/limit", {"people": None})
    assert place.get("/v1/caseload").json["items"][0]["fullness"] == "UNSTATED"


class TestRaces:
    """Whichever comes second knows the first."""

    @pytest.fixture
    def case(self, place):
        case = Case(place)
        case.ann, case.ben, case.cem = new_id(), new_id(), new_id()
        place.post(f"/v1/survivors/{case.survivor_id}/advocates", {"advocate_ids": [case.ann]})
        place.database("case")["episodes"].update_one({"_id": case.episode_id}, {"$set": {"advocate_id": case.ann}})
        return case

    @staticmethod
    def gives(case, to):
        ids = (case.survivor_id,)
        command = GivePeople(
            move_id=new_id(), from_id=case.ann, to_id=to, survivor_ids=ids, known_ids=frozenset(ids), more=False,
            actor_id="s", role="SUPERVISOR",
        )  # fmt: skip
        return lambda work: give_people(command, work)

    def test_two_supervisors_give_one_person_to_two_advocates(self, processes, case):
        """The first has them; the second is told that they are not that advocate's any more."""
        met, failures = race(processes, False, self.gives(case, case.ben), self.gives(case, case.cem))
        assert (met, failures) == (True, [])
        assert len(case.advocates()) == 1
        assert case.advocates() == case.told()
        episode = case.place.database("case")["episodes"].find_one({"_id": case.episode_id})
        assert [episode["advocate_id"]] == case.advocates()

    @both_ways
    def test_support_ends_while_they_are_given(self, processes, case, turned):
        """It is closed or it is not; either way it is the new advocate's."""
        met, failures = race(processes, turned, self.gives(case, case.ben), case.closes())
        assert met
        assert all(isinstance(one, StaleVersionError | EpisodeClosedError) for one in failures)
        episode = case.place.database("case")["episodes"].find_one({"_id": case.episode_id})
        assert episode["advocate_id"] == case.ben
        assert (episode["status"] == "CLOSED") is (failures == [])
        assert case.advocates() == case.told() == [case.ben]


@pytest.mark.parametrize("role", ["IMSA", "HOST_ADMIN", "HOST_DPO", "HOST_DATA_LEAD"])
def test_to_others_the_team_is_not_there(place, role):
    """Only a supervisor gives people to somebody; an administrator states the limit and sees no more."""
    body = {"from_id": new_id(), "to_id": new_id(), "survivor_ids": None}
    assert place.get("/v1/caseload", role).status_code == 404
    assert place.get("/v1/caseload/moves", role).status_code == 404
    assert place.post("/v1/caseload/give", body, role).status_code == 404
    assert (
        place.post("/v1/caseload/cover", {**body, "first_on": FIRST_DAY, "last_on": LAST_DAY}, role).status_code == 404
    )
