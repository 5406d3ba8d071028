"""Who may do what at the board and at the custodian, written out; never taken from the code."""

import pytest

from shared.kernel.ids import new_id
from shared.runtime.rooms import service_of

pytestmark = pytest.mark.integration

READERS = {"BOARD_MEMBER", "STATISTICIAN", "RELEASE_APPROVER", "DATA_GUARDIAN", "PLATFORM_OPERATOR"}
WHO_MAY = {
    ("GET", "/v1/tasks"): READERS,
    ("POST", "/v1/tasks"): {"STATISTICIAN"},
    ("GET", "/v1/hosts"): READERS,
    ("GET", "/v1/host-logs"): READERS,
    ("GET", "/v1/releases"): READERS,
    ("POST", "/v1/releases"): {"STATISTICIAN"},
    ("GET", "/v1/releases/drafts"): {"STATISTICIAN", "RELEASE_APPROVER", "DATA_GUARDIAN"},
    ("GET", "/v1/releases/<uuid:release_id>"): READERS,
    ("POST", "/v1/releases/<uuid:release_id>/approve"): {"RELEASE_APPROVER", "DATA_GUARDIAN"},
    ("POST", "/v1/releases/<uuid:release_id>/delay"): {"RELEASE_APPROVER", "DATA_GUARDIAN"},
    ("GET", "/v1/releases/<uuid:release_id>/tables/<table_id>"): READERS,
    ("POST", "/v1/releases/<uuid:release_id>/tables/<table_id>/erase"): {"DATA_GUARDIAN"},
    ("GET", "/v1/learnings"): READERS,
    ("POST", "/v1/learnings"): {"STATISTICIAN"},
    ("POST", "/v1/learnings/<uuid:learning_id>/approve"): {"RELEASE_APPROVER", "DATA_GUARDIAN"},
}


def test_every_route_of_the_board_stands_in_the_table(place):
    """A new route is written down here with who may use it."""
    groups = service_of("board").route_groups(place.board)
    assert {(route.method, route.path) for group in groups for route in group.routes} == set(WHO_MAY)


@pytest.mark.parametrize("role", sorted(READERS))
def test_a_role_may_what_the_table_says_and_learns_nothing_of_the_rest(place, role):
    """Who has the right is told what is wrong with what they sent; to everybody else there is nothing here."""
    release, token = place.publish(), place.token(role)
    words = {"<uuid:release_id>": release["_id"], "<uuid:learning_id>": new_id(), "<table_id>": "GENDER"}
    for (method, template), roles in WHO_MAY.items():
        path = template
        for name, value in words.items():
            path = path.replace(name, value)
        sent = {"headers": {**token, "Idempotency-Key": new_id()}}
        if method == "POST":
            sent["json"] = {"no-such-field": 1}
        right = 422 if method == "POST" else 200
        answer = place.http.open(path, method=method, **sent)
        assert answer.status_code == (right if role in roles else 404), (method, template)


def test_the_custodian_shows_its_tasks_and_the_hosts_logs_to_two_roles_and_has_no_other_route():
    """Its data guardian and the operator; nobody sees a figure there, so nobody else needs to look."""
    groups = service_of("custodian").route_groups(_Anywhere())
    found = {(route.method, route.path): set(route.roles) for group in groups for route in group.routes}
    both = {"DATA_GUARDIAN", "PLATFORM_OPERATOR"}
    assert found == {("GET", "/v1/tasks"): both, ("GET", "/v1/host-logs"): both}


class _Anywhere:
    """Enough of a context to say which routes there are."""

    database_name = "nowhere"

    @property
    def client(self):
        return {"nowhere": {"tasks": None}}
