"""How far a consumer has committed each source's stream, and what a mark means for it.

Numbers of one source to one consumer are gapless. Committed are those handled, dropped as older
(``latest``) or discarded by a person; a parked, retried or held one is not. So "nothing came" and
"something is missing" differ, and a cut-off can be known to be complete.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

# Older unreached marks may go: a newer one says all that they say.
_PENDING_LIMIT = 64

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class PendingMark:
    """A mark whose last number is not yet committed here.

    Attributes:
        applied: What the source had itself applied of its own sources, by source.
    """

    through: datetime
    last_stream_n: int
    applied: Mapping[str, datetime]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What one consumer has committed of one source's stream.

    Attributes:
        contiguous: Every number up to this one is committed.
        above: Committed ranges above the first gap, ascending, inclusive.
        applied_through: Business time up to which everything the source recorded is committed here.
        source_applied: What the source had applied of its own sources at its newest mark that counts.
        pending: Marks not yet reached, oldest first.
    """

    contiguous: int = 0
    above: Ranges = ()
    applied_through: datetime | None = None
    source_applied: Mapping[str, datetime] = field(default_factory=dict)
    pending: tuple[PendingMark, ...] = ()

    def with_committed(self, numbers: Iterable[int]) -> "Progress":
        """Add committed numbers; those known already change nothing."""
        spans = sorted([*self.above, *((n, n) for n in numbers if n > self.contiguous)])
        contiguous = self.contiguous
        merged: list[tuple[int, int]] = []
        for low, high in spans:
            if low <= contiguous + 1:
                contiguous = max(contiguous, high)
            elif merged and low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high))
            else:
                merged.append((low, high))
        return replace(self, contiguous=contiguous, above=tuple(merged)).settled()

    def with_mark(
        self, through: datetime, last_stream_n: int, applied: Mapping[str, datetime] | None = None
    ) -> "Progress":
        """Note a mark; it counts once every number up to its last is committed."""
        mark = PendingMark(through=through, last_stream_n=last_stream_n, applied=applied or {})
        pending = sorted([*self.pending, mark], key=lambda m: m.through)[-_PENDING_LIMIT:]
        return replace(self, pending=tuple(pending)).settled()

    def missing(self) -> Ranges:
        """Give the ranges that are not committed, though something came that its source had sent after them."""
        sent = max([self.contiguous, *(high for _, high in self.above), *(m.last_stream_n for m in self.pending)])
        ends = [self.contiguous, *(high for _, high in self.above)]
        begins = [*(low for low, _ in self.above), sent + 1]
        return tuple((e + 1, b - 1) for e, b in zip(ends, begins, strict=True) if e + 1 < b)

    def settled(self) -> "Progress":
        """Let every mark count whose last number is committed."""
        reached = [mark for mark in self.pending if mark.last_stream_n <= self.contiguous]
        if not reached:
            return self
        newest = max(reached, key=lambda mark: mark.through)
        left = tuple(m for m in self.pending if m not in reached and m.through > newest.through)
        if self.applied_through is not None and newest.through <= self.applied_through:
            return replace(self, pending=left)
        return replace(self, applied_through=newest.through, source_applied=dict(newest.applied), pending=left)


def to_document(source: str, progress: Progress) -> dict[str, Any]:
    """Give the document of collection ``streams`` (without version)."""
    return {
        "_id": source,
        "contiguous": progress.contiguous,
        "above": [list(span) for span in progress.above],
        "applied_through": progress.applied_through,
        "source_applied": dict(progress.source_applied),
        "pending": [
            {"through": m.through, "last": m.last_stream_n, "applied": dict(m.applied)} for m in progress.pending
        ],
    }


def from_document(document: Mapping[str, Any] | None) -> Progress:
    """Read a document of collection ``streams``; none means nothing committed yet."""
    if document is None:
        return Progress()
    return Progress(
        contiguous=document["contiguous"],
        above=tuple((low, high) for low, high in document["above"]),
        applied_through=document["applied_through"],
        source_applied=document["source_applied"],
        pending=tuple(
            PendingMark(through=m["through"], last_stream_n=m["last"], applied=m["applied"])
            for m in document["pending"]
        ),
    )
