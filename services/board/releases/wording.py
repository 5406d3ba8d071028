"""Words and sums about released figures; pure, and from nothing but what anyone may read.

Source: decisions 5 for words of change and shares; 600 adults in four years is the pilot's plan.
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

from shared.codelists.periods import Period

PLANNED_PEOPLE = 600
LEAST_DENOMINATOR = 100
NO_CLEAR_CHANGE = "no clear change"

Release = Mapping[str, Any]


def change(earlier: int, later: int) -> str:
    """Say in words how two rounded counts differ; rounding and chance alone often make a difference of 5.

    A change is named only if |difference| >= 2 * sqrt(earlier + later) + 5.
    """
    if abs(later - earlier) < 2 * sqrt(earlier + later) + 5:
        return NO_CLEAR_CHANGE
    return f"more than in the year before ({earlier})" if later > earlier else f"fewer ({earlier} then)"


def share(part: int, whole: int) -> str | None:
    """Give a share in whole per cent, or None where the denominator is too small to say one."""
    return f"about {round(100 * part / whole)} %" if whole >= LEAST_DENOMINATOR else None


def quarters_of(release: Release) -> frozenset[str]:
    """Give the quarters whose people a release counts."""
    return frozenset(quarter for period in release["covers"] for quarter in Period.parse(period).quarters())


def people_to_date(releases: Sequence[Release]) -> int:
    """Add up the released totals of periods that do not overlap, the longest first."""
    counted: set[str] = set()
    people = 0
    for release in sorted(releases, key=lambda r: -len(quarters_of(r))):
        quarters = quarters_of(release)
        if release["people"] is not None and not quarters & counted:
            counted |= quarters
            people += release["people"]
    return people


def newest_with_tables(releases: Sequence[Release]) -> Release | None:
    """Give the newest release that has tables, from newest to oldest; the year's, as a rule."""
    return next((release for release in releases if release["tables"]), None)


def before(release: Release, releases: Sequence[Release]) -> Release | None:
    """Give the newest earlier release by the same plan, for words of change."""
    earlier = [
        one for one in releases if one["plan"] == release["plan"] and max(quarters_of(one)) < min(quarters_of(release))
    ]
    return max(earlier, key=lambda one: max(quarters_of(one)), default=None)


def changes(release: Release, earlier: Release | None) -> dict[tuple[str, str], str]:
    """Give the words of change of each cell that both releases show, by (table, category)."""
    if earlier is None:
        return {}
    then = {(t["table"], c["category"]): c["value"] for t in earlier["tables"] for c in t["cells"]}
    now = {(t["table"], c["category"]): c["value"] for t in release["tables"] for c in t["cells"]}
    return {place: change(then[place], value) for place, value in now.items() if place in then}
