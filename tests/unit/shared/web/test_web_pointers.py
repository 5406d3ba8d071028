"""Errors of a body or query as pointers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError, fields

from shared.web.pointers import MOST_ERRORS, errors_of
from shared.web.schemas import StrictSchema


class WheelSchema(StrictSchema):
    size = fields.Integer(required=True)


class CartSchema(StrictSchema):
    label = fields.String(data_key="cartLabel")
    wheels = fields.List(fields.Nested(WheelSchema))
    notes = fields.Dict(keys=fields.String(), values=fields.Integer())


def errors(body, place="json"):
    with pytest.raises(ValidationError) as caught:
        CartSchema().load(body)
    return errors_of({place: caught.value.normalized_messages()})


class TestErrorsOf:
    def test_points_at_the_deepest_known_place(self):
        """Names of ours and positions are shown."""
        assert errors({"wheels": [{"size": 1}, {}]}) == [
            {"pointer": "#/wheels/1/size", "code": "required", "detail": "Missing data for required field."}
        ]

    def test_shows_a_field_under_its_name_on_the_wire(self):
        """The name that the caller wrote."""
        assert errors({"cartLabel": 5})[0]["pointer"] == "#/cartLabel"

    def test_does_not_repeat_an_unknown_field_s_name(self):
        """The name may be a person's."""
        assert errors({"Jane": 1, "wheels": [{"size": 1, "Doe": 2}]}) == [
            {
                "pointer": "#/wheels/0",
                "code": "unknown-field",
                "detail": "There is a field here that this address does not know.",
            },
            {
                "pointer": "#",
                "code": "unknown-field",
                "detail": "There is a field here that this address does not know.",
            },
        ]

    def test_does_not_repeat_a_free_key(self):
        """Nor the key of a free mapping."""
        assert errors({"notes": {"Jane": "x"}})[0]["pointer"] == "#/notes"

    def test_names_an_unknown_parameter_that_looks_like_one(self):
        """Parameters are spelt by programmers."""
        assert errors({"limt": 1}, "query")[0] == {
            "pointer": "#/limt", "code": "unknown-parameter", "detail": "There is no such parameter here. Correct its name, or leave it out.",
        }  # fmt: skip
        assert errors({"Jane Doe": 1}, "query")[0]["pointer"] == "#"

    @pytest.mark.parametrize("value", [2**63, float("nan"), float("inf"), "\ud800", {"x": ["\udfff"]}])
    def test_what_no_document_can_hold_is_refused(self, value):
        """It fails at the edge, not in the database."""
        assert errors({"cartLabel": value})[0]["code"] == "invalid"

    @given(count=st.integers(min_value=MOST_ERRORS + 1, max_value=200))
    def test_gives_no_more_than_a_page_of_errors(self, count):
        """A hostile body costs no endless answer."""
        assert len(errors({"wheels": [{}] * count})) == MOST_ERRORS

    @pytest.mark.parametrize("messages", [None, "text", ["text"], 5])
    def test_anything_else_has_no_errors(self, messages):
        """A werkzeug error brings none."""
        assert errors_of(messages) == []
