"""A host that is older than its event store: what stood there is told once, whole, and never against a newer word."""

import contextlib
import dataclasses
import threading
from datetime import UTC, datetime, timedelta

import pytest

from services.case.survivors.erasure import ErasureJob
from services.case.telling import telling
from services.case.telling.documents import TELLINGS, TOLD
from services.case.telling.telling import TellOnce
from shared.contracts.case import EpisodeClosed, EpisodeOpened, EverythingTold, SurvivorAssigned
from shared.contracts.consent import ConsentStatusChanged
from shared.contracts.public import SOURCES
from shared.outbox.commands import Answer, Command
from tests.integration.integrations.test_store import opened

BEFORE = ("audit", "integrations")


@pytest.fixture
def older(place, monkeypatch):
    """A host at which nothing was told yet, and whose integrations hears nothing until it is served."""
    place.database("case")[TELLINGS].delete_many({})
    place.pump()
    monkeypatch.setattr(place, "deaf", BEFORE)
    place.register_wording()
    yield place
    place.pump()


@pytest.fixture
def serve(older, monkeypatch):
    """Integrations begins to hear what is stated from now on, in an empty store."""

    def serve():
        database = older.database("integrations")
        for name in ("events", "states", "positions", "erased", "inbox", "latest", "streams"):
            database[name].delete_many({})
        monkeypatch.setattr(older, "deaf", ("audit",))

    return serve


@pytest.fixture
def tell(older):
    """The job, and then what it told is carried to whoever hears it."""

    def tell():
        TellOnce(older.contexts["case"]).run()
        older.pump()

    return tell


def by_subject(store, subject):
    return [e for e in store.read(0).events if e.subject == subject]


def close(place, row):
    place.post(f"/v1/episodes/{row['id']}/close", {"reason": "DECEASED"}, If_Match=f'"{row["version"]}"')
    place.pump()


class TestWhatStoodBefore:
    def test_it_is_told_once_whole_and_thin(self, older, serve, tell, store, monkeypatch):
        """Survivors, episodes with their end, and where decisions stand; chunk by chunk, gapless, none twice."""
        monkeypatch.setattr(telling, "CHUNK", 2)
        rows = [older.episode() for _ in range(5)]
        older.give(rows[0]["survivor_id"])
        close(older, rows[1])
        serve()
        tell()
        tell()
        TellOnce(older.contexts["case"]).run()
        older.pump()
        events = store.read(0).events
        assert [e.position for e in events] == list(range(1, len(events) + 1))
        assert len({e.id for e in events}) == len(events)
        ours = [e for e in events if e.subject in {row["id"] for row in rows}]
        assert sorted(e.type for e in ours) == [EpisodeClosed.event_type, *[EpisodeOpened.event_type] * 5]
        assert [e.type for e in by_subject(store, rows[1]["id"])] == [
            EpisodeOpened.event_type,
            EpisodeClosed.event_type,
        ]
        (assigned,) = by_subject(store, rows[0]["survivor_id"])
        assert assigned.type == SurvivorAssigned.event_type
        said = [e for e in events if e.type == ConsentStatusChanged.event_type and e.data]
        assert {"GIVEN"} == {e.data["status"] for e in said if e.survivor_id == rows[0]["survivor_id"]}
        assert all(e.data["until"] > e.data["effective_at"] for e in said if e.data["status"] == "GIVEN")
        assert "DECEASED" not in str(events)
        assert "NOT_TOLD" not in str(events)

    def test_nobody_who_was_erased_is_told_of(self, older, serve, tell, store):
        """Neither the episode nor the decision, though what says whose they were is long gone from here."""
        row, other = older.episode(), older.episode()
        older.give(row["survivor_id"])
        older.contexts["case"].survivor_keys.forget(row["survivor_id"])
        ErasureJob(older.contexts["case"], wait=lambda _s: None, settle_s=0.0).run()
        older.pump()
        serve()
        tell()
        assert row["survivor_id"] not in str(store.read(0).events)
        assert row["id"] not in str(store.read(0).events)
        assert by_subject(store, other["id"])

    def test_an_erasure_on_its_way_is_stronger_than_what_is_told(self, older, serve, store):
        """The erasure is heard first, what was told before it comes after: nothing is kept, not even a position."""
        row = older.episode()
        serve()
        TellOnce(older.contexts["case"]).run()
        note = {"_id": row["survivor_id"], "at": datetime.now(UTC), "cleared": True, "tenant_id": "x", "version": 1}
        older.database("integrations")["erased"].insert_one(note)
        older.pump()
        assert row["survivor_id"] not in str(store.read(0).events)
        assert not [e for e in store.read(0).events if e.left_out]


class TestRaces:
    def test_a_newer_word_is_not_told_over(self, older, serve, tell, store):
        """What happened since the store began comes by itself; of an episode whose end came, its beginning is added."""
        row, given = older.episode(), older.episode()
        answer = older.give(given["survivor_id"]).json
        serve()
        close(older, row)
        assert older.post(f"/v1/consents/{answer['id']}/withdraw").status_code == 200
        older.pump()
        withdrawn = by_subject(store, answer["id"])
        tell()
        assert sorted(e.type for e in by_subject(store, row["id"])) == [
            EpisodeClosed.event_type,
            EpisodeOpened.event_type,
        ]
        assert by_subject(store, answer["id"]) == withdrawn
        assert [e.data["status"] for e in withdrawn] == ["WITHDRAWN"]

    def test_the_same_beginning_comes_once_whichever_way_is_faster(self, older, serve, tell, store):
        """Told before its own event came, which a retry had held up."""
        row = older.episode()
        serve()
        tell()
        assert len(by_subject(store, row["id"])) == 1
        late = dataclasses.replace(opened(row["survivor_id"]), episode_id=row["id"])

        def stated(work):
            work.record(late, sequence=1)
            return Answer(status=200)

        older.contexts["case"].committer.execute(Command(run=stated))
        older.pump()
        assert len(by_subject(store, row["id"])) == 1

    def test_two_at_once_and_kills_tell_each_thing_once(self, older, serve, store, monkeypatch):
        """Side by side, each ending early again and again: every episode is told once, and the end is said once."""
        monkeypatch.setattr(telling, "CHUNK", 1)
        rows = [older.episode() for _ in range(6)]
        serve()
        before = len(older.stated("case", EverythingTold.event_type))

        context = older.contexts["case"]

        def run():
            for _ in range(30):
                with contextlib.suppress(Exception):
                    # As killed: whoever is next knows nothing but what was committed.
                    context.committer.execute(Command(run=TellOnce(context)._chunk))

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        TellOnce(older.contexts["case"]).run()
        older.pump()
        told = [e for e in older.stated("case", "episode_told.v1") if e["subject"] in {row["id"] for row in rows}]
        assert sorted(e["subject"] for e in told) == sorted(row["id"] for row in rows)
        assert len(older.stated("case", EverythingTold.event_type)) == before + 1


class TestHonesty:
    def test_it_is_whole_only_once_all_of_it_is_here(self, older, serve, tell, snapshots):
        """Told is not heard: both services' marks must say that nothing of it is on its way."""
        older.episode()
        serve()
        assert snapshots.page(None, limit=1)["whole"] is False
        tell()
        assert snapshots.page(None, limit=1)["whole"] is False
        told_at = older.database("integrations")["positions"].find_one({"_id": "head"})["told_at"]
        streams = older.database("integrations")["streams"]

        def mark(source, through, applied):
            values = {"applied_through": through, "source_applied": applied}
            streams.update_one({"_id": source}, {"$set": values}, upsert=True)

        mark("case", told_at, {})
        assert snapshots.page(None, limit=1)["whole"] is False
        mark("consent", told_at + timedelta(minutes=1), {"case": told_at - timedelta(seconds=1)})
        assert snapshots.page(None, limit=1)["whole"] is False
        mark("consent", told_at + timedelta(minutes=2), {"case": told_at})
        assert snapshots.page(None, limit=1)["whole"] is True
        mark("case", told_at - timedelta(seconds=1), {})
        assert snapshots.page(None, limit=1)["whole"] is False

    def test_a_later_page_says_no_more_of_itself_than_the_first(self, older, serve, tell, snapshots):
        """What comes while somebody turns pages is in none of them, so none of them is whole or more complete for it."""
        older.episode()
        older.episode()
        serve()
        tell()
        first = snapshots.page(None, limit=1)
        now = older.database("integrations")["positions"].find_one({"_id": "head"})["told_at"] + timedelta(minutes=1)
        streams = older.database("integrations")["streams"]
        for source in SOURCES:
            values = {"applied_through": now, "source_applied": {"case": now}}
            streams.update_one({"_id": source}, {"$set": values}, upsert=True)
        later = snapshots.page(first["next"], limit=1)
        assert (first["whole"], later["whole"]) == (False, False)
        assert first["complete_through"] == later["complete_through"] != now
        begun_anew = snapshots.page(None, limit=1)
        assert (begun_anew["whole"], begun_anew["complete_through"]) == (True, now)

    def test_once_told_it_reads_nothing_more(self, older, tell):
        """The note is kept, and a new process finds it."""
        tell()
        assert older.database("case")[TELLINGS].find_one()["stage"] == TOLD
        stated = len(older.stated("case"))
        tell()
        assert len(older.stated("case")) == stated
