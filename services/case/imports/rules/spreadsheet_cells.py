"""Cells of a spreadsheet as text: a date is a date, a whole number has its digits, an empty cell is empty."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

_DIGITS_KEPT = 15
"""A spreadsheet keeps so many digits of a number; what is longer has lost its end."""


def rows_as_text(sheet: Any, covered: Mapping[tuple[int, int], tuple[int, int]]) -> Iterator[tuple[int, list[str]]]:
    """Give (row as the program numbers it, its cells) of every row that holds anything.

    Args:
        covered: For each cell of a merged range, its upper left one, whose word it shows too.
    """
    start = sheet.start
    if start is None:
        return
    words: dict[tuple[int, int], str] = {}
    corners = set(covered.values())
    covered_rows = {row for row, _ in covered}
    top, left = start
    for number, row in enumerate(sheet.iter_rows(), start=top):
        cells = [""] * left + [as_text(cell) for cell in row]
        if number in covered_rows:
            for column in range(len(cells)):
                if (number, column) in corners:
                    words[number, column] = cells[column]
                corner = covered.get((number, column))
                if corner is not None and not cells[column]:
                    cells[column] = words.get(corner, "")
        if any(cells):
            yield number + 1, cells


def as_text(cell: Any) -> str:  # noqa: PLR0911  Each type has its own words.
    """Write a cell's value."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return _number(float(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.replace(microsecond=0).isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time | timedelta):
        return str(cell)
    return "" if cell is None else str(cell)


def _number(value: float) -> str:
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124  Not a number.
        return "#NUM!"
    if value.is_integer():
        return str(int(value)) if abs(value) < 10**_DIGITS_KEPT else f"{value:.14E}"
    return repr(value)
