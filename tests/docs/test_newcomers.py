"""Newcomers' paths are short enough to be read, and each estimate says what it is made of."""

import pytest

from tests.docs import newcomers
from tests.docs.newcomers import MOST_READING_S, MOST_S, PATHS, Estimate, reading_s, words_of
from tests.docs.reading import RUN, blocks


@pytest.mark.parametrize("name", PATHS)
def test_a_path_is_read_within_ten_minutes(name):
    """Of the fifteen that somebody gives something new."""
    assert reading_s(PATHS[name]) <= MOST_READING_S, f"{words_of(PATHS[name])} words"


@pytest.mark.parametrize("name", PATHS)
def test_a_path_is_carried_out_and_not_only_read(name):
    """At least half of its blocks are run by the test that times them."""
    marks = [block.mark for block in blocks(PATHS[name])]
    assert marks
    assert marks.count(RUN) * 2 >= len(marks)


def test_an_estimate_is_made_of_reading_and_running_and_says_so(tmp_path):
    """400 words are two minutes; a link counts its words, a comment none."""
    page = tmp_path / "page.md"
    page.write_text("<!-- run -->\n" + "word " * 398 + "[two words](https://an.address.example/of/many/words)\n")
    assert reading_s(page) == 120.0
    said = Estimate(name="a path", reading_s=120.0, running_s=60.0, busy=0.5).words()
    assert said.startswith("estimate: a path: 3.0 minutes, of which 2.0 reading at 200 words a minute")
    assert "not judged" not in said


def test_a_busy_machine_judges_nobody():
    """Its times say nothing of the page."""
    busy = Estimate(name="a path", reading_s=0.0, running_s=2.0 * MOST_S, busy=newcomers.BUSY + 0.1)
    assert not busy.is_judged
    assert "not judged" in busy.words()
