"""Search before create: found exactly, by whoever may know; gone with an erasure; two at once are noticed."""

import threading
from dataclasses import replace

import pytest

from services.case.finding.documents import MARK_KEY, MARK_KEYS, MARKS, MarkKey
from services.case.finding.jobs import MarkJob
from services.case.finding.keys import MarkKeys
from services.case.finding.views import MOST_A_MINUTE, MOST_FOUND
from services.case.survivors.commands import RegisterSurvivor, register_survivor
from services.case.survivors.erasure import ErasureJob
from services.case.survivors.sealing import Sealer
from shared.kernel.ids import new_id
from shared.keys.tenant_key import UnknownGenerationError, WrappedKey
from shared.outbox.commands import Command, IdempotencyKey
from tests.kit.racing import PATIENCE_S, Pause
from tests.kit.tenant_place import TenantPlace

PHONE, PHONE_OF_RAE = "07700 900123", "07700 900555"


@pytest.fixture(scope="module")
def host(engines, tmp_path_factory):
    """A host of this module alone: its tenant key is replaced, and everybody in it is marked anew."""
    place = TenantPlace(engines, tmp_path_factory.mktemp("finding"))
    yield place
    place.close()


@pytest.fixture(autouse=True)
def _nobody_searched(host):
    host.database("case")["survivor_searches"].delete_many({})


@pytest.fixture
def job(host):
    return MarkJob(host.contexts["case"])


def search(host, role="SUPERVISOR", actor=None, **wanted):
    headers = {**host.headers(role, actor=actor), "Idempotency-Key": new_id()}
    return host.app.test_client().post("/v1/survivors/search", json=wanted, headers=headers)


def found(host, role="SUPERVISOR", actor=None, **wanted):
    """Whom a search finds, with how."""
    answer = search(host, role, actor, **wanted)
    assert answer.status_code == 200, answer.json
    return {one["survivor_id"]: one["matched"] for one in answer.json["items"]}


def duplicates(host):
    return host.every("/v1/possible-duplicates")


def pairs(host, survivor_id):
    return [one for one in duplicates(host) if survivor_id in one["survivor_ids"]]


class TestSearching:
    def test_somebody_is_found_by_each_of_the_three_and_it_says_how(self, host):
        """However it is written; nothing that is kept comes back."""
        ida = host.survivor(name="Ída Plánted", safe_contact=f"Text {PHONE} only", reference="R 41")
        assert found(host, name="PLANTED ida") == {ida: ["NAME"]}
        assert found(host, telephone="+44 (0)7700 900123") == {ida: ["TELEPHONE"]}
        assert found(host, reference="r41") == {ida: ["REFERENCE"]}
        answer = search(host, name="ida planted", telephone=PHONE, reference="nobody's")
        assert answer.json == {
            "items": [{"survivor_id": ida, "matched": ["NAME", "TELEPHONE"]}], "more": False, "complete": True,
        }  # fmt: skip
        assert found(host, name="Ida") == {}
        assert host.audited(action="case:survivor:search", actor_id=host.actor("SUPERVISOR"), outcome="ALLOWED")

    def test_nothing_readable_is_kept_of_what_finds_them(self, host):
        """Neither the words nor a digest that whoever has the database alone could try names against."""
        host.survivor(name="Una Unfound", safe_contact="07700 900777", reference="R-UNA")
        kept = str(
            [list(host.database("case")[name].find()) for name in (MARKS, MARK_KEYS, "survivor_searches")]
        ).casefold()
        assert not any(words in kept for words in ("una", "unfound", "900777"))

    def test_a_correction_moves_them(self, host):
        """They are found by what is right and no longer by what stood there; what is cleared finds nobody."""
        ola = host.survivor(name="Ola Wrong", safe_contact="07700 900200")
        body = {"name": "Ola Right", "clear": ["safe_contact"], "why": "WRITTEN_WRONGLY"}
        assert host.post(f"/v1/survivors/{ola}/corrections", body).status_code == 200
        assert found(host, name="Ola Right") == {ola: ["NAME"]}
        assert found(host, name="Ola Wrong") == found(host, telephone="07700 900200") == {}

    def test_who_is_not_theirs_shows_no_sign_to_an_advocate(self, host):
        """The answer is, byte for byte, the one of a name that nobody has; a supervisor finds them."""
        ann, ben = new_id(), new_id()
        mia = host.survivor(name="Mia Hidden", advocate_id=ann)
        assert found(host, "IMSA", ann, name="Mia Hidden") == {mia: ["NAME"]}
        hidden, nobody = (search(host, "IMSA", ben, name=name) for name in ("Mia Hidden", "Nobody At All"))
        assert (hidden.status_code, hidden.data) == (nobody.status_code, nobody.data)
        assert list(found(host, name="Mia Hidden")) == [mia]

    def test_at_most_ten_are_given_and_more_counts_only_whom_one_may_see(self, host):
        """Who matches in two ways comes first."""
        ann = new_id()
        for _ in range(MOST_FOUND):
            host.post("/v1/survivors", {"name": "Many Alike"})
        twice = host.survivor(name="Many Alike", reference="MANY-1", advocate_id=ann)
        answer = search(host, name="alike many", reference="MANY-1").json
        assert len(answer["items"]) == MOST_FOUND
        assert answer["items"][0] == {"survivor_id": twice, "matched": ["NAME", "REFERENCE"]}
        assert answer["more"] is True
        assert search(host, "IMSA", ann, name="Many Alike").json["more"] is False

    def test_a_mark_that_leads_to_too_many_says_so_to_supervisors_alone(self, host, monkeypatch):
        """Whoever came after is not found by it, and whoever looks is told that there are more."""
        monkeypatch.setattr("services.case.finding.writing.MOST_UNDER_ONE", 1)
        ann = new_id()
        first = host.survivor(name="Full House", advocate_id=ann)
        second = host.survivor(name="Full House", reference="FULL-2")
        answer = search(host, name="Full House").json
        assert ([one["survivor_id"] for one in answer["items"]], answer["more"]) == ([first], True)
        assert found(host, reference="FULL-2") == {second: ["REFERENCE"]}
        assert search(host, "IMSA", ann, name="Full House").json["more"] is False

    @pytest.mark.parametrize(
        ("wanted", "code"),
        [({}, "nothing-to-find"), ({"name": " "}, "nothing-to-find"), ({"name": "x"}, "nothing-to-find"),
         ({"telephone": "12"}, "nothing-to-find"), ({"telephone": f"{PHONE} or 07700 900124"}, "nothing-to-find"),
         ({"name": "Ida Planted", "telephone": "none"}, "nothing-to-find"), ({"name": "x" * 501}, "invalid-input"),
         ({"name": ["Ida"]}, "invalid-input"), ({"nickname": "Ida"}, "invalid-input")],
    )  # fmt: skip
    def test_what_cannot_be_looked_for_is_refused_and_not_repeated(self, host, wanted, code):
        """Also where one of several fields is unreadable: half a search would say "nobody" of too little."""
        answer = search(host, **wanted)
        assert (answer.status_code, answer.json["code"]) == (422, code)
        assert "ida" not in answer.text.casefold()

    def test_one_person_searches_only_so_often_a_minute(self, host, monkeypatch):
        """Whoever tries a list of names is slow; a colleague is not held up."""
        monkeypatch.setattr("services.case.finding.views.MOST_A_MINUTE", 2)
        assert MOST_A_MINUTE > 2
        actor = new_id()
        # Two minutes are touched at most, however slow this machine is.
        statuses = [search(host, "IMSA", actor, name="Nobody").status_code for _ in range(5)]
        assert 429 in statuses
        assert search(host, "IMSA", new_id(), name="Nobody").status_code == 200

    @pytest.mark.parametrize("role", ["HOST_ADMIN", "HOST_DPO", "HOST_DATA_LEAD", "SAFEGUARDING_LEAD", "HUB_TRIAGE"])
    def test_nobody_else_searches(self, host, role):
        """Refused before the body is read, and audited."""
        assert search(host, role, nickname="x").status_code == 404
        assert host.audited(actor_id=host.actor(role), outcome="REFUSED")


class TestTwoAtOnce:
    def test_who_is_written_down_twice_is_asked_about_once_and_never_merged(self, host):
        """Only a supervisor hears of it; "two people" stays answered when the record is touched again."""
        one = host.survivor(name="Tia Twice")
        other = host.survivor(name="twice, TIA")
        (asked,) = pairs(host, one)
        assert (sorted(asked["survivor_ids"]), asked["matched"]) == (sorted((one, other)), ["NAME"])
        assert host.get("/v1/possible-duplicates", "IMSA").status_code == 404
        path = f"/v1/possible-duplicates/{asked['id']}/answer"
        assert host.post(path, {"answer": "PERHAPS"}).status_code == 422
        assert host.post(path, {"answer": "DIFFERENT_PEOPLE"}).status_code == 200
        body = {"reference": "T-1", "why": "HAS_CHANGED"}
        assert host.post(f"/v1/survivors/{one}/corrections", body).status_code == 200
        assert pairs(host, one) == []
        assert sorted(found(host, name="Tia Twice")) == sorted((one, other))

    def test_one_reference_alone_is_no_sign(self, host):
        """Two systems may give it to two people."""
        one = host.survivor(reference="SAME-1", name="Rea One")
        host.survivor(reference="SAME-1", name="Reb Two")
        assert pairs(host, one) == []

    def test_two_who_searched_found_nobody_and_wrote_at_the_same_moment_are_noticed(self, host):
        """The first has looked and not yet written when the second commits, from another process; both records stand."""
        body, first, pause = {"name": "Rae Planted", "safe_contact": PHONE_OF_RAE}, new_id(), Pause()
        assert found(host, name=body["name"]) == {}
        # Of the same host, with a committer of its own, as another process has it.
        other = replace(host.contexts["case"])
        command = RegisterSurvivor(survivor_id=first, reference=None, **body)
        made = {"sealer": Sealer.of_new(other, first), "marker": MarkKeys(other).newest()}
        run = pause.around(lambda work: register_survivor(command, work, **made))
        key = IdempotencyKey(actor_id=new_id(), key=new_id(), fingerprint="race")
        writer = threading.Thread(
            target=other.committer.execute, args=(Command(run=run, aggregates=command.aggregates, idempotency=key),)
        )
        writer.start()
        assert pause.reached.wait(PATIENCE_S)
        second = host.survivor(**body)
        pause.go.set()
        writer.join(PATIENCE_S)
        other.committer.close()
        assert pause.runs > 1
        assert sorted(found(host, name=body["name"])) == sorted((first, second))
        (asked,) = pairs(host, first)
        assert (sorted(asked["survivor_ids"]), asked["matched"]) == (sorted((first, second)), ["NAME", "TELEPHONE"])


class TestMarking:
    def test_who_was_here_before_is_found_once_the_job_has_gone_on(self, host, job):
        """Until then the search says that it did not look through everybody; a kill loses nothing."""
        early = [host.survivor(name=f"Early {word}") for word in ("Rowan", "Ash", "Elm")]
        database = host.database("case")
        database["survivors"].update_many({"_id": {"$in": early}}, {"$unset": {"marked_under": ""}})
        database[MARKS].update_many({}, {"$pull": {"survivor_ids": {"$in": early}}})
        assert search(host, name="Early Ash").json == {"items": [], "more": False, "complete": False}
        # As somebody killed after the first one leaves it.
        job._mark(early[:1], MarkKeys(host.contexts["case"]).newest())
        assert search(host, name="Early Rowan").json["complete"] is False
        job.run()
        assert search(host, name="Early Ash").json == {
            "items": [{"survivor_id": early[1], "matched": ["NAME"]}], "more": False, "complete": True,
        }  # fmt: skip
        assert found(host, name="Early Rowan") == {early[0]: ["NAME"]}

    def test_one_record_that_does_not_open_stops_no_other(self, host, job):
        """It is found no more, and everybody else is."""
        broken, whole = host.survivor(name="Bo Broken"), host.survivor(name="Wil Whole")
        survivors = host.database("case")["survivors"]
        survivors.update_one({"_id": broken}, {"$set": {"sealed.name": b"x" * 40}})
        survivors.update_many({"_id": {"$in": [broken, whole]}}, {"$unset": {"marked_under": ""}})
        job.run()
        assert search(host, name="Wil Whole").json["complete"] is True
        assert list(found(host, name="Wil Whole")) == [whole]
        survivors.delete_one({"_id": broken})

    def test_an_erasure_ends_the_key_of_every_mark_and_everybody_else_is_found_again(self, host, job):
        """No copy of the erased person's marks can be tried against their name; no row of theirs is left."""
        gone, left = host.survivor(name="Gia Gone"), host.survivor(name="Lea Left")
        also = host.survivor(name="Gia Gone")
        assert pairs(host, gone)
        case, database = host.contexts["case"], host.database("case")
        copied, marker = list(database[MARK_KEYS].find()), MarkKeys(case).newest()
        case.survivor_keys.forget(gone)
        assert list(found(host, name="Gia Gone")) == [also]
        assert pairs(host, gone) == []
        ErasureJob(case, wait=lambda _s: None, settle_s=0.0).run()
        assert search(host, name="Lea Left").json["complete"] is False
        job.run()
        assert search(host, name="Lea Left").json["complete"] is True
        assert found(host, name="Lea Left") == {left: ["NAME"]}
        assert list(found(host, name="Gia Gone")) == [also]
        assert database[MARKS].count_documents({"survivor_ids": gone}) == 0
        assert database["possible_duplicates"].count_documents({"survivor_ids": gone}) == 0
        # The copied key is closed by a tenant key that is nowhere any more, and nothing stands under the old marks.
        assert database[MARK_KEYS].count_documents({"_id": {"$in": [one["_id"] for one in copied]}}) == 0
        assert database[MARKS].count_documents({"generation": marker.generation}) == 0
        assert _opened_copies(case, copied) == 0

    def test_every_query_is_on_an_index(self, host):
        """The plans of all of them use one, also those of the job."""
        database = host.database("case")
        queries = (
            (MARKS, {"_id": {"$in": ["1-aa"]}}), (MARKS, {"generation": {"$lt": 5}}), (MARKS, {"survivor_ids": "x"}),
            ("survivors", {"marked_under": None}), ("survivors", {"marked_under": {"$lt": 5}}),
            ("possible_duplicates", {"survivor_ids": "x"}),
        )  # fmt: skip
        for collection, where in queries:
            assert "COLLSCAN" not in str(database[collection].find(where).explain()["queryPlanner"]["winningPlan"])


def _opened_copies(case, copied):
    """How many copies of marks' keys still open."""
    opened = 0
    for document in copied:
        known = MarkKey(**MARK_KEY.values(document))
        try:
            case.tenant_key.unwrap(WrappedKey(generation=known.generation, data=known.wrapped))
        except UnknownGenerationError:
            continue
        opened += 1
    return opened
