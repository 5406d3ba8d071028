"""The policy of the NRM's times, read from ``policy.yaml``: by nation and date, each line with its source.

Promise: the line of the day on which a time began holds for it, before the first line what that one says; a nation's
own line comes before one for all. Shown by tests/unit/case/test_nrm_deadlines.py. Source: domain reference 2.1, 3 and
14.2; ADR 0057.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from shared.codelists.working_days import bank_holidays, months_after

EVERYWHERE = "ALL"
NATIONS = ("ENGLAND", "WALES", "SCOTLAND", "NORTHERN_IRELAND")
DAYS, WORKING_DAYS, MONTHS = "DAYS", "WORKING_DAYS", "MONTHS"
UNITS = (DAYS, WORKING_DAYS, MONTHS)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the policy.

    Attributes:
        kind: What the time is for.
        nation: A nation, or ``ALL``.
        calendar: Of working days, the nation whose bank holidays count.
        verify: Whether a lawyer of the nation has still to confirm it.
    """

    kind: str
    nation: str
    amount: int
    unit: str
    calendar: str | None = None
    valid_from: date
    source: str
    verify: bool = False

    def due(self, began_on: date) -> date:
        """Give the last day; a year without a list of bank holidays gives an earlier one, never a later."""
        if self.unit == MONTHS:
            return months_after(began_on, self.amount)
        if self.unit == DAYS:
            return began_on + timedelta(days=self.amount)
        day, left, calendar = began_on, self.amount, bank_holidays()
        while left:
            day += _ONE_DAY
            left -= calendar.is_working(day, self.calendar or "")
        return day


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a time is for.

    Attributes:
        begins: The stages from which it runs, each with the later stages that end it.
        exceptions: Whether the law knows some, so that a day that is over is not the last word.
    """

    name: str
    begins: Mapping[str, frozenset[str]]
    exceptions: bool


@functools.cache
def _read() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("policy.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def version() -> int:
    """Give the policy's version."""
    return int(_read()["version"])


@functools.cache
def lines() -> tuple[Line, ...]:
    """Give every line, in the order in which they stand."""
    return tuple(Line(**entry) for entry in _read()["entries"])


@functools.cache
def kinds() -> tuple[Kind, ...]:
    """Give every kind of time."""
    return tuple(
        Kind(
            name=name,
            exceptions=said["exceptions"],
            begins=MappingProxyType({stage: frozenset(ends) for stage, ends in said["begins"].items()}),
        )
        for name, said in _read()["kinds"].items()
    )


def line_for(kind: str, nation: str | None, began_on: date) -> Line | None:
    """Give the line that holds for a time of somebody; None where nothing is promised.

    Whose nation is none of the four, or not known, has the one that ends first: to ask too early harms nobody.
    """
    if nation in NATIONS:
        return _line_in(kind, nation, began_on)
    found = [_line_in(kind, one, began_on) for one in NATIONS]
    known = [line for line in found if line is not None]
    # What is promised in one nation alone is promised to nobody of whom nobody knows where they live.
    return min(known, key=lambda line: line.due(began_on)) if len(known) == len(NATIONS) else None


def _line_in(kind: str, nation: str, began_on: date) -> Line | None:
    known = [one for one in lines() if one.kind == kind and one.nation in (nation, EVERYWHERE)]
    if not known:
        return None
    since = min(one.valid_from for one in known)
    found = [one for one in known if one.valid_from <= max(began_on, since)]
    return max(found, key=lambda one: (one.nation == nation, one.valid_from))
