"""Addresses that will go say so to whoever may use them, in the form of RFC 9745 and RFC 8594."""

from datetime import UTC, datetime

import pytest

from shared.web.routes import ANYBODY, Deprecation, Route, RouteGroup, RouteMisdescribedError
from tests.kit.web_place import web_place

pytestmark = pytest.mark.integration

SINCE, ENDS = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 11, 1, 12, 30, tzinfo=UTC)


def group(_database):
    common = {"method": "GET", "says": "Say it.", "view": lambda _: {"n": 1}, "action": "case:old:read"}
    old = Deprecation(since=SINCE, ends=ENDS, instead="GET /v1/new")
    return RouteGroup(
        name="old",
        about="What goes",
        routes=[
            Route(path="/v1/old", roles=ANYBODY, deprecated=old, **common),
            Route(path="/v1/hidden", roles=["SUPERVISOR"], deprecated=old, **common),
            Route(
                path="/v1/undecided",
                roles=ANYBODY,
                deprecated=Deprecation(since=SINCE, instead="GET /v1/new"),
                **common,
            ),
            Route(path="/v1/new", roles=ANYBODY, **common),
        ],
    )


@pytest.fixture(scope="module")
def stack(engines):
    with web_place(engines, group) as made:
        yield made


def ask(stack, path, role="IMSA"):
    return stack.app.test_client().get(path, headers={"Authorization": f"Bearer {stack.token(role)}"})


def test_each_answer_says_since_when_until_when_and_where(stack):
    """A structured date, an HTTP date, and a link to the page that this server has."""
    answer = ask(stack, "/v1/old")
    assert answer.status_code == 200
    assert answer.headers["Deprecation"] == f"@{int(SINCE.timestamp())}"
    assert answer.headers["Sunset"] == "Mon, 01 Nov 2027 12:30:00 GMT"
    assert answer.headers["Link"] == '</docs/reference#deprecated>; rel="deprecation"; type="text/html"'
    page = stack.app.test_client().get("/docs/reference").text
    assert "gone from 2027-11-01. Use GET /v1/new." in page
    assert ask(stack, "/v1/old?wrong=1").headers["Deprecation"]


def test_what_nobody_decided_is_not_said(stack):
    """No Sunset without an end; nothing at all of an address that stays."""
    assert "Sunset" not in ask(stack, "/v1/undecided").headers
    assert not {"Deprecation", "Sunset", "Link"} & set(ask(stack, "/v1/new").headers.keys())


def test_who_may_not_use_it_learns_nothing(stack):
    """Their 404 is that of an address that is not there, and their 401 the same as everywhere."""
    for path, role in (("/v1/hidden", "IMSA"), ("/v1/nowhere", "IMSA")):
        answer = ask(stack, path, role)
        assert answer.status_code == 404
        assert "Deprecation" not in answer.headers
    refused = stack.app.test_client().get("/v1/old")
    assert refused.status_code == 401
    assert "Deprecation" not in refused.headers


def test_the_document_says_it_too(stack):
    """``deprecated`` and a sentence."""
    paths = stack.app.test_client().get("/openapi.json").json["paths"]
    assert paths["/v1/old"]["get"]["deprecated"] is True
    assert "Use GET /v1/new." in paths["/v1/old"]["get"]["description"]
    assert "deprecated" not in paths["/v1/new"]["get"]


@pytest.mark.parametrize("wrong", [{"since": ENDS, "ends": SINCE}, {"since": datetime(2026, 1, 1)}])  # noqa: DTZ001
def test_an_end_before_the_beginning_is_found_at_the_start(wrong):
    """Before any process serves it."""
    with pytest.raises(RouteMisdescribedError):
        Deprecation(instead="GET /v1/new", **wrong)
