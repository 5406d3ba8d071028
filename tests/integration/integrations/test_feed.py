"""The feed over HTTP: who may, from where, waiting, media types, consumers, and honest refusals."""

import threading
import time

import pytest

from services.integrations.consumers.jobs import furthest_behind
from services.integrations.feed.envelopes import BATCH
from services.integrations.store.clearing import give_up_old
from shared.contracts.case import EpisodeOpened, SurvivorErased
from shared.contracts.public import PUBLIC
from shared.kernel.ids import new_id
from tests.integration.integrations.test_clearing import DAY_0
from tests.integration.integrations.test_store import opened

SCOPE = ["events:read"]


class Machine:
    """A caller with a machine key of its own."""

    def __init__(self, place, scopes=SCOPE):
        self._place, self._scopes, self.id = place, scopes, new_id()

    def headers(self, **more):
        return {**self._place.headers("INTEGRATOR", actor=self.id, scopes=self._scopes), **more}

    def get(self, path="/v1/events", *, accept=None, **query):
        headers = self.headers(**({"Accept": accept} if accept else {}))
        return self._place.app.test_client().get(path, query_string=query or None, headers=headers)

    def post(self, path, body=None):
        headers = self.headers(**{"Idempotency-Key": new_id()})
        return self._place.app.test_client().post(path, json=body or {}, headers=headers)

    def put(self, path, body=None):
        return self._place.app.test_client().put(path, json=body or {}, headers=self.headers())


@pytest.fixture
def machine(place):
    return Machine(place)


class TestWhoMay:
    @pytest.mark.parametrize("role", ["IMSA", "SUPERVISOR", "BOARD_MEMBER", "PLATFORM_OPERATOR", "INTEGRATOR"])
    def test_neither_caseworkers_nor_a_machine_without_the_scope(self, place, role):
        """The 404 of an unknown address."""
        for path in ("/v1/events", "/v1/events/snapshot", "/v1/event-consumers"):
            assert place.get(path, role).status_code == 404

    def test_a_machine_with_the_scope_and_who_runs_the_host(self, place, machine):
        """Another scope opens nothing."""
        assert machine.get().status_code == 200
        assert place.get("/v1/events", "HOST_ADMIN").status_code == 200
        assert Machine(place, ["imports:write"]).get().status_code == 404

    def test_what_is_shown_is_audited_and_an_empty_answer_is_not(self, place, machine, keep, store):
        """A poll that shows nothing tells nobody anything; there may be thousands a day."""
        keep(opened())
        machine.get(after=store.head())
        assert place.audited("integrations", actor_id=machine.id) == []
        machine.get(after=store.head() - 1)
        (entry,) = place.audited("integrations", actor_id=machine.id)
        assert (entry["action"], entry["outcome"]) == ("integrations:events:read", "ALLOWED")


class TestReading:
    def test_pages_follow_one_another_by_next_and_by_the_link(self, machine, keep, store):
        """Every position once, in order; and the lag falls to nothing."""
        before = store.head()
        for _ in range(5):
            keep(opened())
        answer, found = machine.get(after=before, limit=2), []
        while answer.json["items"]:
            found += [e["position"] for e in answer.json["items"]]
            assert answer.json["lag"] == answer.json["head"] - found[-1]
            answer = machine.get(answer.headers["Link"].split(">")[0][1:])
        assert found == list(range(before + 1, before + 6))

    def test_types_are_a_filter(self, machine, keep, store):
        """One that is not public is refused, as it would wait for ever."""
        before = store.head()
        keep(opened())
        keep(SurvivorErased(survivor_id=new_id()))
        answer = machine.get(after=before, types=SurvivorErased.event_type)
        assert [e["type"] for e in answer.json["items"]] == [SurvivorErased.event_type]
        both = machine.get(after=before, types=f"{SurvivorErased.event_type},{EpisodeOpened.event_type}")
        assert len(both.json["items"]) == 2
        assert machine.get(types="alongside.consent.facts_released.v1").status_code == 422

    def test_a_batch_of_cloudevents_alone_where_accept_asks_for_it(self, machine, keep, store):
        """An array, as CloudEvents' HTTP binding has it; the rest stands in headers."""
        position = keep(opened())
        answer = machine.get(after=position - 1, accept=BATCH)
        assert answer.content_type == BATCH
        assert [e["position"] for e in answer.json] == [position]
        assert (answer.headers["Events-Next"], answer.headers["Events-Lag"]) == (str(position), "0")

    @pytest.mark.parametrize(
        "query", [{"after": -1}, {"after": "x"}, {"limit": 0}, {"limit": 501}, {"wait": 31}, {"types": ""}, {"aftr": 1}]
    )
    def test_a_wrong_parameter_is_pointed_at(self, machine, query):
        """422 or 400, never a feed that silently begins elsewhere."""
        assert machine.get(**query).status_code in (400, 422)

    def test_ahead_of_the_head_is_refused(self, machine, store):
        """A cursor from another store would wait for ever, and skip what comes."""
        answer = machine.get(after=store.head() + 1)
        assert (answer.status_code, answer.json["code"]) == (422, "position-ahead")


class TestWaiting:
    def test_a_long_poll_is_answered_as_soon_as_something_fits(self, machine, keep, store):
        """Not by something of another type; and long before its time is over."""
        before, answers = store.head(), []

        def poll():
            answers.append(machine.get(after=before, types=EpisodeOpened.event_type, wait=30))

        began = time.monotonic()
        thread = threading.Thread(target=poll)
        thread.start()
        keep(SurvivorErased(survivor_id=new_id()))
        position = keep(opened())
        thread.join(25)
        assert not thread.is_alive()
        assert [e["position"] for e in answers[0].json["items"]] == [position]
        assert time.monotonic() - began < 25

    def test_one_that_ends_with_nothing_says_where_to_read_on(self, machine, store):
        """200 and an empty list."""
        answer = machine.get(after=store.head(), wait=1)
        assert (answer.status_code, answer.json["items"], answer.json["next"]) == (200, [], store.head())
        assert answer.json["waited"] is True

    def test_who_finds_no_place_is_answered_at_once(self, place, machine, store):
        """Two of one caller wait; the third is told, with Retry-After."""
        head, draining, done = store.head(), place.app.extensions, []

        def hold():
            answer = machine.get(after=head, wait=30)
            while not answer.json["waited"]:
                answer = machine.get(after=head, wait=30)
            done.append(answer)

        threads = [threading.Thread(target=hold) for _ in range(2)]
        try:
            for thread in threads:
                thread.start()
            answer = self._until_refused(machine, head)
        finally:
            # The process drains, which lets the others go too.
            draining["draining"] = True
            for thread in threads:
                thread.join(20)
            draining["draining"] = False
        assert answer.headers["Retry-After"] == "2"
        assert [a.status_code for a in done] == [200, 200]

    @staticmethod
    def _until_refused(machine, head):
        for _ in range(60):
            answer = machine.get(after=head, wait=1)
            if not answer.json["waited"]:
                return answer
        raise AssertionError("a third place was always free")


class TestConsumers:
    def test_a_consumer_reads_on_where_it_acknowledged(self, machine, keep, store):
        """The cursor moves with the acknowledgement and not with the reading; a repeat moves nothing."""
        machine.put("/v1/event-consumers/crm", {"begin": "NOW", "types": [EpisodeOpened.event_type]})
        first = keep(opened())
        keep(SurvivorErased(survivor_id=new_id()))
        second = keep(opened())

        def read():
            return [e["position"] for e in machine.get(consumer="crm").json["items"]]

        assert read() == read() == [first, second]
        assert machine.post("/v1/event-consumers/crm/ack", {"position": first}).json["position"] == first
        assert read() == [second]
        machine.post("/v1/event-consumers/crm/ack", {"position": second})
        assert machine.post("/v1/event-consumers/crm/ack", {"position": first}).json["position"] == second
        row = machine.get("/v1/event-consumers/crm").json
        assert (row["position"], row["lag"], row["too_old"]) == (second, store.head() - second, False)

    def test_seek_goes_back_by_position_and_by_instant(self, place, machine, keep, store):
        """To the first of what was recorded at that instant or later."""
        place.at(DAY_0)
        keep(opened())
        place.at(DAY_0.replace(day=2))
        later = keep(opened())
        machine.put("/v1/event-consumers/replay", {"begin": "NOW"})
        path = "/v1/event-consumers/replay/seek"
        assert machine.post(path, {"at": "2027-03-01T12:00:00Z"}).json["position"] == later - 1
        assert machine.post(path, {"position": 1}).json["position"] == 1
        assert machine.get(consumer="replay", limit=1).json["items"][0]["position"] == 2
        assert machine.post(path, {"position": store.head() + 1}).status_code == 422
        for body in ({}, {"position": 1, "at": "2027-03-01T12:00:00Z"}, {"position": "1"}):
            assert machine.post(path, body).status_code == 422

    def test_a_consumer_is_its_owners(self, place, machine):
        """Another machine finds nothing there, to read, move, take over or list; who runs the host does."""
        machine.put("/v1/event-consumers/mine")
        other = Machine(place)
        path = "/v1/event-consumers/mine"
        assert other.get(path).status_code == other.put(path).status_code == 404
        assert other.post(f"{path}/ack", {"position": 0}).status_code == 404
        assert other.post(f"{path}/seek", {"position": 0}).status_code == 404
        assert other.post(f"{path}/remove").status_code == 404
        assert other.get(consumer="mine").status_code == 404
        assert other.get("/v1/event-consumers").json["items"] == []
        assert "mine" in {row["name"] for row in place.get("/v1/event-consumers", "HOST_ADMIN").json["items"]}

    def test_removed_it_is_gone_and_its_name_is_free(self, place, machine):
        """For another one, which begins anew."""
        machine.put("/v1/event-consumers/short")
        assert machine.post("/v1/event-consumers/short/remove").status_code == 200
        assert machine.get("/v1/event-consumers/short").status_code == 404
        assert Machine(place).put("/v1/event-consumers/short").status_code == 200

    @pytest.mark.parametrize("name", ["X", "a", "-x", "a" * 41, "a b", "a.b"])
    def test_what_can_be_no_name_is_nothing_here(self, machine, name):
        """404, and nothing of it is kept."""
        assert machine.put(f"/v1/event-consumers/{name}").status_code == 404

    def test_there_are_fifty_at_most(self, machine):
        """One that is removed makes room; one that is there is kept all the same."""
        for number in range(50):
            assert machine.put(f"/v1/event-consumers/reader-{number}").status_code == 200
        assert machine.put("/v1/event-consumers/one-more").json["code"] == "too-many-consumers"
        assert machine.put("/v1/event-consumers/reader-7").status_code == 200
        assert machine.post("/v1/event-consumers/reader-7/remove", {}).status_code == 200
        assert machine.put("/v1/event-consumers/one-more").status_code == 200


class TestLag:
    def test_the_slowest_consumer_is_told_of_with_the_age_of_what_it_has_not_read(self, place, context, machine, keep):
        """At 90 days it would be given up; an alert comes at 60."""
        context.client[context.database_name]["consumers"].delete_many({})
        assert furthest_behind(context) == (0, 0.0)
        place.at(DAY_0.replace(year=2028))
        position = keep(opened())
        machine.put("/v1/event-consumers/slow", {"begin": "NOW"})
        machine.put("/v1/event-consumers/fast", {"begin": "NOW"})
        keep(opened())
        keep(opened())
        place.at(DAY_0.replace(year=2028, day=11))
        machine.post("/v1/event-consumers/fast/ack", {"position": position + 2})
        unread, age_s = furthest_behind(context)
        assert unread == 2
        assert age_s == pytest.approx(10 * 86_400, abs=120)


class TestCatalogue:
    def test_every_public_event_with_its_schema(self, machine):
        """What an integrator's build reads; nobody's data."""
        items = machine.get("/v1/event-types").json["items"]
        assert {i["type"] for i in items} == set(PUBLIC)
        for item in items:
            answer = machine.get(item["schema"])
            assert answer.content_type == "application/schema+json"
            assert set(answer.json["properties"]) == set(item["fields"])
        assert machine.get("/v1/event-types/alongside.consent.facts_released.v1/schema").status_code == 404


def test_too_old_is_410_and_says_how_to_go_on(place, context, machine, keep, store):
    """With the oldest position that is kept; a consumer that fell behind says so too."""
    machine.put("/v1/event-consumers/asleep")
    place.at(DAY_0.replace(year=2030))
    keep(opened())
    place.at(DAY_0.replace(year=2031))
    keep(opened())
    give_up_old(context)
    answer = machine.get(consumer="asleep")
    assert (answer.status_code, answer.json["code"]) == (410, "events-too-old")
    assert "/v1/events/snapshot" in answer.json["detail"]
    assert machine.get("/v1/event-consumers/asleep").json["too_old"] is True
    assert machine.post("/v1/event-consumers/asleep/seek", {"position": 0}).status_code == 410
    snapshot = machine.get("/v1/events/snapshot").json
    assert machine.post("/v1/event-consumers/asleep/seek", {"position": snapshot["position"]}).status_code == 200
    assert machine.get(consumer="asleep").json["lag"] == 0
