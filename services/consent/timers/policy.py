"""The policy of asking again, read from ``policy.yaml``: by nation and date, each line with its source.

Promise: every key holds in every nation on every day, before the first line what that one says: no day lets a decision
wait for a line. Whose nation is not known has the longest wait of all.
Shown by tests/unit/consent/test_timers.py. Source: domain reference 4.2 and 4.3; ADR 0053.
"""

import functools
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from typing import Any

import yaml

EVERYWHERE = "ALL"
NATIONS = ("ENGLAND", "WALES", "SCOTLAND", "NORTHERN_IRELAND")
BEFORE, CONFIRM, CAPACITY, COOLING = (
    "talk_again_before_days", "confirm_after_support_days", "capacity_again_days", "cooling_off_hours",
)  # fmt: skip
LAW = "capacity_law"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the policy.

    Attributes:
        nation: A nation, or ``ALL``.
        value: Days, hours or the name of a law.
        verify: Whether a lawyer of the nation has still to confirm it.
    """

    key: str
    nation: str
    value: int | str
    valid_from: date
    source: str
    verify: bool = False


@dataclass(frozen=True, kw_only=True)
class Timers:
    """What holds for one person.

    Attributes:
        before: How long before a yes ends one talks about it again.
        confirm: How long after a yes with support one talks about it once more.
        capacity: How long after they could not decide one asks whether they can by now.
        cooling: How long after that no yes is taken.
    """

    before: timedelta
    confirm: timedelta
    capacity: timedelta
    cooling: timedelta


class PolicyLackingError(LookupError):
    """The policy says nothing for a key and a nation; found by a test, not by a person."""

    def __init__(self, key: str) -> None:
        """Name the key."""
        super().__init__(f"policy.yaml has no line of {key} for that nation. Add one.")


@functools.cache
def _read() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("policy.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def version() -> int:
    """Give the policy's version; whatever was worked out by an older one is worked out anew."""
    return int(_read()["version"])


@functools.cache
def lines() -> tuple[Line, ...]:
    """Give every line, in the order in which they stand."""
    return tuple(Line(**entry) for entry in _read()["entries"])


def value_of(key: str, nation: str, on: date) -> int | str:
    """Give what holds in a nation on a day: its own line before one for all, the later before the earlier.

    Raises:
        PolicyLackingError: There is no line at all.
    """
    known = [one for one in lines() if one.key == key and one.nation in (nation, EVERYWHERE)]
    if not known:
        raise PolicyLackingError(key)
    since = min(one.valid_from for one in known)
    found = [one for one in known if one.valid_from <= max(on, since)]
    return max(found, key=lambda one: (one.nation == nation, one.valid_from)).value


@functools.cache
def timers_of(nation: str | None, on: date) -> Timers:
    """Give the timers of somebody's nation; where it is none of the four, or not known, the longest of each."""

    def longest(key: str) -> int:
        return max(int(value_of(key, one, on)) for one in ((nation,) if nation in NATIONS else NATIONS))

    return Timers(
        before=timedelta(days=longest(BEFORE)),
        confirm=timedelta(days=longest(CONFIRM)),
        capacity=timedelta(days=longest(CAPACITY)),
        cooling=timedelta(hours=longest(COOLING)),
    )
