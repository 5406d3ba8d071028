"""Support episodes: plain rules, no database and no clock."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from services.case.episodes.errors import EpisodeClosedError, RecordedInErrorError, UnderEighteenError
from services.case.episodes.states import ACTIVE, BEFORE, CLOSED, ENDED, REOPENED, check_step
from shared.codelists.lists import get
from shared.contracts.case import EpisodeClosed, EpisodeOpened, StatisticsFactsChanged
from shared.contracts.casework import EpisodeStatusChanged
from shared.kernel.messages import Event

__all__ = ["ACTIVE", "CLOSED", "Episode"]

RECORDED_IN_ERROR = "RECORD_CREATED_IN_ERROR"
"""The closure reason that takes an episode out of counting."""
CASEWORKER, IMPORT = "CASEWORKER", "IMPORT"
POSSIBLE_CHILD, TWIN_SAYS_NO = "POSSIBLE_CHILD", "TWIN_SAYS_NO"
STAYS = frozenset({POSSIBLE_CHILD, TWIN_SAYS_NO})
"""Causes that no later file lifts: an urgent task is open, or two references may be one person."""

_NOT_ADULT = frozenset({"CHILD_17_UNDER", "NOT_SPECIFIED_OR_UNKNOWN", "NOT_KNOWN", "NOT_ASKED", "DECLINED_TO_ANSWER"})


@dataclass(frozen=True, kw_only=True)
class Episode:
    """One person at one host, from open to close.

    Attributes:
        referral_date: The exact day; it stays in this service, sealed. Events carry the month.
        closure_reason: Why support ended, a code; None while it goes on.
        closed_at: When it was written down that support ended.
        begun: Whether support ever began; until then nobody outside this service hears of the episode.
        referral_source: Who referred, a code; None where nobody said, as of episodes from before this was kept.
        tier: What triage said; None where nobody triaged.
        state_since: When the state was entered; None of episodes from before this was kept.
        left_out: Why imports took the episode out of the statistics, such as ``AGE_UNREADABLE``; empty where none did.
        updated_at: When it was last written; None before it ever was.
        events: Facts that this change states, for the outbox.
    """

    id: str
    survivor_id: str
    status: str
    referral_date: date
    age_band: str
    gender: str
    nationality: tuple[str, ...]
    region: str
    exploitation_types: tuple[str, ...]
    nation: str
    advocacy_area: str | None
    advocate_id: str | None
    transfer_in: bool = False
    excluded: bool = False
    recorded_in_error: bool = False
    closure_reason: str | None = None
    closed_at: datetime | None = None
    begun: bool = True
    referral_source: str | None = None
    tier: str | None = None
    state_since: datetime | None = None
    left_out: tuple[str, ...] = ()
    facts_recorded_at: datetime
    updated_at: datetime | None = field(default=None, compare=False)
    version: int = 0
    events: tuple[Event, ...] = field(default=(), repr=False)

    def opened(self) -> "Episode":
        """Begin, with support or with a referral alone.

        Raises:
            UnderEighteenError: The person is not known to be an adult at referral.
            UnknownCodeError: A code is not in its list.
        """
        if self.age_band in _NOT_ADULT:
            raise UnderEighteenError
        get("gender").require(self.gender)
        get("nation").require(self.nation)
        for code in self.exploitation_types:
            get("exploitation_type").require(code)
        if self.status in BEFORE:
            return replace(self, begun=False, events=())
        return _told_of_beginning(replace(self, status=ACTIVE, begun=True))

    def moved(self, wanted: str, *, reason: str | None = None, tier: str | None = None, at: datetime) -> "Episode":
        """Take the next step of support; who is closed is closed by ``closed``.

        Raises:
            WrongStepError, ReasonWantedError, TierWantedError: It does not follow, or lacks what it needs.
            RecordedInErrorError: What was recorded in error is not taken up again.
        """
        check_step(self.status, wanted, reason=reason, tier=tier)
        if wanted == REOPENED and (self.recorded_in_error or not self.begun):
            raise RecordedInErrorError
        moved = replace(self, status=wanted, tier=tier or self.tier, state_since=at, events=())
        if wanted == REOPENED:
            moved = replace(moved, closure_reason=None, closed_at=None)
        if not self.begun:
            if wanted != ACTIVE:
                return moved
            return _told_of_beginning(replace(moved, begun=True, facts_recorded_at=at))
        changed = EpisodeStatusChanged(episode_id=self.id, survivor_id=self.survivor_id, status=wanted)
        return replace(moved, events=(changed,))

    def corrected(self, other: "Episode") -> "Episode":
        """Take corrected facts from a file, also after support has ended; the same facts change nothing.

        Whose episode it is, its state and a caseworker's flags are no file's business: they stay.
        """
        kept = replace(
            other,
            id=self.id,
            survivor_id=self.survivor_id,
            status=self.status,
            version=self.version,
            advocate_id=self.advocate_id,
            transfer_in=self.transfer_in,
            excluded=self.excluded,
            recorded_in_error=self.recorded_in_error,
            closure_reason=self.closure_reason,
            closed_at=self.closed_at,
            begun=self.begun,
            referral_source=self.referral_source,
            tier=self.tier,
            state_since=self.state_since,
            left_out=self.left_out,
        )
        return self._stated_as(kept)

    def flagged(self, *, excluded: bool, recorded_at: datetime) -> "Episode":
        """Set or lift the safety flag, also after support has ended: an ended episode is still counted.

        Who lifts it has looked, so what an import doubted is lifted with it.
        """
        left_out = self.left_out if excluded else ()
        return self._stated_as(replace(self, excluded=excluded, left_out=left_out, facts_recorded_at=recorded_at))

    def doubted(self, cause: str, *, recorded_at: datetime) -> "Episode":
        """Take the episode out of the statistics because of what an import says, or cannot say."""
        left_out = tuple(sorted({*self.left_out, cause}))
        return self._stated_as(replace(self, left_out=left_out, facts_recorded_at=recorded_at))

    def cleared(self, *, recorded_at: datetime, but: Collection[str] = ()) -> "Episode":
        """Lift what imports doubted, now that a file says it rightly; what a person has to look at stays.

        Args:
            recorded_at: When the file says so.
            but: Doubts about which the file says nothing; they stay too.
        """
        left_out = tuple(cause for cause in self.left_out if cause in STAYS or cause in but)
        return self._stated_as(replace(self, left_out=left_out, facts_recorded_at=recorded_at))

    @property
    def excluded_by(self) -> str | None:
        """Who keeps the episode out of the statistics, if anybody: ``CASEWORKER`` before ``IMPORT``."""
        if self.excluded:
            return CASEWORKER
        return IMPORT if self.left_out else None

    def _stated_as(self, other: "Episode") -> "Episode":
        if not other.begun:
            # Nobody counts whose support has not begun; whatever is flagged meanwhile is told when it begins.
            return replace(other, events=())
        if other.statistics_key() == self.statistics_key():
            # A second cause of the same exclusion is kept, and is no news to statistics.
            return replace(other, facts_recorded_at=self.facts_recorded_at, events=())
        return replace(other, events=(other.statistics_facts(),))

    def closed(self, reason: str, *, at: datetime) -> "Episode":
        """End support, and keep why and when; a record that was made in error is never counted.

        Raises:
            EpisodeClosedError: It has ended already.
            UnknownCodeError: The reason is not in the list of closure reasons.
        """
        if self.status in ENDED:
            raise EpisodeClosedError(self.id)
        get("closure_reason").require(reason)
        if not self.begun:
            in_error = self.recorded_in_error or reason == RECORDED_IN_ERROR
            over = replace(self, status=CLOSED, closure_reason=reason, closed_at=at, state_since=at, events=())
            return replace(over, recorded_in_error=in_error)
        ended = EpisodeClosed(episode_id=self.id, survivor_id=self.survivor_id, closure_reason=reason)
        closed = replace(self, status=CLOSED, closure_reason=reason, closed_at=at, state_since=at, events=(ended,))
        if reason != RECORDED_IN_ERROR or self.recorded_in_error:
            return closed
        void = replace(closed, recorded_in_error=True, facts_recorded_at=at)
        return replace(void, events=(ended, void.statistics_facts()))

    def taken_back(self, *, at: datetime) -> "Episode":
        """Note that the episode was made in error, by an import that was undone; it is never counted as it stands."""
        if self.status != CLOSED:
            return self.closed(RECORDED_IN_ERROR, at=at)
        return self._stated_as(replace(self, recorded_in_error=True, facts_recorded_at=at))

    def taken_up_again(self, *, recorded_at: datetime) -> "Episode":
        """Go on with an episode that an undone import had made, now that a file has the person again."""
        return replace(
            self,
            status=ACTIVE,
            closure_reason=None,
            closed_at=None,
            state_since=recorded_at,
            recorded_in_error=False,
            facts_recorded_at=recorded_at,
            events=(),
        )

    def statistics_key(self) -> tuple[object, ...]:
        """What statistics may learn; two episodes with the same key are the same to them."""
        return (
            self.referral_date.strftime("%Y-%m"),
            self.gender,
            self.exploitation_types,
            self.region,
            self.transfer_in,
            self.excluded_by,
            self.recorded_in_error,
        )

    def statistics_facts(self) -> StatisticsFactsChanged:
        """State the whole of what statistics may learn; the month, never the day."""
        return StatisticsFactsChanged(
            episode_id=self.id,
            survivor_id=self.survivor_id,
            referral_month=self.referral_date.strftime("%Y-%m"),
            gender=self.gender,
            exploitation_types=self.exploitation_types,
            region_of_nationality=self.region,
            transfer_in=self.transfer_in,
            excluded=self.excluded_by is not None,
            excluded_by=self.excluded_by,
            recorded_in_error=self.recorded_in_error,
            facts_recorded_at=self.facts_recorded_at,
        )


def _told_of_beginning(episode: Episode) -> Episode:
    """State that support began, and what statistics may learn of it."""
    opened = EpisodeOpened(
        episode_id=episode.id,
        survivor_id=episode.survivor_id,
        advocate_id=episode.advocate_id,
        nation_of_support=episode.nation,
    )
    return replace(episode, events=(opened, episode.statistics_facts()))
