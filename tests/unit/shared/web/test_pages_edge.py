"""What a page asks of another service's API, and how long its reader waits for that; no database."""

from types import SimpleNamespace

import pytest
from flask import Flask, g
from pymongo import _csot

from shared.web.deadlines import begin_deadline, end_deadline, waited_s
from shared.web.pages import edge


@pytest.fixture
def shown():
    """``shown(waited)`` gives what a page shows whose reader has waited for so many seconds when it asks."""
    app = Flask("edge")
    app.extensions[edge.EXTENSION] = SimpleNamespace(token=lambda _request: "token")
    app.before_request(begin_deadline)
    app.teardown_request(end_deadline)
    app.config["waited"] = 0.0

    @app.get("/page")
    def page():
        g.waiting_since -= app.config["waited"]
        return {"told": edge.ask("/v1/names")}

    @app.get("/v1/names")
    def names():
        return {"waited": waited_s(), "left": _csot.remaining()}

    def show(waited):
        app.config["waited"] = waited
        return app.test_client().get("/page").json["told"]

    return show


def test_what_a_page_asks_has_two_seconds(shown):
    """A name is not worth more of the reader's ten."""
    assert 0 < shown(0)["left"] <= 2


def test_what_a_reader_has_waited_counts_for_what_is_asked_too(shown):
    """Several questions of a page wait no longer than one: they share the time of its own reads."""
    told = shown(5)
    assert told["waited"] >= 5
    assert 0 < told["left"] <= 1.5


def test_nobody_is_asked_when_the_time_is_used_up(shown):
    """The page is shown without."""
    assert shown(7) is None
