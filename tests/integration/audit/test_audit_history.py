"""The history over HTTP: newest first, by filters that all must fit, and looks told from changes on every route."""

from datetime import timedelta

import pytest

from services.audit.history.rules import CHANGED, LOOKED, REFUSED, kind_of
from shared.kernel.ids import new_id
from shared.outbox.commands import DomainCommand
from shared.runtime.rooms import service_of
from tests.kit.audited import NOON, batch_of, hear


def history(place, **query):
    answer = place.app.test_client().get("/v1/audit/history", query_string=query, headers=place.headers("HOST_DPO"))
    assert answer.status_code == 200, answer.json
    return answer.json


def whole(place, **query):
    """Every page."""
    found, after = [], None
    while True:
        page = history(place, **query, **({"after": after} if after else {}))
        found += page["items"]
        assert len({one["id"] for one in found}) == len(found)
        after = page["next"]
        if after is None:
            return found


def test_who_looked_at_a_record_and_who_changed_it(place):
    """Newest first; a refused look is no look."""
    row = place.episode()
    place.get(f"/v1/episodes/{row['id']}")
    place.get(f"/v1/episodes/{row['id']}", "BOARD_MEMBER")
    place.pump()
    found = history(place, object_id=row["id"])["items"]
    assert [(one["action"], one["kind"]) for one in found][-2:] == [
        ("case:episode:read", LOOKED), ("case:episode:open", CHANGED),
    ]  # fmt: skip
    by_kind = {kind: whole(place, object_id=row["id"], kind=kind) for kind in (LOOKED, CHANGED, REFUSED)}
    assert {one["action"] for one in by_kind[CHANGED]} == {"case:episode:open"}
    assert {one["role"] for one in by_kind[LOOKED]} == {"SUPERVISOR"}
    assert sum(map(len, by_kind.values())) == len(found)


@pytest.mark.parametrize("limit", [1, 3, 200])
def test_pages_show_everything_once_newest_first(context, place, limit):
    """Whatever the page, and though new ones come meanwhile."""
    actor = new_id()
    for n in range(4):
        place.at(NOON + timedelta(minutes=n))
        hear(context, batch_of(2, actor_id=actor))
    ids = [one["id"] for one in whole(place, actor_id=actor, limit=limit)]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 8


def test_filters_all_must_fit(context, place):
    """Whose, by whom, what, and when."""
    actor, day = new_id(), timedelta(days=1)
    hear(context, batch_of(2, actor_id=actor, at=NOON))
    hear(context, batch_of(3, actor_id=actor, at=NOON + day, action="case:episode:close"))
    hear(context, batch_of(1, at=NOON + day))

    def found(**query):
        return len(whole(place, **query))

    assert found(actor_id=actor) == 5
    assert found(actor_id=actor, action="case:episode:close") == 3
    assert found(actor_id=actor, kind=LOOKED) == 2
    assert found(actor_id=actor, since=(NOON + day).isoformat()) == 3
    assert found(actor_id=actor, until=(NOON + day).isoformat()) == 2
    assert found(role="IMSA", service="case", since=(NOON + day).isoformat()) == 4
    assert found(actor_id=actor, service="consent") == 0


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("kind=SEEN", "kind"),
        ("since=yesterday", "since"),
        ("object_id=a%20b", "object_id"),
        ("limit=0", "limit"),
        ("x=1", "x"),
    ],
)
def test_a_filter_that_is_not_right_is_pointed_at(place, query, pointer):
    """422, not an empty list that looks like "nobody looked"."""
    answer = place.get(f"/v1/audit/history?{query}", "HOST_DPO")
    assert (answer.status_code, [e["pointer"] for e in answer.json["errors"]]) == (422, [f"#/{pointer}"])


def test_every_route_is_classed_as_what_it_does(place):
    """Whatever shows something is a look, whatever carries something out a change: of every service that runs here."""
    wrong = []
    for service, context in place.contexts.items():
        for group in service_of(service).route_groups(context):
            for route in group.routes:
                if route.named is not None and not route.open:
                    shows = route.view is not None or (route.command is None and route.method == "GET")
                    if kind_of(route.named, "ALLOWED") != (LOOKED if shows else CHANGED):
                        wrong.append((route.named, shows))
    assert wrong == [], "add the last word of what only shows something to services/audit/history/rules.py"


def commands(base=DomainCommand):
    """Every command of every service that runs here; their routes were loaded by the host."""
    for one in base.__subclasses__():
        yield from commands(one)
        if isinstance(getattr(one, "action", None), str) and one.__module__.startswith("services."):
            yield one


def test_every_command_is_a_change(place):
    """Also those that a route chooses among by what was sent."""
    found = {one.action for one in commands()}
    assert len(found) > 40
    assert {action for action in found if kind_of(action, "ALLOWED") != CHANGED} == set()
