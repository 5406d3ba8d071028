"""Goals, contacts and outcomes of an episode, in codes of the lists that each kind has."""

from collections.abc import Mapping
from typing import Any

from services.case.errors import EpisodeClosedError
from services.case.store import ENTRIES, EPISODES, SurvivorStore
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import UnitOfWork

FIELDS: dict[str, tuple[str, ...]] = {
    "goals": ("area",),
    "contacts": ("mode", "interpreter", "minutes"),
    "outcomes": ("outcome", "rating", "rated_by", "point"),
}
"""What an entry of each kind shows."""


def add_entry(episode_id: str, kind: str, entry_id: str, body: Mapping[str, Any], *, work: UnitOfWork) -> Answer:
    """Add one entry.

    Raises:
        DocumentMissingError, EpisodeClosedError: Nothing is added.
    """
    episode = work.get(EPISODES, episode_id)
    # Somebody may be closing it at this moment: one of the two comes after the other.
    SurvivorStore(work).take_turn(episode["survivor_id"])
    if episode["status"] == "CLOSED":
        raise EpisodeClosedError(episode_id)
    values = {name: body[name] for name in FIELDS[kind] if body.get(name) is not None}
    times = {"recorded_at": work.now, "updated_at": work.now}
    work.insert(ENTRIES, {"_id": entry_id, "episode_id": episode_id, "kind": kind, **times, **values})
    return Answer(status=201, ids={"id": entry_id, "version": 1})


def entry_row(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give an entry as the API shows it."""
    shown = {name: document.get(name) for name in FIELDS[document["kind"]]}
    return {"id": document["_id"], "recorded_at": document["recorded_at"], "version": document["version"], **shown}
