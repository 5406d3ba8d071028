"""The copy of one person: when a part counts, what is left out, and when it may be given."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.case.access.errors import (
    AgreedAlreadyError,
    CollectionEndedError,
    CopyGivenError,
    CopyNotReadyError,
    LeftOutMisstatedError,
    NoSuchCopyPartError,
    NotSafeToSendError,
    PartNotThereError,
    SecondReaderNeededError,
)
from services.case.access.pieces import MOST_ASKED, LeftOut, Question
from services.case.access.rules import (
    COLLECTING,
    GIVEN,
    GONE,
    KEPT,
    READY,
    TO_READ,
    WAITS,
    Copy,
)

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
TODAY = NOW.date()
OFFICER, SECOND, WRITER = "officer", "second", "writer"
CASE, CONSENT = "case", "consent"


def copy():
    """A copy of two parts, of which nobody has answered."""
    questions = tuple(
        Question(id=f"q-{party}", party=party, due_at=NOW + timedelta(days=1), asked=1, asked_at=NOW)
        for party in (CASE, CONSENT)
    )
    return Copy(
        id="case-1", survivor_id="s", began_by=OFFICER, began_at=NOW, expires_at=NOW + KEPT, public_key="p",
        secret_key="k", questions=questions, updated_at=NOW,
    )  # fmt: skip


def there():
    """Both parts came: two things of case, of which somebody wrote the second, and nothing of consent."""
    return copy().answered("q-case", [(), (WRITER,)], NOW).answered("q-consent", [], NOW)


def read():
    """Both were read through."""
    return there().looked_through(CASE, OFFICER, NOW).looked_through(CONSENT, OFFICER, NOW)


def asked(*numbers, party=CASE, by=OFFICER):
    return LeftOut(id="l", party=party, numbers=numbers, reason="OTHER_PEOPLE", asked_by=by, asked_at=NOW)


def test_it_is_ready_once_every_part_is_there_and_read():
    """And never before, whatever else was done."""
    assert copy().state_at(NOW) == COLLECTING
    assert copy().answered("q-case", [], NOW).state_at(NOW) == COLLECTING
    assert there().state_at(NOW) == TO_READ
    assert there().looked_through(CASE, OFFICER, NOW).state_at(NOW) == TO_READ
    assert read().state_at(NOW) == READY
    for early in (copy(), there()):
        with pytest.raises(CopyNotReadyError):
            early.check_ready(NOW)
        with pytest.raises(CopyNotReadyError):
            early.found_safe(OFFICER, TODAY, NOW)
    with pytest.raises(PartNotThereError):
        copy().looked_through(CASE, OFFICER, NOW)
    with pytest.raises(NoSuchCopyPartError):
        there().looked_through("identity", OFFICER, NOW)


def test_only_the_question_that_is_open_now_is_answered():
    """A second answer, one to a question of before, and one that comes when it is over change nothing."""
    assert there().answered("q-case", [], NOW) == there()
    anew = there().collected_anew(CASE, "q-anew", NOW)
    assert anew.answered("q-case", [], NOW) == anew
    assert anew.answered("q-anew", [()], NOW).question(CASE).wrote == ((),)
    over = replace(copy(), ended_at=NOW)
    assert over.answered("q-case", [], NOW) == over
    late = NOW + KEPT
    assert copy().answered("q-case", [], late) == copy()


def test_a_part_that_comes_anew_is_judged_anew():
    """What was left out of it, that it was read, and that it was safe count no more; the other part's stays."""
    judged = there().leaving_out(asked(1)).agreed("l", SECOND, NOW)
    judged = judged.looked_through(CASE, OFFICER, NOW).looked_through(CONSENT, OFFICER, NOW)
    judged = judged.found_safe(OFFICER, TODAY, NOW)
    anew = judged.collected_anew(CASE, "q-anew", NOW).answered("q-anew", [(), ()], NOW)
    assert (anew.state_at(NOW), anew.left_out, anew.safe) == (TO_READ, (), None)
    assert anew.question(CONSENT).looked_by == OFFICER
    assert judged.collected_anew(CONSENT, "q-anew", NOW).left_out == judged.left_out


def test_nothing_is_given_while_a_second_reader_is_waited_for():
    """What somebody asked to leave out is out of sight at once, and the copy waits."""
    waits = read().leaving_out(asked(2))
    assert (waits.state_at(NOW), waits.is_left_out(CASE, 2), waits.is_left_out(CASE, 1)) == (WAITS, True, False)
    with pytest.raises(CopyNotReadyError):
        waits.check_ready(NOW)
    assert waits.agreed("l", SECOND, NOW).state_at(NOW) == READY


def test_nobody_agrees_with_themself():
    """Nor to what they wrote themself, in the whole part neither; nor twice, nor to what is not there."""
    waits = there().leaving_out(asked(2))
    with pytest.raises(SecondReaderNeededError):
        waits.agreed("l", OFFICER, NOW)
    with pytest.raises(SecondReaderNeededError):
        waits.agreed("l", WRITER, NOW)
    with pytest.raises(SecondReaderNeededError):
        there().leaving_out(asked()).agreed("l", WRITER, NOW)
    assert not there().leaving_out(asked(1)).agreed("l", WRITER, NOW).left_out[0].waits
    with pytest.raises(AgreedAlreadyError):
        waits.agreed("l", SECOND, NOW).agreed("l", "third", NOW)
    with pytest.raises(NoSuchCopyPartError):
        waits.agreed("other", SECOND, NOW)


def test_what_is_shown_again_is_read_again():
    """Somebody thought that it should not be seen."""
    shown = read().leaving_out(asked(1)).agreed("l", SECOND, NOW).shown_again("l", NOW)
    assert (shown.left_out, shown.state_at(NOW)) == ((), TO_READ)


def test_the_whole_part_can_be_left_out_and_nothing_that_is_not_there():
    """By no number, each thing of it is."""
    whole = there().leaving_out(asked())
    assert whole.is_left_out(CASE, 1)
    assert whole.is_left_out(CASE, 2)
    assert not whole.is_left_out(CONSENT, 1)
    for numbers in ((0,), (3,), (1, 99)):
        with pytest.raises(LeftOutMisstatedError):
            there().leaving_out(asked(*numbers))


def test_it_is_given_on_the_day_on_which_somebody_asked_whether_it_is_safe():
    """Not before, not on the next day, and not after anything changed since."""
    with pytest.raises(NotSafeToSendError):
        read().handed_over("SAFE_CONTACT", OFFICER, TODAY, NOW)
    safe = read().found_safe(OFFICER, TODAY, NOW)
    with pytest.raises(NotSafeToSendError):
        safe.handed_over("SAFE_CONTACT", OFFICER, TODAY + timedelta(days=1), NOW + timedelta(days=1))
    with pytest.raises(NotSafeToSendError):
        safe.leaving_out(asked(1)).agreed("l", SECOND, NOW).handed_over("SAFE_CONTACT", OFFICER, TODAY, NOW)
    with pytest.raises(NotSafeToSendError):
        safe.looked_through(CASE, OFFICER, NOW).handed_over("SAFE_CONTACT", OFFICER, TODAY, NOW)
    given = safe.handed_over("SAFE_CONTACT", OFFICER, TODAY, NOW)
    assert given.state_at(NOW) == GIVEN
    given.check_ready(NOW)
    for change in (
        lambda: given.leaving_out(asked(1)), lambda: given.collected_anew(CASE, "q", NOW),
        lambda: given.handed_over("SAFE_CONTACT", OFFICER, TODAY, NOW), lambda: given.found_safe(OFFICER, TODAY, NOW),
    ):  # fmt: skip
        with pytest.raises(CopyGivenError):
            change()


def test_after_its_days_it_is_gone_whether_or_not_anybody_deleted_it():
    """Nothing of it is read or changed any more."""
    late = NOW + KEPT
    assert read().state_at(late - timedelta(seconds=1)) == READY
    assert read().state_at(late) == GONE
    for change in (
        lambda: read().check_ready(late), lambda: read().looked_through(CASE, OFFICER, late),
        lambda: read().found_safe(OFFICER, TODAY, late),
    ):  # fmt: skip
        with pytest.raises(CollectionEndedError):
            change()


def test_who_is_silent_is_asked_again_with_growing_pauses_and_a_bound():
    """One who answered is left alone."""
    waiting = copy().answered("q-consent", [], NOW)
    assert waiting.to_ask(NOW) == ()
    (again,) = waiting.to_ask(NOW + timedelta(minutes=1))
    assert again.party == CASE
    later = waiting.asked_again({"q-case"}, NOW + timedelta(minutes=1))
    assert later.next_step_at(NOW) == NOW + timedelta(minutes=3)
    assert later.late(NOW + timedelta(days=1))[0].party == CASE
    tired = replace(again, asked=MOST_ASKED)
    assert tired.asks_again_at() is None
