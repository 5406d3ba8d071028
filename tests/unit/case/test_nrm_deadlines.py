"""By when something of the NRM is to be done: worked examples, each edge of the calendar, and what is never shown."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.case.episodes.rules import Episode
from services.case.nrm.deadlines import deadlines, nation_of
from services.case.nrm.policy import EVERYWHERE, MONTHS, NATIONS, UNITS, kinds, line_for, lines
from services.case.nrm.rules import Entry
from services.case.nrm.words import time_in_words, to_do
from shared.codelists.lists import get
from shared.codelists.working_days import bank_holidays

WRITTEN = datetime(2026, 11, 2, 9, tzinfo=UTC)
TODAY = date(2026, 11, 2)
DAYS = st.dates(min_value=date(2015, 1, 1), max_value=date(2199, 1, 1))
BEGINNINGS = sorted((kind.name, stage) for kind in kinds() for stage in kind.begins)


def entry(stage, on, written=WRITTEN, **values):
    made = {
        "id": f"{stage}-{on}-{written:%d}", "survivor_id": "s", "stage": stage, "on": on, "actor_id": "a",
        "role": "IMSA", "first_id": stage, "first_at": written, "recorded_at": written, "updated_at": written,
    }  # fmt: skip
    return Entry(**{**made, **values})


def found(entries, kind, nation="ENGLAND", today=TODAY):
    return [one for one in deadlines(entries, nation, today) if one.kind == kind]


@pytest.mark.parametrize(
    ("kind", "stage", "nation", "on", "due"),
    [
        ("RECONSIDERATION", "RG_NEGATIVE", "ENGLAND", "2026-10-12", "2026-11-11"),
        ("RECONSIDERATION", "CG_NEGATIVE", "SCOTLAND", "2026-12-15", "2027-01-14"),
        ("RECONSIDERATION", "CG_NEGATIVE", None, "2028-02-01", "2028-03-02"),
        ("JUDICIAL_REVIEW", "RG_NEGATIVE", "WALES", "2026-11-30", "2027-02-28"),
        ("JUDICIAL_REVIEW", "DISQUALIFIED", "SCOTLAND", "2027-11-30", "2028-02-29"),
        ("RECOVERY", "RG_POSITIVE_AWAITING_CG", "ENGLAND", "2022-12-12", "2023-01-26"),
        ("RECOVERY", "RG_POSITIVE_AWAITING_CG", "ENGLAND", "2022-12-13", "2023-01-12"),
        ("RECOVERY", "RG_POSITIVE_AWAITING_CG", "SCOTLAND", "2026-10-12", "2027-01-10"),
        ("RECOVERY", "RG_POSITIVE_AWAITING_CG", "NORTHERN_IRELAND", "2026-10-12", "2026-11-26"),
        ("RECOVERY", "RG_POSITIVE_AWAITING_CG", None, "2026-10-12", "2026-11-11"),
        ("AFTER_CONCLUSIVE", "CG_POSITIVE", "NORTHERN_IRELAND", "2028-02-29", "2029-02-28"),
        # Christmas Day, and the two days in place of Boxing Day and New Year's Day, at weekends or not.
        ("REASONABLE_GROUNDS", "REFERRED_AWAITING_RG", "ENGLAND", "2026-12-23", "2027-01-04"),
        ("REASONABLE_GROUNDS", "REFERRED_AWAITING_RG", "SCOTLAND", "2026-10-12", "2026-10-19"),
        ("FIRST_RESPONDER", "AWAITING_FIRST_RESPONDER", None, "2026-10-12", "2026-10-26"),
    ],
)  # fmt: skip
def test_worked_examples(kind, stage, nation, on, due):
    """Over a year's end, into a leap day and out of one, over bank holidays, and on each side of a change of law."""
    (one,) = found([entry(stage, on)], kind, nation)
    assert one.due_on == one.latest == date.fromisoformat(due)


def test_what_is_promised_in_one_nation_alone_is_promised_to_nobody_else():
    """Nor to somebody of whom nobody knows where they are supported."""
    for nation in ("ENGLAND", None):
        assert found([entry("CG_POSITIVE", "2026-10-12")], "AFTER_CONCLUSIVE", nation) == []


@given(began=DAYS, kind=st.sampled_from(BEGINNINGS), nation=st.sampled_from([*NATIONS, None]))
def test_a_last_day_lies_behind_its_first_and_never_later_than_the_line_allows(began, kind, nation):
    """Of every kind in every nation; where the nation is not known, no nation ends before."""
    name, stage = kind
    for one in found([entry(stage, began.isoformat())], name, nation):
        assert one.due_on > began
        line = one.line
        if line.unit == "DAYS":
            assert (one.due_on - began).days == line.amount
        elif line.unit == MONTHS:
            whole = (one.due_on.year - began.year) * 12 + one.due_on.month - began.month
            assert whole == line.amount
            assert one.due_on.day <= began.day
        else:
            after = [began + timedelta(days=n + 1) for n in range((one.due_on - began).days)]
            working = [day for day in after if bank_holidays().is_working(day, line.calendar)]
            assert len(working) == line.amount
            assert working[-1] == one.due_on
        if nation is None:
            theirs = [line_for(name, one_of, began) for one_of in NATIONS]
            assert all(one.due_on <= other.due(began) for other in theirs)


@given(began=DAYS, today=DAYS)
def test_it_is_over_from_the_day_after_its_last(began, today):
    """Not before, and for ever after: it does not go by itself."""
    (one,) = found([entry("RG_NEGATIVE", began.isoformat())], "RECONSIDERATION", today=today)
    assert one.overdue == (today > began + timedelta(days=30))


class TestWhatIsNotKnown:
    @pytest.mark.parametrize("answer", [None, "NOT_ASKED", "NOT_KNOWN", "DECLINED_TO_ANSWER"])
    def test_without_the_day_of_a_decision_no_last_day_is_shown(self, answer):
        """Only the one that it cannot lie behind: nobody is told of it, or writes it down, before it is so."""
        (one,) = found([entry("RG_NEGATIVE", answer, told_on="2026-10-14")], "RECONSIDERATION")
        assert (one.due_on, one.latest) == (None, date(2026, 11, 13))
        (one,) = found([entry("RG_NEGATIVE", answer)], "RECONSIDERATION")
        assert (one.due_on, one.latest) == (None, date(2026, 12, 2))

    def test_what_has_no_day_ends_nothing(self):
        """Whoever writes down an older history cannot hide a time that runs."""
        negative, asked = entry("CG_NEGATIVE", "2026-10-12"), entry("RECONSIDERATION_REQUESTED", None)
        assert len(found([negative, asked], "RECONSIDERATION")) == 1


class TestWhatEnds:
    @pytest.mark.parametrize("stage", ["RECONSIDERATION_REQUESTED", "RG_POSITIVE_AWAITING_CG", "CG_POSITIVE"])
    def test_what_came_after_ends_it_and_the_negative_decision_stays(self, stage):
        """Asked for, or overturned; what lies before ends nothing."""
        negative = entry("RG_NEGATIVE", "2026-10-12")
        assert found([negative, entry(stage, "2026-10-20")], "RECONSIDERATION") == []
        assert len(found([negative, entry(stage, "2026-10-11")], "RECONSIDERATION")) == 1

    @pytest.mark.parametrize(("hours", "left"), [(1, 0), (-1, 1)])
    def test_of_two_entries_of_one_day_the_one_written_later_is_later(self, hours, left):
        """There is no time of day to go by; what was written before ends nothing."""
        asked = entry("RECONSIDERATION_REQUESTED", "2026-10-12", WRITTEN + timedelta(hours=hours))
        assert len(found([entry("RG_NEGATIVE", "2026-10-12"), asked], "RECONSIDERATION")) == left

    def test_a_move_between_nations_changes_support_and_not_what_was_decided(self):
        """The recovery period follows the nation; the reconsideration is the same everywhere."""
        known = [entry("RG_POSITIVE_AWAITING_CG", "2026-10-12"), entry("CG_NEGATIVE", "2026-10-30")]
        dues = {nation: [one.due_on for one in found(known, "RECONSIDERATION", nation)] for nation in (*NATIONS, None)}
        assert len(set(map(tuple, dues.values()))) == 1
        recovery = {nation: found(known[:1], "RECOVERY", nation)[0].due_on for nation in NATIONS}
        assert len(set(recovery.values())) == 3

    def test_a_correction_keeps_the_step_that_was_made_of_it(self):
        """There is one at most, whatever the day turns out to be."""
        first = entry("RG_NEGATIVE", "2026-10-12")
        later = entry("RG_NEGATIVE", "2026-10-13", id="another")
        assert found([first], "RECONSIDERATION")[0].step_id == found([later], "RECONSIDERATION")[0].step_id


class TestNation:
    def stay(self, status, referred, nation):
        return Episode(
            id="e", survivor_id="s", status=status, referral_date=date.fromisoformat(referred), age_band="",
            gender="", nationality=(), region="", exploitation_types=(), nation=nation, advocacy_area=None,
            advocate_id=None, facts_recorded_at=WRITTEN,
        )  # fmt: skip

    def test_support_that_goes_on_says_where_before_one_that_ended(self):
        """Then the newest; where that is none of the four nobody knows it."""
        ended, old = self.stay("CLOSED", "2026-09-01", "WALES"), self.stay("ACTIVE", "2026-01-01", "SCOTLAND")
        assert nation_of([ended, old]) == "SCOTLAND"
        assert nation_of([self.stay("ACTIVE", "2026-08-01", "ENGLAND"), ended, old]) == "ENGLAND"
        assert nation_of([self.stay("ACTIVE", "2026-08-01", "OUTSIDE_UK"), ended, old]) is None
        assert nation_of([]) is None


class TestPolicy:
    def test_every_line_says_where_it_comes_from_and_every_code_is_one(self):
        """A stage that no list knows would end or begin nothing, in silence."""
        stages, names = set(get("nrm_stage").codes), {kind.name for kind in kinds()}
        for kind in kinds():
            assert set(kind.begins).union(*kind.begins.values()) <= stages
            assert all(stage not in ends for stage, ends in kind.begins.items())
            assert to_do(kind.name)
        for line in lines():
            assert line.source
            assert line.kind in names
            assert line.unit in UNITS
            assert line.nation in (*NATIONS, EVERYWHERE)
            assert (line.calendar in NATIONS) == (line.unit == "WORKING_DAYS")
            assert time_in_words({"kind": line.kind, "stage": "CG_POSITIVE", "nation": line.nation, "amount": line.amount, "unit": line.unit})["length"]  # fmt: skip
        assert len({(one.kind, one.nation, one.valid_from) for one in lines()}) == len(lines())
