"""A request's reads are bounded, and a wait that its caller asked for is outside of the bound."""

import time

import pytest
from flask import Flask, g
from pymongo import _csot

from shared.web.deadlines import READ_WITHIN_S, begin_deadline, end_deadline, wait_outside


@pytest.fixture
def request_context():
    """One request, as an application has it."""
    with Flask("deadlines").test_request_context():
        yield
        end_deadline()


def test_reads_are_bounded_from_the_beginning_to_the_end_of_a_request(request_context):
    """And whoever comes after on the same thread is bound by nothing of it."""
    assert _csot.get_timeout() is None
    begin_deadline()
    assert 0 < _csot.get_timeout() <= READ_WITHIN_S
    end_deadline()
    assert _csot.get_timeout() is None


@pytest.mark.parametrize("fails", [False, True])
def test_a_wait_is_outside_and_the_bound_begins_anew_after_it(request_context, fails):
    """Also after one that failed; and the time that was waited is not the request's."""
    begin_deadline()
    g.began = time.monotonic() - 25
    seen = []

    def wait():
        seen.append(_csot.get_timeout())
        if fails:
            raise LookupError
        return "came"

    try:
        assert wait_outside(wait) == "came"
    except LookupError:
        assert fails
    assert seen == [None]
    assert 0 < _csot.get_timeout() <= READ_WITHIN_S
    assert time.monotonic() - g.began < 20
