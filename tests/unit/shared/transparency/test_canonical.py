"""One object, one spelling, and a refusal where there would be two."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transparency.canonical import MOST, NotCanonicalError, canonical

NAMES = st.text(st.characters(max_codepoint=127), max_size=8)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-MOST, MOST) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def test_the_examples_of_the_rfc_that_hold_no_fraction():
    """RFC 8785, 3.2.2 and 3.2.3: escapes in texts, literals, and the order of names."""
    text = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\\\"\u002f"
    assert (
        canonical({"string": text, "literals": [None, True, False]})
        == ('{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\\\\\"/"}').encode()
    )
    assert canonical({"1": "One", "\r": "Carriage Return", "A": 0, "": 1}) == (
        b'{"":1,"\\r":"Carriage Return","1":"One","A":0}'
    )


@given(st.dictionaries(NAMES, PLAIN, max_size=5))
def test_whatever_order_it_came_in_it_has_one_spelling_that_reads_back(value):
    """Spelling what was read gives the same bytes, and nothing is lost by it."""
    spelt = canonical(value)
    assert json.loads(spelt) == value
    assert canonical(dict(reversed(json.loads(spelt).items()))) == spelt


@pytest.mark.parametrize(
    "value", [0.5, float("nan"), MOST + 1, -MOST - 1, b"x", {"é": 1}, {1: 1}, (1,), "\ud800", [{"a": 1.0}]]
)
def test_what_has_no_single_spelling_is_refused(value):
    """Not rounded, not guessed; and the error does not say the value."""
    with pytest.raises(NotCanonicalError) as refused:
        canonical({"a": value})
    assert "0.5" not in str(refused.value)
