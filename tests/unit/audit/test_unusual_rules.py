"""The rules of unusual access, against people who do their work and against attackers who know every rule."""

from datetime import UTC, datetime, timedelta

import pytest

from deploy.engines.layout import PROJECT_ROOT
from services.audit.unusual.rules import (
    EMPTY_SEARCHES_A_DAY,
    EMPTY_SEARCHES_AN_HOUR,
    GUESSING,
    MANY_PEOPLE,
    NEAR_REPEAT,
    OUTSIDE_CASELOAD,
    PREVIEWS_A_DAY,
    WORK_AFTER,
    WORK_BEFORE,
    Bounds,
    Seen,
    fresh,
    is_after_the_end,
    is_not_known,
    is_work,
)
from services.case.referring.commands import OpenReferral
from services.case.survivors.commands import RegisterSurvivor
from shared.kernel.standing import Standing

NOON = datetime(2026, 8, 5, 11, tzinfo=UTC)  # A Wednesday.
SMALL = Bounds.of(0)
MINUTE = timedelta(minutes=1)


def seen(n, at=NOON, **values):
    record = f"00000000-0000-4000-8000-{n:012d}"
    said = {
        "id": f"entry-{n}", "actor_id": "a", "role": "IMSA", "service": "case", "action": "case:survivor:read",
        "outcome": "ALLOWED", "at": at, "object_id": record, "person": record, "standing": Standing.ASSIGNED,
        "found": None,
    }  # fmt: skip
    return Seen(**{**said, **values})


def raised(rule, entries, bounds=SMALL, new=None):
    ids = frozenset(one.id for one in (entries if new is None else new))
    return len(fresh(rule, entries, ids, bounds))


def searches(count, step, found=0, start=0):
    return [
        seen(start + n, NOON + n * step, action="case:survivor:search", object_id="list", person=None, found=found)
        for n in range(count)
    ]


class TestOutsideTheCaseload:
    def test_one_try_at_one_record_is_enough(self):
        """Whoever looks for one woman tries one record."""
        assert raised(OUTSIDE_CASELOAD, [seen(1, outcome="REFUSED", standing=None)]) == 1

    @pytest.mark.parametrize(
        "values",
        [
            {"outcome": "ALLOWED"},
            {"outcome": "REFUSED", "object_id": "refused"},
            {"outcome": "REFUSED", "role": "INTEGRATOR"},
            {"outcome": "REFUSED", "service": "reporting"},
        ],
    )
    def test_what_is_nobodys_record_or_no_persons_try_is_not_meant(self, values):
        """By role alone, by a machine, or at another service's door."""
        assert raised(OUTSIDE_CASELOAD, [seen(1, **values)]) == 0

    def test_what_was_raised_before_is_not_raised_again(self):
        """The old try lies around the new one, and is not counted a second time."""
        old, new = seen(1, outcome="REFUSED"), seen(2, NOON + MINUTE, outcome="REFUSED")
        assert [one.id for one in fresh(OUTSIDE_CASELOAD, [old, new], frozenset({new.id}), SMALL)] == [new.id]


class TestManyPeople:
    @pytest.mark.parametrize(
        ("count", "step", "expected"),
        [
            (SMALL.an_hour, MINUTE, 0),
            (SMALL.an_hour + 1, MINUTE, SMALL.an_hour + 1),
            (SMALL.a_day, timedelta(minutes=30), 0),
            (SMALL.a_day + 1, timedelta(minutes=30), SMALL.a_day + 1),
        ],
    )
    def test_an_hour_and_a_day_have_their_bounds(self, count, step, expected):
        """At the bound nothing, one above it the whole stretch."""
        assert raised(MANY_PEOPLE, [seen(n, NOON + n * step) for n in range(count)]) == expected

    def test_one_record_opened_a_hundred_times_is_one_person(self):
        """That is what an advocate's day looks like."""
        same = [seen(n, NOON + n * timedelta(seconds=9), person="one") for n in range(100)]
        assert raised(MANY_PEOPLE, same) == 0

    def test_whoever_goes_around_midnight_is_seen_all_the_same(self):
        """The day slides, and does not begin at any hour that somebody could wait for."""
        late = datetime(2026, 8, 5, 20, tzinfo=UTC)
        assert raised(MANY_PEOPLE, [seen(n, late + n * timedelta(minutes=20)) for n in range(SMALL.a_day + 1)]) > 0

    def test_reading_through_parts_of_the_record_or_being_assigned_changes_nothing(self):
        """Episodes, contacts and consents count as their person; an own caseload that is copied out is no work."""
        parts = [seen(n, NOON + n * MINUTE, object_id=f"part-{n}", action="case:contact:list") for n in range(13)]
        assert raised(MANY_PEOPLE, parts) == 13

    def test_the_stretch_is_raised_when_it_goes_above_and_later_looks_alone_after_that(self):
        """So a finding counts each entry once, in whatever portions the log is read."""
        entries = [seen(n, NOON + n * MINUTE) for n in range(15)]
        counts = [raised(MANY_PEOPLE, entries[: n + 1], new=[entries[n]]) for n in range(15)]
        assert counts == [0] * 12 + [13, 1, 1]

    def test_what_comes_late_is_judged_with_what_was_done_after_it(self):
        """A service whose messages waited hides nobody's hour."""
        entries = [seen(n, NOON + n * MINUTE) for n in range(13)]
        assert raised(MANY_PEOPLE, entries, new=entries[:1]) == 13

    def test_a_machine_has_bounds_of_its_own(self):
        """A nightly synchronisation reads everybody."""
        entries = [seen(n, NOON + n * MINUTE, role="INTEGRATOR") for n in range(90)]
        assert raised(MANY_PEOPLE, entries) == 0

    @pytest.mark.parametrize(
        ("people", "expected"), [(0, (12, 25)), (100, (15, 30)), (200, (30, 60)), (100_000, (60, 150))]
    )
    def test_bounds_follow_the_size_of_the_host_between_a_floor_and_a_ceiling(self, people, expected):
        """Inventing people lifts them no further than the ceiling."""
        bounds = Bounds.of(people)
        assert (bounds.an_hour, bounds.a_day) == expected

    def test_what_passes_one_who_knows_the_bound(self):
        """As the decision says: whoever stays at the bound each day is not seen by this rule."""
        patient = [seen(n, NOON + n * timedelta(hours=1)) for n in range(200)]
        assert raised(MANY_PEOPLE, patient) == 0


class TestGuessing:
    @pytest.mark.parametrize(
        ("count", "step", "expected"),
        [
            (EMPTY_SEARCHES_AN_HOUR, MINUTE, 0),
            (EMPTY_SEARCHES_AN_HOUR + 1, MINUTE, EMPTY_SEARCHES_AN_HOUR + 1),
            (EMPTY_SEARCHES_A_DAY + 1, timedelta(minutes=30), EMPTY_SEARCHES_A_DAY + 1),
        ],
    )
    def test_searches_that_find_nobody_again_and_again(self, count, step, expected):
        """Within an hour, or slowly within a day."""
        assert raised(GUESSING, searches(count, step)) == expected

    def test_finding_somebody_is_no_guess_and_an_old_search_is_not_known(self):
        """Neither counts."""
        assert (
            raised(GUESSING, searches(30, MINUTE, found=1)) == raised(GUESSING, searches(30, MINUTE, found=None)) == 0
        )

    def test_a_day_of_referrals_is_explained_by_the_people_who_were_written_down(self):
        """One searches before one writes somebody down; nothing is found, and that is good."""
        begun = [
            seen(100 + n, one.at + timedelta(seconds=30), action=action)
            for n, (one, action) in enumerate(
                zip(searches(12, MINUTE), (RegisterSurvivor.action, OpenReferral.action) * 6, strict=True)
            )
        ]
        entries = [*searches(12, MINUTE), *begun]
        assert raised(GUESSING, entries) == 0
        assert raised(GUESSING, [*entries[:12], *begun[:3]]) > 0


class TestNearRepeat:
    def test_the_same_preview_again_and_again_within_a_day(self):
        """Before and after one person's consent it would tell of them; other periods are counted apart."""
        of = {"action": "reporting:period:preview", "service": "reporting", "role": "HOST_DATA_LEAD", "person": None}
        same = [seen(n, NOON + n * MINUTE, **of, object_id="2026-Q3") for n in range(PREVIEWS_A_DAY + 1)]
        other = [seen(50 + n, NOON + n * MINUTE, **of, object_id="2026-Q2") for n in range(PREVIEWS_A_DAY)]
        assert raised(NEAR_REPEAT, [*same, *other]) == len(same)
        routes = PROJECT_ROOT / "services" / "reporting" / "periods" / "routes.py"
        assert '"reporting:period:preview"' in routes.read_text(encoding="utf-8")


class TestAfterTheEnd:
    LOOK = seen(1, standing=Standing.ROLE_ENDED)

    def test_a_look_that_no_work_explains_is_raised(self):
        """Whoever they are: roles that see everyone, and the person's own advocate."""
        assert is_after_the_end(self.LOOK, [])
        assert is_after_the_end(seen(1, standing=Standing.ASSIGNED_ENDED), [])

    @pytest.mark.parametrize("explained", [-WORK_BEFORE, timedelta(0), WORK_AFTER])
    def test_work_in_the_days_around_explains_it(self, explained):
        """Before it, or after it: whoever reopens a case reads it first."""
        beyond = explained + (timedelta(seconds=1) if explained > timedelta(0) else timedelta(seconds=-1))
        assert not is_after_the_end(self.LOOK, [NOON + explained])
        assert is_after_the_end(self.LOOK, [NOON + beyond]) == (explained != timedelta(0))

    @pytest.mark.parametrize("standing", [None, "SOMETHING_NEWER", Standing.ROLE, Standing.ASSIGNED])
    def test_what_is_not_known_is_neither_good_nor_bad(self, standing):
        """An entry of an older version is no finding, and is counted as not known."""
        one = seen(1, standing=standing)
        assert not is_after_the_end(one, [])
        assert is_not_known(one) == (standing is None)

    def test_a_look_is_no_work_and_neither_is_what_a_program_did(self):
        """Otherwise looking twice would explain itself."""
        assert is_work("case:contact:record", "IMSA")
        assert not is_work("case:survivor:read", "IMSA")
        assert not is_work("case:contact:record", "SYSTEM")
        assert not is_work("audit:unusual:close", "HOST_DPO")


@pytest.mark.parametrize(
    ("at", "odd"),
    [
        (datetime(2026, 8, 5, 5, 59, tzinfo=UTC), True),
        (datetime(2026, 8, 5, 6, 0, tzinfo=UTC), False),
        (datetime(2026, 8, 5, 19, 0, tzinfo=UTC), True),
        (datetime(2026, 8, 8, 11, 0, tzinfo=UTC), True),
    ],
)
def test_an_odd_hour_is_londons_and_never_a_finding_by_itself(at, odd):
    """A mark beside a finding: somebody who works at night does nothing unusual by that."""
    one = seen(1, at)
    assert one.at_an_odd_hour == odd
    assert all(raised(rule, [one]) == 0 for rule in (OUTSIDE_CASELOAD, MANY_PEOPLE, GUESSING, NEAR_REPEAT))
