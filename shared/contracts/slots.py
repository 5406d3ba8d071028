"""The slots of a plan: the address of each number of a vector, and what a coarser one is made of."""

from collections.abc import Iterator
from typing import NamedTuple

from shared.codelists.plan import Level, Table
from shared.kernel.errors import InvalidInputError


class Slot(NamedTuple):
    """The address of one number."""

    table: str
    level: int
    category: str


PEOPLE = Slot("PEOPLE", 0, "PEOPLE")
"""The total that all tables of a release share."""


class BrokenLevelError(InvalidInputError):
    """A level's merges do not use each finest category exactly once."""

    code = "broken-level"

    def __init__(self, table: str, level: int) -> None:
        """Name the level."""
        super().__init__(
            f"Level {level} of table {table} must put each category of level 1 into exactly one of its own."
        )


def slots_of(table: Table) -> Iterator[tuple[Slot, tuple[Slot, ...]]]:
    """Give each slot of a table, with its parts among the finest ones.

    Raises:
        BrokenLevelError: A level is no partition of level 1.
    """
    codes_of_one = sorted(category.code for category in finest(table).categories)
    for level in sorted(table.levels, key=lambda one: one.number):
        parts = {category.code: _parts(level, category.code) for category in level.categories}
        if sorted(code for codes in parts.values() for code in codes) != codes_of_one:
            raise BrokenLevelError(table.id, level.number)
        for code, codes in parts.items():
            yield Slot(table.id, level.number, code), tuple(Slot(table.id, 1, part) for part in codes)


def finest(table: Table) -> Level:
    """Give a table's level 1."""
    return min(table.levels, key=lambda level: level.number)


def _parts(level: Level, code: str) -> tuple[str, ...]:
    return (code,) if level.number == 1 else tuple(level.merges.get(code, ()))
