"""Nothing leaves before everything is judged; what nobody judged is a no."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.case.information_requests.errors import (
    AnswerNotAllowedError,
    InformationRequestClosedError,
    NobodyToTellError,
)
from services.case.information_requests.rules import InformationAnswer, InformationRequest, Judged
from shared.codelists.lists import get

AT, DAY = datetime(2026, 11, 10, 9, tzinfo=UTC), date(2026, 11, 10)
JUDGED = Judged(
    legal_power="VICTIM_INFORMATION_REQUEST", relevant="MET", necessary="MET", proportionate="MET", counselling="NO",
    counsel_on=date(2026, 11, 9),
)  # fmt: skip
READY = InformationRequest(
    id="r", survivor_id="s", asked_by="POLICE_REQUEST", received_on=date(2026, 11, 8), taken_by="a", taken_role="IMSA",
    taken_at=AT, updated_at=AT, judged=JUDGED, notice="TOLD_IN_PRIVATE",
)  # fmt: skip
COMPLIED = InformationAnswer(outcome="COMPLIED", left=("SUPPORT_PLAN",))
PARTIAL = InformationAnswer(outcome="PARTIAL", left=("SUPPORT_PLAN",), refusals=("NOT_PROPORTIONATE",))
REFUSED = InformationAnswer(outcome="REFUSED", refusals=("NO_POWER",))


def answered(request, answer):
    return request.answered(answer, by="d", at=AT)


def test_it_begins_referred_to_counsel():
    """And stays so until it is answered."""
    fresh = replace(READY, judged=Judged(), notice="NOT_TOLD_YET")
    assert (fresh.outcome, fresh.state) == ("REFERRED_TO_COUNSEL", "OPEN")
    with pytest.raises(AnswerNotAllowedError):
        answered(READY, InformationAnswer(outcome="REFERRED_TO_COUNSEL"))
    assert answered(fresh, REFUSED).outcome == "REFUSED", "a refusal needs no power, no counsel and no notice"


@pytest.mark.parametrize("answer", [COMPLIED, PARTIAL], ids=["whole", "part"])
@pytest.mark.parametrize(
    "lacking",
    [
        *({"judged": replace(JUDGED, **{name: code})} for name in ("relevant", "necessary", "proportionate")
          for code in ("NOT_JUDGED", "NOT_MET")),
        {"judged": replace(JUDGED, legal_power="NOT_STATED")}, {"judged": replace(JUDGED, counsel_on=None)},
        {"judged": replace(JUDGED, counselling="NOT_KNOWN")}, {"judged": replace(JUDGED, counselling="YES")},
        {"judged": replace(JUDGED, counselling="YES", probative="NOT_MET")}, {"notice": "NOT_TOLD_YET"},
        {"survivor_id": None, "notice": "NOBODY_IN_PARTICULAR"},
    ],
)  # fmt: skip
def test_nothing_leaves_while_anything_is_lacking(answer, lacking):
    """Each test of the law, counsel, the power, counselling, and that the survivor knows; and nobody is searched for."""
    assert answered(READY, answer).outcome == answer.outcome
    with pytest.raises(AnswerNotAllowedError):
        answered(replace(READY, **lacking), answer)


def test_counselling_leaves_only_where_it_would_prove_much():
    """The law presumes that it should not be asked for."""
    ready = replace(READY, judged=replace(JUDGED, counselling="YES", probative="MET"))
    assert answered(ready, COMPLIED).left == ("SUPPORT_PLAN",)


@pytest.mark.parametrize("notice", [code for code in get("survivor_notice").codes if code != "NOT_TOLD_YET"])
def test_the_survivor_knows_or_a_law_forbids_it(notice):
    """Whoever names nobody has nobody to tell, and no other request says so."""
    told = replace(READY, notice="NOT_TOLD_YET")
    if notice == "NOBODY_IN_PARTICULAR":
        with pytest.raises(NobodyToTellError):
            told.noticed(notice, by="d", at=AT)
    else:
        assert answered(told.noticed(notice, by="d", at=AT), COMPLIED).outcome == "COMPLIED"
    with pytest.raises(NobodyToTellError):
        replace(told, survivor_id=None).noticed("TOLD_IN_PRIVATE", by="d", at=AT)


@pytest.mark.parametrize(
    "answer",
    [
        replace(REFUSED, refusals=()), replace(REFUSED, left=("HEALTH",)), replace(PARTIAL, refusals=()),
        replace(PARTIAL, left=()), replace(COMPLIED, left=()), replace(COMPLIED, refusals=("NO_POWER",)),
    ],
)  # fmt: skip
def test_an_answer_fits_what_it_says(answer):
    """A refusal has reasons and lets nothing out; what is met says what left."""
    with pytest.raises(AnswerNotAllowedError):
        answered(READY, answer)


@pytest.mark.parametrize("counsel_on", [date(2026, 11, 7), date(2026, 11, 11)])
def test_counsel_is_heard_after_it_arrived_and_by_today(counsel_on):
    """Anything else is a slip of the pen."""
    with pytest.raises(AnswerNotAllowedError):
        READY.judged_as({"counsel_on": counsel_on}, by="d", at=AT, today=DAY)
    assert READY.judged_as({"counsel_on": DAY}, by="d", at=AT, today=DAY).judged_by == "d"


def test_what_is_left_out_stays_as_it_was_judged():
    """A no above all; what is said anew counts, and a day that was wrong is taken back by saying so."""
    no = replace(READY, judged=replace(JUDGED, necessary="NOT_MET", counselling="YES"))
    judged = no.judged_as({"relevant": "MET", "counsel_on": None}, by="d", at=AT, today=DAY).judged
    assert judged == replace(no.judged, relevant="MET", counsel_on=None)


def test_what_is_answered_does_not_change():
    """Neither judged, nor noted, nor answered again."""
    ended = answered(READY, REFUSED)
    for change in (
        lambda: ended.judged_as({}, by="d", at=AT, today=DAY), lambda: answered(ended, COMPLIED),
        lambda: ended.noticed("TOLD_IN_PRIVATE", by="d", at=AT),
    ):  # fmt: skip
        with pytest.raises(InformationRequestClosedError):
            change()
