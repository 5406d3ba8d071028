"""Whether a data lead's signature still covers what would be sealed. Pure rules.

Promise: what is sealed is what was signed, except for what survivors decided since: a no, or an end of the permission,
takes a person out; a yes said after the signature brings one in. Anything else (a correction, a move to another
period, a merge, an import, an undo, a fact that was late on its way) makes the signature lapse.
``tests/unit/reporting/test_signature.py`` shows each; source: decisions 5.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.reporting.contributions.rules import EXPIRED, Contribution, Version
from services.reporting.periods.rules import Figures, select
from services.reporting.periods.task import Task

SIGNED, UNSIGNED, LAPSED = "SIGNED", "UNSIGNED", "SIGNATURE_LAPSED"

_DECIDED = frozenset(
    {
        "REFUSED",
        "WITHDRAWN",
        "DEFERRED",
        "INVALIDATED",
        "REVOKED_BY_CONTROLLER",
        "CAPACITY_NOT_ESTABLISHED",
        EXPIRED,
    }
)
"""Reasons of a survivor's decision, or of the end of a permission; no correction of facts is among them."""

Held = Mapping[str, tuple[Contribution, Version]]


@dataclass(frozen=True, kw_only=True)
class SignedEpisode:
    """One episode that a signature covers: its facts by the time they were recorded, no code.

    The codes themselves are not kept: a withdrawal deletes them, and nothing here may bring them back.
    """

    id: str
    person_id: str
    facts_recorded_at: datetime
    counted: bool


@dataclass(frozen=True, kw_only=True)
class SignedPreview(Figures):
    """What a data lead signed of a period.

    Attributes:
        id: Of the task.
        task_signature: Of the task, with the host's key; board and custodian check it on the report.
        digest: Of the preview.
        complete_through: Up to when everything recorded had arrived; None of before that was kept.
        episodes: What was signed; None of before that was kept, and once nothing can lapse any more.
    """

    id: str
    actor_id: str
    signed_at: datetime
    task_signature: str
    digest: str
    complete_through: datetime | None
    episodes: tuple[SignedEpisode, ...] | None


def signed_episodes(
    contributions: Sequence[Contribution], task: Task, *, counted_before: Collection[str] = frozenset()
) -> tuple[SignedEpisode, ...]:
    """Give what a signature covers."""
    counted = {c.id for c, _ in select(contributions, task, counted_before=counted_before).counted}
    return tuple(
        SignedEpisode(
            id=contribution.id,
            person_id=contribution.person_id,
            facts_recorded_at=version.facts_recorded_at,
            counted=contribution.id in counted,
        )
        for contribution, version in _held(contributions, task).values()
    )


def signature_state(
    signature: SignedPreview | None,
    contributions: Iterable[Contribution],
    task: Task,
    *,
    counted_before: Collection[str] = frozenset(),
) -> str:
    """Say whether a signature stands: ``SIGNED``, ``UNSIGNED`` or ``SIGNATURE_LAPSED``.

    Args:
        signature: None where nobody signed; one of before this rule has no episodes and is judged by times alone.
        contributions: All that stand or stood in a quarter of the task.
        counted_before: As for ``select``.
    """
    if signature is None:
        return UNSIGNED
    known = list(contributions)
    signed_at = signature.signed_at
    if any(contribution.left_after(signed_at, task.quarters()) for contribution in known):
        return LAPSED
    held = _held(known, task)
    episodes = signature.episodes
    if episodes is None:
        return LAPSED if any(_is_newer(version, signed_at) for _, version in held.values()) else SIGNED
    signed = {episode.id: episode for episode in episodes}
    counted = {c.id for c, _ in select(known, task, counted_before=counted_before).counted}
    since = signature.complete_through or signed_at
    news = (_is_news(signed.get(id_), held[id_], signed_at, since, counts=id_ in counted) for id_ in held)
    lost = (_is_lost(episode, held, counted, task) for episode in episodes)
    return LAPSED if any(news) or any(lost) else SIGNED


def _held(contributions: Iterable[Contribution], task: Task) -> dict[str, tuple[Contribution, Version]]:
    found = {}
    for contribution in contributions:
        version = contribution.as_of(task.seal_at)
        if version is not None and task.holds(version):
            found[contribution.id] = (contribution, version)
    return found


def _is_newer(version: Version, signed_at: datetime) -> bool:
    return version.facts_recorded_at > signed_at


def _is_news(
    episode: SignedEpisode | None,
    now: tuple[Contribution, Version],
    signed_at: datetime,
    since: datetime,
    *,
    counts: bool,
) -> bool:
    """Whether what stands now of an episode is neither what was signed nor a decision since."""
    contribution, version = now
    if episode is None:
        return counts or _is_newer(version, signed_at)
    if version.facts is None and version.reason in _DECIDED:
        return False  # A no takes effect under any signature, whatever else was corrected with it.
    if not _same_facts(episode, contribution, version):
        return True
    return counts and not episode.counted and version.recorded_at <= since


def _same_facts(episode: SignedEpisode, contribution: Contribution, version: Version) -> bool:
    return episode.facts_recorded_at == version.facts_recorded_at and episode.person_id == contribution.person_id


def _is_lost(episode: SignedEpisode, held: Held, counted: Collection[str], task: Task) -> bool:
    """Whether an episode that was counted when it was signed is counted no more, and nobody decided so."""
    if not episode.counted or episode.id in counted:
        return False
    if episode.id not in held:
        return True
    return held[episode.id][1].reason_left_out(task.seal_at) not in _DECIDED
