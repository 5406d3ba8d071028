"""Cursors."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from shared.web.listing import PageRequest, make_cursor
from shared.web.paging import PageQuerySchema

INSTANTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(at=INSTANTS, last=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_a_cursor_comes_back_as_the_position_that_made_it(at, last):
    """Whatever the id holds."""
    query = PageQuerySchema().load({"after": make_cursor(at, last)})
    assert PageRequest.of(query).after == (at, last)


@given(text=st.text(max_size=80))
def test_any_other_text_is_refused(text):
    """It is a problem of the caller, never a fault of ours."""
    try:
        position = PageQuerySchema().load({"after": text})["after"]
    except ValidationError:
        return
    assert position[0].tzinfo is not None


def test_without_parameters_a_list_gives_its_first_fifty():
    """The default page."""
    assert PageRequest.of(PageQuerySchema().load({})) == PageRequest(limit=50, after=None, updated_since=None)


@pytest.mark.parametrize("limit", ["0", "201", "x", "-1"])
def test_a_page_has_one_to_two_hundred_entries(limit):
    """More would be an export."""
    with pytest.raises(ValidationError):
        PageQuerySchema().load({"limit": limit})
