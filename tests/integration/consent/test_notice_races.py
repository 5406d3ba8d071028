"""Two who change a notice at once: each version has a number of its own, and nothing is added to a replaced one."""

import contextlib

import pytest

from services.consent.notices.commands import (
    AddTranslation,
    PublishNotice,
    ReviewTranslation,
    add_translation,
    publish_notice,
    review_translation,
)
from services.consent.notices.errors import NoticeReplacedError
from tests.kit.racing import ConsentPair

PURPOSE, RECIPIENTS = "FUNDER_REPORTING", "FUNDER"
FIRST = f"{PURPOSE}.{RECIPIENTS}.v1"


@pytest.fixture
def pair(engines):
    """Consent with two processes, in which nothing is published."""
    made = ConsentPair(engines)
    yield made
    made.close()


def publishes(pair, text="Words.", process=0):
    command = PublishNotice(purpose=PURPOSE, recipient_class=RECIPIENTS, text=text, easy=None, actor_id="d")
    return pair.command(lambda work: publish_notice(command, work, demo=True), process=process)


def translates(pair, language="pl", process=1):
    command = AddTranslation(code=FIRST, language=language, text="Tak?", easy=None, actor_id="t")
    return pair.command(lambda work: add_translation(command, work, demo=True), process=process)


def reviews(pair):
    text_hash = translates(pair)().ids["text_hash"]
    command = ReviewTranslation(code=FIRST, language="pl", text_hash=text_hash, actor_id="r")
    return pair.command(lambda work: review_translation(command, work, demo=True), process=1)


def versions(pair):
    return {one["number"]: one for one in pair.database["notices"].find()}


def test_two_that_are_published_at_once_are_two_versions(pair):
    """The later one replaces the other, and its words alone stay open."""
    assert pair.interleave(publishes(pair), publishes(pair, "Others.", process=1))
    assert [one["replaced_at"] is None for _, one in sorted(versions(pair).items())] == [False, True]
    open_words = pair.database["wordings"].count_documents({"registrations.valid_to": None})
    assert open_words == 1


def test_two_translations_at_once_are_both_kept(pair):
    """Neither takes the other's place."""
    publishes(pair)()
    assert pair.interleave(translates(pair), translates(pair, "vi", process=0))
    assert {one["language"] for one in versions(pair)[1]["texts"]} == {"en", "pl", "vi"}


@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
@pytest.mark.parametrize("act", [translates, reviews])
def test_nothing_is_added_to_what_is_being_replaced(pair, act, turned):
    """It stands there before, or is refused; words of a replaced version are closed either way."""
    publishes(pair)()
    steps = (act(pair), publishes(pair, "Others."))
    with contextlib.suppress(NoticeReplacedError):
        assert pair.interleave(*reversed(steps)) if turned else pair.interleave(*steps)
    kept = pair.database["wordings"].find_one({"_id": FIRST})
    assert all(one["valid_to"] is not None for one in kept["registrations"])
    assert versions(pair)[1]["replaced_at"] is not None
