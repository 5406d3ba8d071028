"""What an import changed, as it was before, for as long as it may be undone.

What is copied of an episode is as sealed as the episode itself, under the person's own key: an erasure closes it too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from services.case.episodes.documents import EPISODES, episode_from
from services.case.imports.documents import CHANGE, CHANGES, ROWS
from services.case.imports.rules.settling import KnownRow, Outcome, Row
from services.case.survivors.sealing import Sealer
from shared.outbox.unit_of_work import UnitOfWork

_FACTS = (
    "referral_date", "age_band", "gender", "nationality", "exploitation_types", "nation", "advocacy_area", "left_out",
)  # fmt: skip


class Before(NamedTuple):
    """What stood there before a row was settled."""

    known: Mapping[str, Any] | None
    episode: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Change:
    """What one row changed.

    Attributes:
        known_before, episode_before: The documents as they were; None where there was none.
        known_version, episode_version: What the import left; whoever writes one later moves it on.
    """

    id: str
    import_id: str
    row: int
    key: str
    known_before: Mapping[str, Any] | None
    known_version: int
    episode_id: str | None
    episode_before: Mapping[str, Any] | None
    episode_version: int | None
    version: int = 0


class ChangeStore:
    """What imports changed."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def before(self, row: Row) -> Before:
        """Look at what stands there."""
        known = self._work.find(ROWS, row.key)
        episode = self._work.find(EPISODES, known["episode_id"]) if known is not None and known["episode_id"] else None
        return Before(known, episode)

    def note(self, import_id: str, row: Row, before: Before, outcome: Outcome) -> None:
        """Keep what a row changed, if it changed anything."""
        known = self._work.find(ROWS, row.key)
        if known is None or outcome.kind == "DUPLICATE":
            return
        if before.known is not None and known["version"] == before.known["version"]:
            return
        episode = self._work.find(EPISODES, known["episode_id"]) if known["episode_id"] else None
        change_id = f"{import_id}:{row.key}"
        # Of several rows of one reference the first says what was there before the import.
        earlier = self._work.find(CHANGES, change_id)
        change = Change(
            id=change_id,
            import_id=import_id,
            row=row.verdict.row,
            key=row.key,
            known_before=before.known if earlier is None else earlier["known_before"],
            known_version=int(known["version"]),
            episode_id=known["episode_id"],
            episode_before=before.episode if earlier is None else earlier["episode_before"],
            episode_version=None if episode is None else int(episode["version"]),
        )
        self._work.save(CHANGES, CHANGE.document(change))

    def next(self, import_id: str, limit: int) -> list[Change]:
        """Give the first changes that are still kept, the last row first."""
        found = self._work.find_where(CHANGES, {"import_id": import_id}, sort=[("row", -1)], limit=limit)
        return [Change(**CHANGE.values(document)) for document in found]

    def delete(self, change: Change) -> None:
        """Forget a change."""
        self._work.delete(CHANGES, change.id)


def changed_of(
    sealer: Sealer,
    before: KnownRow | None,
    after: KnownRow | None,
    was: Mapping[str, Any] | None,
    becomes: Mapping[str, Any] | None,
) -> tuple[str, ...]:
    """Name what changes of somebody known."""
    if before is None or after is None or was is None or becomes is None or was["survivor_id"] not in sealer.keys:
        return ()
    changed = []
    if was["version"] != becomes["version"]:
        old, new = episode_from(was, sealer), episode_from(becomes, sealer)
        changed = [name for name in _FACTS if getattr(old, name) != getattr(new, name)]
    if after.statement != before.statement:
        changed.append("consent")
    return tuple(changed)
