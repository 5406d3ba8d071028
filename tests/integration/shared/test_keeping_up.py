"""Whoever keeps up with a list by ``again_from`` misses nothing, whatever is under way while they read."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest

from services.case.tasks.documents import TaskStore
from services.case.tasks.rules import CHILD_TASK, OPEN, Task
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, Command
from shared.web import listing, paging

pytestmark = pytest.mark.integration

PATH = "/v1/safeguarding-tasks"


def opening(task_id, meanwhile):
    """A command that opens a task and is not committed before something else has happened."""

    def run(work):
        at = work.now
        task = Task(
            id=task_id, kind=CHILD_TASK, state=OPEN, urgent=True, nation="WALES", import_id=new_id(), row=1,
            opened_at=at, updated_at=at,
        )  # fmt: skip
        TaskStore(work).open_once(task)
        meanwhile()
        return Answer(status=200)

    return Command(run=run)


def read(place, since=None, limit=200):
    """All pages of one reading: ids, and from when to ask again."""
    found, after, told = set(), None, set()
    while True:
        query = {"limit": limit, "after": after, "updated_since": since}
        given = {name: value for name, value in query.items() if value is not None}
        page = place.get(PATH, query_string=given).json
        found |= {item["id"] for item in page["items"]}
        told.add(page["again_from"])
        after = page["next"]
        if after is None:
            assert len(told) == 1, "each page of a reading says the same"
            return found, told.pop()


@pytest.fixture
def elsewhere(place):
    """A committer of another process: the API's own is free to note what is read."""
    context = replace(place.contexts["case"])
    yield context.committer
    context.committer.close()


def test_what_was_under_way_is_seen_by_the_next_reading(place, elsewhere):
    """It bears an earlier time than the reading, is not seen by it, and is seen by the one after it."""
    task, begun, go = new_id(), threading.Event(), threading.Event()

    def meanwhile():
        begun.set()
        assert go.wait(8)

    future = elsewhere.submit(opening(task, meanwhile))
    assert begun.wait(8)
    first, again_from = read(place)
    go.set()
    future.result(timeout=20)
    second, _ = read(place, again_from)
    assert task not in first
    assert task in second


def test_the_pages_of_one_reading_tell_when_its_first_one_began(place, elsewhere):
    """A change that is committed between two pages may lie before the cursor: the next reading begins before it."""
    tasks = [new_id() for _ in range(3)]
    for task in tasks:
        elsewhere.execute(opening(task, lambda: None))
    first = place.get(f"{PATH}?limit=1").json
    second = place.get(f"{PATH}?limit=1&after={first['next']}").json
    assert second["again_from"] == first["again_from"]
    link = place.get(f"{PATH}?limit=1").headers["Link"]
    assert 'rel="next"' in link


def test_a_cursor_of_an_older_version_is_taken(place, elsewhere):
    """An upgrade in the midst of a reading loses nothing; what no instant is, is not said on."""
    elsewhere.execute(opening(new_id(), lambda: None))
    at = "2026-01-01T00:00:00+00:00"
    for cursor in (
        listing.make_cursor(datetime.fromisoformat(at), "0"),
        paging._encoded(listing.make_cursor(datetime.fromisoformat(at), "0"), "Jane"),
    ):
        answer = place.get(PATH, query_string={"after": cursor})
        assert answer.status_code == 200
        assert datetime.fromisoformat(answer.json["again_from"]).year >= 2026


def test_nothing_is_missed_among_many_writers(place):
    """Four processes write with delays before their commits while one keeps up, page by page: in the end it has all."""
    contexts = [replace(place.contexts["case"]) for _ in range(4)]
    pauses, written, done = random.Random(7), [], threading.Event()

    def write(committer, waits):
        for wait_s in waits:
            task = new_id()
            committer.execute(opening(task, lambda wait_s=wait_s: threading.Event().wait(wait_s)))
            written.append(task)

    waits = [[pauses.choice((0, 0, 0.05, 0.4)) for _ in range(8)] for _ in contexts]
    seen, since = set(), None
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(write, c.committer, w) for c, w in zip(contexts, waits, strict=True)]
        while not done.is_set():
            if all(future.done() for future in futures):
                done.set()
            found, since = read(place, since, limit=7)
            seen |= found
        for future in futures:
            future.result()
    for context in contexts:
        context.committer.close()
    assert len(written) == 32
    assert set(written) <= seen


def test_the_database_ends_old_transactions_as_the_rule_counts_on(place):
    """60 s, looked for each 30: within the overlap, with what the API itself allows before the first statement."""
    found = place._admin.admin.command({"getParameter": 1, "transactionLifetimeLimitSeconds": 1})
    lifetime_s = found["transactionLifetimeLimitSeconds"]
    assert 10 + lifetime_s * 1.5 <= listing.OVERLAP.total_seconds()


class TestFilters:
    def test_filters_hold_together(self, place):
        """State, nation and advocate; an advocate's own filter opens nobody else's."""
        mine = place.episode(advocate_id=place.actor("IMSA"), nation="SCOTLAND")
        other = place.episode(nation="SCOTLAND")
        place.post(f"/v1/episodes/{other['id']}/close", {"reason": "DECEASED"}, If_Match='"1"')

        def ids(query, role="SUPERVISOR"):
            found, after = set(), ""
            while after is not None:
                page = place.get(f"/v1/episodes?limit=200{query}{after}", role).json
                found |= {item["id"] for item in page["items"]}
                after = f"&after={page['next']}" if page["next"] else None
            return found & {mine["id"], other["id"]}

        assert ids("&nation=SCOTLAND") == {mine["id"], other["id"]}
        assert ids("&nation=SCOTLAND&status=CLOSED") == {other["id"]}
        assert ids(f"&advocate_id={place.actor('IMSA')}&nation=SCOTLAND") == {mine["id"]}
        assert ids(f"&advocate_id={new_id()}") == set()
        assert ids("&status=CLOSED", "IMSA") == set()
        assert ids(f"&advocate_id={new_id()}", "IMSA") == set()
        for query in ("status=OPEN", "nation=FRANCE", "advocate_id=me"):
            assert place.get(f"/v1/episodes?{query}").status_code == 422

    def test_a_machine_sees_ids_and_codes_alone(self, place):
        """With its scope; neither the day of referral nor the nationality, which are sealed."""
        place.episode()
        http = place.app.test_client()
        answers = {
            scope: http.get("/v1/episodes", headers=place.headers("INTEGRATOR", scopes={scope}))
            for scope in ("episodes:read", "imports:write")
        }
        assert answers["imports:write"].status_code == 404
        rows = answers["episodes:read"].json["items"]
        assert rows
        assert all({"referral_date", "nationality"}.isdisjoint(row) and "status" in row for row in rows)

    def test_survivors_are_listed_to_who_may_act(self, place):
        """A supervisor sees all, by advocate if they wish; an advocate sees their own."""
        mine, other = place.survivor("IMSA", name="Listed"), place.survivor(name="Other")
        wanted = {"updated_since": place.get("/v1/survivors").json["again_from"], "limit": 200}

        def rows(role, **query):
            page = place.get("/v1/survivors", role, query_string={**wanted, **query}).json
            return {item["id"]: item for item in page["items"]}

        assert {mine, other} <= set(rows("SUPERVISOR"))
        own = rows("IMSA")
        assert (mine in own, other in own) == (True, False)
        assert own[mine]["advocate_ids"] == [place.actor("IMSA")]
        assert other not in rows("SUPERVISOR", advocate_id=place.actor("IMSA"))

    @pytest.mark.parametrize(
        ("collection", "where"),
        [
            ("episodes", {"advocate_id": "x"}), ("episodes", {"status": "ACTIVE"}), ("episodes", {"nation": "WALES"}),
            ("episodes", {}), ("survivors", {"$and": [{"advocate_ids": "x"}]}), ("survivors", {}),
        ],
    )  # fmt: skip
    def test_each_list_reads_an_index_in_its_order(self, place, collection, where):
        """No list sorts in memory or reads a whole collection."""
        plan = place.database("case")[collection].find(where).sort([("updated_at", 1), ("_id", 1)]).limit(51).explain()
        stages = str(plan["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in stages
        assert "'SORT'" not in stages
        assert "COLLSCAN" not in stages
