"""Nation policy: rules that differ by nation of the United Kingdom and by day, as data.

Promise: the rule in force on a day, or an error; never a default. Limit: a rule marked ``verify`` is our
reading of a public source, so a page that shows it must say so; none of it is legal advice.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from shared.codelists.errors import NoPolicyError
from shared.codelists.lists import get

ALL = "ALL"
UK_NATIONS = frozenset({"ENGLAND", "WALES", "SCOTLAND", "NORTHERN_IRELAND"})


@dataclass(frozen=True, kw_only=True)
class PolicyRule:
    """One rule of the table.

    Attributes:
        nation: A code of the list nation, or ``ALL`` for the four nations of the United Kingdom.
        value: A number of days, a flag, a code, or a read-only mapping of these.
        valid_from: First day; None for always.
        valid_to: Last day; None for no end.
        verify: Whether a partner or lawyer still has to confirm it.
    """

    key: str
    nation: str
    value: Any
    source: str
    valid_from: date | None = None
    valid_to: date | None = None
    verify: bool = False

    def holds(self, nation: str, on: date) -> bool:
        """Whether the rule is in force in a nation on a day, both ends included."""
        there = self.nation == nation or (self.nation == ALL and nation in UK_NATIONS)
        return there and (self.valid_from or date.min) <= on <= (self.valid_to or date.max)


def nation_policy(key: str, nation: str, on: date) -> Any:
    """Give the value of the rule in force; see ``nation_rule``."""
    return nation_rule(key, nation, on).value


def nation_rule(key: str, nation: str, on: date) -> PolicyRule:
    """Give the rule in force in a nation on a day; a nation's own rule stands above one for all.

    Raises:
        UnknownCodeError: ``nation`` is not in the list nation.
        NoPolicyError: The table says nothing.
    """
    get("nation").require(nation)
    found = [rule for rule in rules() if rule.key == key and rule.holds(nation, on)]
    if not found:
        raise NoPolicyError(key, nation)
    return min(found, key=lambda rule: rule.nation == ALL)


@functools.cache
def rules() -> tuple[PolicyRule, ...]:
    """Give the whole table, in the file's order."""
    text = resources.files(__package__).joinpath("data/nation_policy.yaml").read_text(encoding="utf-8")
    return tuple(PolicyRule(**{**row, "value": _frozen(row["value"])}) for row in yaml.safe_load(text))


def _frozen(value: Any) -> Any:
    return MappingProxyType(value) if isinstance(value, Mapping) else value
