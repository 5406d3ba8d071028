"""When to talk with somebody again, and until when a yes is too early; no database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import DIRECT, ENDING, GIVEN, NO_CAPACITY, REFUSED, RENEWED, WITHDRAWN, Entry
from services.consent.ledger.terms import Terms
from services.consent.timers import policy
from services.consent.timers.policy import (
    BEFORE,
    CAPACITY,
    CONFIRM,
    COOLING,
    LAW,
    NATIONS,
    Line,
    PolicyLackingError,
    Timers,
    lines,
    timers_of,
    value_of,
    version,
)
from services.consent.timers.rules import CAPACITY_AGAIN, ENDS_SOON, GIVEN_WITH_SUPPORT, Talk, talk_of, too_early_until
from shared.codelists.lists import get
from shared.contracts.consent import VALIDITY

DAY = timedelta(days=1)
SAID = datetime(2026, 6, 1, 9, tzinfo=UTC)
TIMERS = Timers(before=28 * DAY, confirm=14 * DAY, capacity=30 * DAY, cooling=DAY)
WITH_SUPPORT = Terms(capacity="DECIDED_WITH_SUPPORT")


def line(status=GIVEN, at=SAID, **values):
    return Entry(status=status, said_at=at, recorded_at=at, actor_id="a", source=DIRECT, **values)


def ledger(*entries):
    return Consent(id="c", survivor_id="s", purpose="AGGREGATE_STATISTICS", entries=entries)


class TestTalks:
    def test_a_yes_is_talked_about_before_its_year_ends(self):
        """And a renewed one before its own."""
        end = SAID + VALIDITY
        assert talk_of(ledger(line()), TIMERS) == Talk(why=ENDS_SOON, at=end - 28 * DAY, until=end)
        later = SAID + 300 * DAY
        assert talk_of(ledger(line(), line(RENEWED, later)), TIMERS).at == later + VALIDITY - 28 * DAY

    def test_a_yes_for_less_than_the_notice_is_talked_about_at_once(self):
        """Never from before it was said."""
        until = SAID + 10 * DAY
        told = talk_of(ledger(line(terms=Terms(valid_until=until))), TIMERS)
        assert told == Talk(why=ENDS_SOON, at=SAID, until=until)

    def test_a_yes_with_support_is_confirmed_once(self):
        """Whoever said it again, with support or without, is not asked a third time before the end."""
        first = line(terms=WITH_SUPPORT)
        assert talk_of(ledger(first), TIMERS) == Talk(why=GIVEN_WITH_SUPPORT, at=SAID + 14 * DAY, until=SAID + VALIDITY)
        assert talk_of(ledger(first, line(RENEWED, SAID + 15 * DAY, terms=WITH_SUPPORT)), TIMERS).why == ENDS_SOON

    def test_whether_they_can_decide_is_asked_anew(self):
        """After a while, since it is a question of one time."""
        told = talk_of(ledger(line(), line(NO_CAPACITY, SAID + DAY)), TIMERS)
        assert told == Talk(why=CAPACITY_AGAIN, at=SAID + 31 * DAY, until=None)

    @pytest.mark.parametrize("no", [REFUSED, WITHDRAWN, "INVALIDATED", "DEFERRED", "REQUESTED", "EXPIRED"])
    def test_whoever_said_no_is_left_in_peace(self, no):
        """So is whoever put it off or was asked; what ended stands on the other list."""
        before = (line(),) if no in ENDING else ()
        assert talk_of(ledger(*before, line(no, SAID + DAY)), TIMERS) is None
        assert talk_of(ledger(), TIMERS) is None


class TestCoolingOff:
    def test_a_yes_waits_after_they_could_not_decide(self):
        """From the latest such moment; what was recorded in error does not count."""
        nothing = line(NO_CAPACITY)
        assert too_early_until([line(), nothing], TIMERS) == SAID + DAY
        assert too_early_until([nothing, line(NO_CAPACITY, SAID + 3 * DAY)], TIMERS) == SAID + 4 * DAY
        assert too_early_until([replace(nothing, superseded=True)], TIMERS) is None
        assert too_early_until([line()], TIMERS) is None

    @pytest.mark.parametrize("answer", [REFUSED, "DEFERRED", "REQUESTED"])
    def test_it_waits_also_where_that_was_found_beside_another_answer(self, answer):
        """As the page records it, which offers a no and nothing else then."""
        found = line(answer, terms=Terms(capacity="NOT_ESTABLISHED"))
        assert too_early_until([found], TIMERS) == SAID + DAY
        assert too_early_until([line(answer, terms=Terms(capacity="PRESUMED"))], TIMERS) is None


class TestPolicy:
    def test_every_key_holds_in_every_nation_since_the_first_day(self):
        """Each line has its source, a nation of the list, and no other of its key, nation and day beside it."""
        first = min(one.valid_from for one in lines())
        for key in (BEFORE, CONFIRM, CAPACITY, COOLING, LAW):
            for nation in NATIONS:
                assert value_of(key, nation, first)
        assert {one.key for one in lines()} == {BEFORE, CONFIRM, CAPACITY, COOLING, LAW}
        assert all(one.source and one.nation in (*NATIONS, policy.EVERYWHERE) for one in lines())
        assert set(NATIONS) <= set(get("nation").codes)
        assert len({(one.key, one.nation, one.valid_from) for one in lines()}) == len(lines())
        assert version() >= 1

    def test_before_the_first_line_the_first_holds(self, monkeypatch):
        """A decision of long ago, or a clock that stands wrong, finds a line; only where there is none at all it is said."""
        assert timers_of("WALES", date(2020, 1, 1)) == timers_of("WALES", date(2026, 1, 1))
        own = Line(key=COOLING, nation="WALES", value=72, valid_from=date(2025, 1, 1), source="Invented")
        all_of_them = (own, *lines())
        monkeypatch.setattr(policy, "lines", lambda: all_of_them)
        assert value_of(COOLING, "WALES", date(2020, 1, 1)) == 72
        assert value_of(COOLING, "ENGLAND", date(2020, 1, 1)) == 24
        with pytest.raises(PolicyLackingError):
            value_of("invented_days", "WALES", date(2026, 6, 1))

    def test_a_nations_own_line_and_a_later_one_hold_and_an_unknown_one_waits_longest(self, monkeypatch):
        """In one nation since one day; before it, and elsewhere, what held there."""
        own = Line(key=COOLING, nation="SCOTLAND", value=72, valid_from=date(2027, 1, 1), source="Invented")
        newer = Line(key=COOLING, nation="ALL", value=48, valid_from=date(2028, 1, 1), source="Invented")
        all_of_them = (*lines(), own, newer)
        monkeypatch.setattr(policy, "lines", lambda: all_of_them)
        timers_of.cache_clear()
        told = {
            (nation, year): timers_of(nation, date(year, 6, 1)).cooling / timedelta(hours=1)
            for nation in ("SCOTLAND", "WALES", None, "NOT_KNOWN")
            for year in (2026, 2027, 2028)
        }
        timers_of.cache_clear()
        assert [told["SCOTLAND", year] for year in (2026, 2027, 2028)] == [24, 72, 72]
        assert [told["WALES", year] for year in (2026, 2027, 2028)] == [24, 24, 48]
        assert [told[None, year] for year in (2026, 2027, 2028)] == [24, 72, 72]
        assert told["NOT_KNOWN", 2028] == 72
