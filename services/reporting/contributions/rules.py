"""Contributions: what consent stated of each episode, with the versions that a seal may still need. Pure rules.

Promise: an episode has its place in the period in which it stood at that period's seal; a correction afterwards
moves it nowhere (ADR 0020; ``tests/unit/reporting/test_counted_once.py`` shows it).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.codelists.periods import Period
from shared.contracts.consent import permits

RELEASED, WITHHELD = "RELEASED", "WITHHELD"

AFTER_SEAL = "AFTER_THE_SEAL"
NOT_YET_EFFECTIVE = "NOT_YET_EFFECTIVE"
EXPIRED = "EXPIRED"
TRANSFER_IN = "TRANSFER_IN"
EXCLUDED = "EXCLUDED_BY_CASEWORKER"
SAME_PERSON = "COUNTED_IN_AN_EARLIER_EPISODE"
COUNTED_BEFORE = "COUNTED_IN_AN_EARLIER_PERIOD"
MOVED = "MOVED_AFTER_ITS_SEAL"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The codes of one released episode; ``month`` is its referral month."""

    month: str
    gender: str
    exploitation_types: tuple[str, ...]
    region: str
    transfer_in: bool
    excluded: bool


@dataclass(frozen=True, kw_only=True)
class Version:
    """One state of a contribution as consent stated it.

    Attributes:
        quarter: Quarter of referral, the only thing kept of a withheld episode.
        facts: None when withheld.
        recorded_at: The later of the two recorded times; it must be no later than the seal.
        facts_recorded_at: When the facts were recorded; a later one than the signature makes it lapse.
        event_id: The consent event that stated it; the ledger of who was counted keeps it.
        sequence: Consent's own count of what it stated of the episode; a late one still has its place.
    """

    state: str
    quarter: str
    facts: Facts | None
    reason: str | None
    effective_from: datetime
    until: datetime | None
    recorded_at: datetime
    facts_recorded_at: datetime
    event_id: str | None = None
    sequence: int = 0

    def reason_left_out(self, seal_at: datetime) -> str | None:
        """Say why a seal at this instant leaves the episode out; None if it counts."""
        if self.facts is None:
            return self.reason or WITHHELD
        if self.facts.excluded:
            return EXCLUDED
        if self.facts.transfer_in:
            return TRANSFER_IN
        if not permits(self.effective_from, self.until, seal_at):
            return NOT_YET_EFFECTIVE if self.effective_from > seal_at else EXPIRED
        return None


@dataclass(frozen=True, kw_only=True)
class Move:
    """A correction that took an episode out of a quarter; it outlives the version that it ended.

    Attributes:
        quarter: Where the episode was before.
        at: When the correction was recorded.
    """

    quarter: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """One episode under its random id, with the versions that a seal may still need, as consent stated them.

    Attributes:
        person_id: As the newest version has it; a merge of two people gives both episodes one.
        moves: Corrections of the referral month from one quarter to another, oldest first.
        fixed: Periods at whose seal the episode stood there to be counted; nothing moves it out of them.
    """

    id: str
    person_id: str
    versions: tuple[Version, ...]
    moves: tuple[Move, ...] = ()
    fixed: tuple[str, ...] = ()

    def as_of(self, seal_at: datetime) -> Version | None:
        """Give the state recorded by the seal, or None when everything was recorded later."""
        known = [version for version in self.versions if version.recorded_at <= seal_at]
        return known[-1] if known else None

    def with_version(
        self, version: Version, open_seals: Iterable[datetime], *, person_id: str | None = None
    ) -> "Contribution":
        """Add a state in its place and drop every older one that no open seal needs.

        So a withdrawal deletes the facts at once, unless a seal before it has not been carried out. A state
        that was delayed on its way is not the newest, and may still be the one that stood at a seal.
        """
        versions = tuple(sorted((*self.versions, version), key=lambda one: one.sequence))
        whole = replace(self, versions=versions)
        if person_id is not None and versions[-1] is version:
            whole = replace(whole, person_id=person_id)
        needed = {id(versions[-1])}
        for seal_at in open_seals:
            at_seal = whole.as_of(seal_at)
            if at_seal is not None:
                needed.add(id(at_seal))
        return replace(whole.with_history(), versions=tuple(v for v in versions if id(v) in needed))

    def pruned(self, open_seals: Sequence[datetime]) -> "Contribution":
        """Drop the states that no open seal needs any more."""
        newest = self.versions[-1]
        return replace(self, versions=self.versions[:-1]).with_version(newest, open_seals)

    def quarters(self) -> tuple[str, ...]:
        """Give every quarter in which the episode stands or stood."""
        return tuple(sorted({v.quarter for v in self.versions} | {move.quarter for move in self.moves}))

    def fixed_outside(self, covers: Sequence[str]) -> bool:
        """Whether it had its place, when that was sealed, in another period of the same kind than these."""
        kinds = {Period.parse(period).kind for period in covers}
        return any(Period.parse(period).kind in kinds and period not in covers for period in self.fixed)

    def left_after(self, moment: datetime, quarters: Sequence[str]) -> bool:
        """Whether a correction recorded after a moment took it out of one of these quarters."""
        return any(move.at > moment and move.quarter in quarters for move in self.moves)

    def with_history(self) -> "Contribution":
        """Keep what outlives the versions: where it moved from, and where it stood when that was sealed."""
        moves = {(move.quarter, move.at): move for move in self.moves}
        for before, after in zip(self.versions, self.versions[1:], strict=False):
            if before.quarter != after.quarter:
                moves.setdefault(
                    (before.quarter, after.facts_recorded_at), Move(quarter=before.quarter, at=after.facts_recorded_at)
                )
        fixed = {*self.fixed, *(period for version in self.versions for period in self._sealed_in(version.quarter))}
        return replace(self, moves=tuple(sorted(moves.values(), key=lambda move: move.at)), fixed=tuple(sorted(fixed)))

    def _sealed_in(self, quarter: str) -> Iterator[str]:
        """Give those of a quarter and its year at whose seal the episode was there to be counted."""
        parsed = Period.parse(quarter)
        for period in (parsed, Period(year=parsed.year, quarter=None)):
            seal_at = period.seal_at()
            if self.versions[-1].recorded_at <= seal_at:
                continue  # What stands now may still change before that seal.
            then = self.as_of(seal_at)
            if then is not None and then.quarter in period.quarters() and then.reason_left_out(seal_at) is None:
                yield str(period)
