"""The nation policy: the rule of the nation and day, or an error; never a default."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codelists.errors import NoPolicyError, UnknownCodeError
from shared.codelists.lists import get
from shared.codelists.policy import ALL, UK_NATIONS, nation_policy, nation_rule, rules

TODAY = date(2026, 11, 23)
KEYS = sorted({rule.key for rule in rules()})


class TestTable:
    def test_every_rule_is_of_a_nation_and_has_a_source(self):
        """A nation of the list or all four, a source, and days in their order."""
        for rule in rules():
            assert rule.nation in {ALL, *UK_NATIONS}
            assert rule.source
            assert rule.valid_from is None or rule.valid_to is None or rule.valid_from <= rule.valid_to
        assert set(get("nation").codes) > UK_NATIONS

    @given(st.sampled_from(KEYS), st.sampled_from(sorted(UK_NATIONS)), st.dates(date(2015, 1, 1), date(2035, 1, 1)))
    def test_one_rule_or_none_holds_on_any_day(self, key, nation, day):
        """For one nation and day no two rules of one nation, and no two for all, hold together."""
        holding = [rule for rule in rules() if rule.key == key and rule.holds(nation, day)]
        assert len({rule.nation for rule in holding}) == len(holding)
        if holding:
            own = [rule for rule in holding if rule.nation != ALL]
            assert nation_rule(key, nation, day) == (own or holding)[0]
        else:
            with pytest.raises(NoPolicyError, match=nation):
                nation_rule(key, nation, day)

    @pytest.mark.parametrize("key", KEYS)
    def test_every_rule_holds_in_the_whole_uk_today(self, key):
        """No nation of the United Kingdom is left out of any rule."""
        assert all(nation_rule(key, nation, TODAY) for nation in UK_NATIONS)


class TestNoDefault:
    @pytest.mark.parametrize("nation", ["OUTSIDE_UK", "NOT_KNOWN"])
    @pytest.mark.parametrize("key", KEYS)
    def test_outside_the_uk_there_is_none(self, key, nation):
        """A rule for all is one for the four nations, not for an unknown place."""
        with pytest.raises(NoPolicyError):
            nation_policy(key, nation, TODAY)

    @pytest.mark.parametrize("nation", ["ENGLAND ", "england", "", "ALL", "GB"])
    def test_what_is_no_nation_raises(self, nation):
        """Not even ``ALL`` may be asked for."""
        with pytest.raises(UnknownCodeError):
            nation_policy(KEYS[0], nation, TODAY)

    def test_an_unknown_rule_raises(self):
        """A rule that nobody wrote down has no value."""
        with pytest.raises(NoPolicyError, match="no_such_rule"):
            nation_policy("no_such_rule", "ENGLAND", TODAY)

    def test_before_its_first_day_there_is_none(self):
        """Scotland's guardianship begins on a day; the day before has no rule."""
        rule = nation_rule("child_service", "SCOTLAND", TODAY)
        assert nation_rule("child_service", "SCOTLAND", rule.valid_from) == rule
        with pytest.raises(NoPolicyError):
            nation_rule("child_service", "SCOTLAND", rule.valid_from - timedelta(days=1))


def test_a_rule_changes_on_its_day():
    """England's recovery period was 45 days up to 12 December 2022 and is 30 from the next."""
    assert nation_policy("adult_recovery_period", "ENGLAND", date(2022, 12, 12))["min_days"] == 45
    assert nation_policy("adult_recovery_period", "ENGLAND", date(2022, 12, 13))["min_days"] == 30


def test_a_value_cannot_be_changed():
    """Nobody changes a rule for all others in passing."""
    with pytest.raises(TypeError):
        nation_policy("adult_recovery_period", "ENGLAND", TODAY)["min_days"] = 1
