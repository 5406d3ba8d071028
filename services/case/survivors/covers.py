"""Cover for an absence: another advocate may act on somebody from a first day to a last one, both of London.

Promise: from the day after the last one on whoever covered may act no more, whether or not any job or message ran; each
check reads the stated days in the command's own transaction. Shown by tests/unit/case/test_caseload_rules.py and
tests/integration/case/test_caseload.py. Source: ADR 0060.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from shared.codelists.periods import LONDON
from shared.contracts.case import Covering


@dataclass(frozen=True, kw_only=True)
class Cover:
    """Who acts instead of whom, and on which days.

    Attributes:
        cover_id: The arrangement that it came with; it ends with that.
        by: The advocate who covers.
        instead_of: The advocate who is absent; whoever takes over the person for good ends the cover.
        first_on, last_on: The first day and the last.
    """

    cover_id: str
    by: str
    instead_of: str
    first_on: date
    last_on: date

    def holds(self, today: date) -> bool:
        """Whether today is one of its days."""
        return self.first_on <= today <= self.last_on

    def told(self) -> Covering:
        """Say it to other services: from the first day's midnight in London up to that after the last."""
        return Covering(
            advocate_id=self.by, starts_at=_midnight(self.first_on), ends_at=_midnight(self.last_on + timedelta(days=1))
        )


def write_covers(covers: Iterable[Cover]) -> list[dict[str, str]]:
    """Give what is stored; days as texts, so that an index finds them."""
    return [
        {
            "cover_id": one.cover_id,
            "by": one.by,
            "instead_of": one.instead_of,
            "first_on": one.first_on.isoformat(),
            "last_on": one.last_on.isoformat(),
        }
        for one in covers
    ]


def read_covers(stored: Iterable[Mapping[str, str]]) -> tuple[Cover, ...]:
    """Read what is stored."""
    return tuple(
        Cover(
            cover_id=one["cover_id"],
            by=one["by"],
            instead_of=one["instead_of"],
            first_on=date.fromisoformat(one["first_on"]),
            last_on=date.fromisoformat(one["last_on"]),
        )
        for one in stored
    )


def within_reach(advocate_id: str, today: date) -> dict[str, Any]:
    """Give the filter of the survivors on whom an advocate may act: their own, and those whom they cover today."""
    day = today.isoformat()
    covered = {"by": advocate_id, "first_on": {"$lte": day}, "last_on": {"$gte": day}}
    return {"$or": [{"advocate_ids": advocate_id}, {"covers": {"$elemMatch": covered}}]}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LONDON)
