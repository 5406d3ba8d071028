"""What may be asked about episodes; ids are made by the caller, so that a repeat is the same command."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from services.case.approvals.documents import closures_wait, overtake
from services.case.approvals.errors import ClosureNeedsApprovalError
from services.case.approvals.looking_after import note_for_review
from services.case.approvals.rules import waits_for_approval
from services.case.episodes.documents import EpisodeStore
from services.case.episodes.errors import EpisodeClosedError, ReferralInFutureError
from services.case.episodes.rules import ACTIVE, CLOSED, Episode
from services.case.episodes.states import ENDED, REOPENED, Change
from services.case.survivors.documents import StaffStore, SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.codelists import nationality
from shared.codelists.periods import LONDON
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OpenEpisode(DomainCommand):
    """Support begins."""

    action: ClassVar[str] = "case:episode:open"
    episode_id: str
    survivor_id: str
    referral_date: date
    age_band: str
    gender: str
    nationality: str
    exploitation_types: tuple[str, ...]
    nation: str
    advocacy_area: str | None
    advocate_id: str | None
    transfer_in: bool
    excluded: bool
    status: str = ACTIVE
    referral_source: str | None = None
    actor_id: str = ""
    role: str = ""

    @property
    def object_id(self) -> str:
        """The episode's id."""
        return self.episode_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The survivor, whose turn it takes."""
        return frozenset({self.survivor_id})


def open_episode(command: OpenEpisode, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Open a support episode and state its facts; its advocate may act on the survivor from now on.

    Raises:
        DocumentMissingError: There is no such survivor.
        NotAnAdvocateError: The advocate named is no active advocate here; nothing is opened.
        UnderEighteenError, UnknownCodeError, ReferralInFutureError: Nothing is opened.
    """
    if command.referral_date > work.now.astimezone(LONDON).date():
        raise ReferralInFutureError
    survivors = SurvivorStore(work)
    known = survivors.advocates_of(command.survivor_id)
    named = frozenset({command.advocate_id} if command.advocate_id is not None else ())
    StaffStore(work).check_advocates(named)
    if named <= known:
        survivors.take_turn(command.survivor_id)
    else:
        survivors.assign(command.survivor_id, known | named)
    codes = nationality.parse(command.nationality).iso_codes
    episode = Episode(
        id=command.episode_id,
        survivor_id=command.survivor_id,
        status=command.status,
        referral_source=command.referral_source,
        state_since=work.now,
        referral_date=command.referral_date,
        age_band=command.age_band,
        gender=command.gender,
        nationality=codes,
        region=nationality.region_level_1(codes),
        exploitation_types=tuple(sorted(set(command.exploitation_types))),
        nation=command.nation,
        advocacy_area=command.advocacy_area,
        advocate_id=command.advocate_id,
        transfer_in=command.transfer_in,
        excluded=command.excluded,
        facts_recorded_at=work.now,
    )
    store = EpisodeStore(work, sealer)
    store.add(episode.opened())
    store.note(_step(command, work, before=None, after=command.status))
    return Answer(status=201, ids={"id": command.episode_id, "version": 1})


@dataclass(frozen=True, kw_only=True)
class ChangeEpisode(DomainCommand):
    """Base of what changes one episode at the version that the caller read."""

    episode_id: str
    survivor_id: str
    version: int
    actor_id: str = ""
    role: str = ""

    @property
    def object_id(self) -> str:
        """The episode's id."""
        return self.episode_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The episode, and the survivor whose turn it takes."""
        return frozenset({self.episode_id, self.survivor_id})


@dataclass(frozen=True, kw_only=True)
class CloseEpisode(ChangeEpisode):
    """Support ends."""

    action: ClassVar[str] = "case:episode:close"
    reason: str


def close_episode(command: CloseEpisode, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """End support, unless the host wants somebody else to approve it first (ADR 0068).

    A death, and whoever wants to leave, wait for nobody: what an advocate ends so is looked at afterwards.

    Raises:
        StaleVersionError: Somebody changed the episode since the caller read it.
        EpisodeClosedError: It has ended already.
        ClosureNeedsApprovalError: Somebody else has to approve it.
    """
    if EpisodeStore(work, sealer).at_version(command.episode_id, command.version).status in ENDED:
        raise EpisodeClosedError(command.episode_id)
    survivors = SurvivorStore(work)
    # Somebody may be approving it, or changing who works with them: one comes after the other.
    survivors.take_turn(command.survivor_id)
    works_with_them = survivors.may_act(command.survivor_id, command.actor_id)
    needed = closures_wait(work)
    if waits_for_approval(command.reason, needed=needed, role=command.role, works_with_them=works_with_them):
        raise ClosureNeedsApprovalError
    if needed and works_with_them and command.role:
        note_for_review(command, work, sealer)
    return end_support(command, work, sealer=sealer)


def end_support(command: CloseEpisode, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """End support, where nobody has to be asked any more.

    Raises:
        StaleVersionError: Somebody changed the episode since the caller read it.
        EpisodeClosedError: It has ended already.
    """
    store = EpisodeStore(work, sealer)
    episode = store.at_version(command.episode_id, command.version)
    # Somebody may be adding an entry at this moment: one of the two comes after the other.
    SurvivorStore(work).take_turn(episode.survivor_id)
    version = store.save(episode.closed(command.reason, at=work.now))
    # Before the history is kept: this looks at what waits, and nothing may change a step that is written.
    overtake(work, episode.id)
    store.note(_step(command, work, before=episode.status, after=CLOSED, reason=command.reason))
    return Answer(status=200, ids={"id": command.episode_id, "version": version})


@dataclass(frozen=True, kw_only=True)
class MoveEpisode(ChangeEpisode):
    """Support comes to its next state.

    Attributes:
        after: Which; it is closed by ``CloseEpisode``.
        reason: Why, where the step needs one.
        tier: What triage says.
    """

    action: ClassVar[str] = "case:episode:move"
    after: str
    reason: str | None
    tier: str | None


def move_episode(command: MoveEpisode, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Take the next step of support, and keep it in the history.

    Raises:
        StaleVersionError: Somebody changed the episode since the caller read it.
        WrongStepError, ReasonWantedError, TierWantedError, RecordedInErrorError: Nothing changes.
    """
    store = EpisodeStore(work, sealer)
    episode = store.at_version(command.episode_id, command.version)
    # Somebody may be adding an entry at this moment: one of the two comes after the other.
    SurvivorStore(work).take_turn(episode.survivor_id)
    version = store.save(episode.moved(command.after, reason=command.reason, tier=command.tier, at=work.now))
    after, tier = command.after, command.tier
    if after in (*ENDED, REOPENED):
        # Before the history is kept, as above.
        overtake(work, episode.id)
    store.note(_step(command, work, before=episode.status, after=after, reason=command.reason, tier=tier))
    return Answer(status=200, ids={"id": command.episode_id, "version": version})


def _step(
    command: OpenEpisode | ChangeEpisode,
    work: UnitOfWork,
    *,
    before: str | None,
    after: str,
    reason: str | None = None,
    tier: str | None = None,
) -> Change:
    return Change(
        id=new_id(),
        episode_id=command.episode_id,
        survivor_id=command.survivor_id,
        before=before,
        after=after,
        reason=reason,
        tier=tier,
        actor_id=command.actor_id,
        role=command.role,
        recorded_at=work.now,
        updated_at=work.now,
    )


@dataclass(frozen=True, kw_only=True)
class ExcludeEpisode(ChangeEpisode):
    """A caseworker's safety flag: never count this episode, or count it again."""

    action: ClassVar[str] = "case:episode:exclude"
    excluded: bool


def exclude_episode(command: ExcludeEpisode, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Set or lift the caseworker's safety flag.

    Raises:
        StaleVersionError: Somebody changed the episode since the caller read it.
    """
    store = EpisodeStore(work, sealer)
    episode = store.at_version(command.episode_id, command.version)
    version = store.save(episode.flagged(excluded=command.excluded, recorded_at=work.now))
    return Answer(status=200, ids={"id": command.episode_id, "version": version})
