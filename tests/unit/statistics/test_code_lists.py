"""Every code list: closed, sourced, dated, without doubles; a code comes back or raises, and is never repeated."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codelists import lists
from shared.codelists.errors import UnknownCodeError

NAMES = lists.names()


@pytest.mark.parametrize("name", NAMES)
class TestEveryList:
    def test_round_trip(self, name):
        """Each code comes back from ``require`` and has words in English; Welsh falls back to them."""
        found = lists.get(name)
        assert found.name == name
        for code in found.codes:
            assert found.require(code) == code
            assert found.label(code).strip()
            assert found.label(code, lists.WELSH).strip()

    def test_is_versioned_sourced_and_dated(self, name):
        """Version, day and source stand in the file, and each code has a source."""
        found = lists.get(name)
        assert found.version >= 1
        assert isinstance(found.dated, date)
        assert found.source
        assert all(entry.source for entry in found.entries.values())

    def test_words_stand_once(self, name):
        """No two codes of a list have the same words."""
        labels = [entry.label_en for entry in lists.get(name).entries.values()]
        assert len(labels) == len(set(labels))

    def test_what_rolls_up_arrives(self, name):
        """The coarser code that stands for it is in the same list or in the board's own."""
        found = lists.get(name)
        board = lists.get(f"board_{name}").codes if f"board_{name}" in NAMES else ()
        for entry in found.entries.values():
            assert entry.rolls_up_to in (None, *found.codes, *board)
            assert entry.rolls_up_to != entry.code

    def test_an_unknown_code_raises_without_repeating_it(self, name):
        """The message names the list, and never what somebody wrote."""
        with pytest.raises(UnknownCodeError) as caught:
            lists.get(name).require("JANE_DOE_OF_HANOI")
        assert name in str(caught.value)
        assert "JANE" not in str(caught.value)

    def test_days_of_use(self, name):
        """Both ends count; the day outside does not."""
        for entry in lists.get(name).entries.values():
            assert entry.valid_from is None or entry.is_valid(entry.valid_from)
            assert entry.valid_from is None or not entry.is_valid(entry.valid_from - timedelta(days=1))
            assert entry.valid_to is None or not entry.is_valid(entry.valid_to + timedelta(days=1))


def test_a_list_cannot_be_changed():
    """Lists are read once and shared by all; nobody adds a code in passing."""
    with pytest.raises(TypeError):
        lists.get("gender").entries["NEW"] = None


def test_three_ways_not_to_answer_stay_three():
    """Not asked, declined and not known are never one code, in every list that takes them."""
    declinable = [name for name in NAMES if "DECLINED_TO_ANSWER" in lists.get(name).codes]
    assert "gender" in declinable
    for name in declinable:
        assert {"NOT_ASKED", "DECLINED_TO_ANSWER", "NOT_KNOWN"} <= set(lists.get(name).codes)


@given(st.text(max_size=30).filter(lambda text: text not in NAMES))
def test_there_are_no_other_lists(name):
    """A name that is no list raises, a path out of the folder too."""
    with pytest.raises(UnknownCodeError):
        lists.get(name)


def test_a_code_of_a_newer_version_is_shown_as_words():
    """An old page does not fail on a code that it does not know yet."""
    assert lists.get("gender").label("SOMETHING_NEW") == "Something new"
