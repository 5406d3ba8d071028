"""Counting a period: who is in is decided by what was effective and recorded at the seal."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.reporting.contributions.rules import RELEASED, WITHHELD, Contribution, Facts, Version
from services.reporting.periods.rules import tally
from services.reporting.periods.task import Task
from shared.codelists.periods import Period
from shared.codelists.plan import load_plan

PLAN = load_plan("year-v1")
SEAL = Period.parse("2026-Q3").seal_at()
TASK = Task(
    id="t",
    period="2026-Q3",
    covers=("2026-Q3",),
    nation="ENGLAND",
    setting="OTHER",
    plan_id="year-v1",
    plan_hash=PLAN.hash(),
    seal_at=SEAL,
    closes_at=SEAL + timedelta(days=3),
    board_key=b"",
    custodian_key=b"",
)


def version(*, state=RELEASED, recorded=-1, effective=-2, until=None, month="2026-08", **facts):
    """A state recorded and effective so many days from the seal."""
    values = {
        "month": month,
        "gender": "FEMALE",
        "exploitation_types": ("LABOUR",),
        "region": "ASIA",
        "transfer_in": False,
        "excluded": False,
    }
    return Version(
        state=state,
        quarter=str(Period.of_month(month)),
        facts=Facts(**{**values, **facts}) if state == RELEASED else None,
        reason=None if state == RELEASED else "WITHDRAWN",
        effective_from=SEAL + timedelta(days=effective),
        until=None if until is None else SEAL + timedelta(days=until),
        recorded_at=SEAL + timedelta(days=recorded),
        facts_recorded_at=SEAL + timedelta(days=recorded),
    )


def one(*versions, number=1, person="p1"):
    return Contribution(id=f"c{number}", person_id=person, versions=versions)


class TestWhoCounts:
    def test_effective_and_recorded_at_the_seal(self):
        """Such a person counts once in every table."""
        found = tally([one(version())], PLAN, TASK)
        assert found.people == 1
        assert all(sum(cells.values()) == 1 for cells in found.counts.values())

    def test_recorded_at_the_very_seal_counts(self):
        """Cut-off and seal are one instant, and it belongs to the period: a yes is in, a withdrawal out."""
        assert tally([one(version(recorded=0))], PLAN, TASK).people == 1
        found = tally([one(version(recorded=-5), version(state=WITHHELD, recorded=0))], PLAN, TASK)
        assert (found.people, dict(found.left_out)) == (0, {"WITHDRAWN": 1})

    def test_a_permission_that_ends_at_the_seal_has_ended(self):
        """Until names the first instant at which it permits nothing."""
        found = tally([one(version(until=0), number=1, person="a"), one(version(until=0.001), number=2)], PLAN, TASK)
        assert (found.people, dict(found.left_out)) == (1, {"EXPIRED": 1})

    def test_recorded_after_the_seal_does_not_count(self):
        """A consent written down after the seal never enters that period."""
        found = tally([one(version(recorded=1))], PLAN, TASK)
        assert (found.people, dict(found.left_out)) == (0, {"AFTER_THE_SEAL": 1})

    def test_a_withdrawal_recorded_after_the_seal_changes_nothing(self):
        """The state as it was at the seal counts, whatever came after."""
        later = version(state=WITHHELD, recorded=2)
        assert tally([one(version(), later)], PLAN, TASK).people == 1

    def test_a_withdrawal_recorded_by_the_seal_is_out(self):
        """All withdrawals recorded by the seal are out."""
        found = tally([one(version(recorded=-5), version(state=WITHHELD, recorded=-1))], PLAN, TASK)
        assert (found.people, dict(found.left_out)) == (0, {"WITHDRAWN": 1})

    def test_expired_excluded_and_transferred_in_are_left_out_with_their_reasons(self):
        """Each has its own reason, for the host's own eyes."""
        found = tally(
            [
                one(version(until=-1), number=1, person="a"),
                one(version(excluded=True), number=2, person="b"),
                one(version(transfer_in=True), number=3, person="c"),
            ],
            PLAN,
            TASK,
        )
        assert dict(found.left_out) == {"EXCLUDED_BY_CASEWORKER": 1, "EXPIRED": 1, "TRANSFER_IN": 1}

    def test_a_person_counts_once_by_the_earliest_episode(self):
        """Two episodes of one person are one person, in the earlier month's codes."""
        early = one(version(month="2026-07", gender="FEMALE"), number=2)
        late = one(version(month="2026-09", gender="MALE"), number=1)
        found = tally([late, early], PLAN, TASK)
        assert found.people == 1
        assert found.counts["GENDER"]["FEMALE"] == 1

    def test_another_quarter_is_not_this_ones(self):
        """An episode belongs to the period of its referral month."""
        assert tally([one(version(month="2026-10"))], PLAN, TASK).people == 0


class TestDeterminism:
    @given(st.integers(0, 1000))
    def test_order_does_not_matter(self, seed):
        """The same contributions in any order give the same digest."""
        rng = random.Random(seed)
        many = [
            one(version(gender=rng.choice(("FEMALE", "MALE"))), number=n, person=f"p{rng.randrange(8)}")
            for n in range(12)
        ]
        shuffled = list(many)
        rng.shuffle(shuffled)
        assert tally(many, PLAN, TASK).digest(TASK) == tally(shuffled, PLAN, TASK).digest(TASK)


class TestForgetting:
    @given(st.lists(st.integers(-5, 5), min_size=1, max_size=6), st.lists(st.integers(-4, 4), max_size=3))
    def test_a_withdrawal_keeps_facts_only_for_an_open_seal_before_it(self, days, seals):
        """After a withdrawal, facts stand only where an open seal still needs the state before."""
        contribution = one()
        open_seals = [SEAL + timedelta(days=d) for d in seals]
        for day in sorted(days):
            contribution = contribution.with_version(version(recorded=day), open_seals)
        contribution = contribution.with_version(version(state=WITHHELD, recorded=6), open_seals)
        for kept in contribution.versions[:-1]:
            assert any(contribution.as_of(seal) is kept for seal in open_seals)
        if not open_seals:
            assert all(v.facts is None for v in contribution.versions)


def test_the_clock_is_london():
    """A quarter in summer time ends and seals at London's midnight."""
    assert Period.parse("2023-Q3").seal_at() == datetime(2023, 10, 14, 23, tzinfo=UTC)
    assert Period.parse("2026-Q4").seal_at() == datetime(2027, 1, 15, tzinfo=UTC)
