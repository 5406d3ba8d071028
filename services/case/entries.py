"""Goals, contacts and outcomes of an episode, in codes of the lists that each kind has."""

from collections.abc import Mapping
from typing import Any

from services.case.errors import EpisodeClosedError
from services.case.store import ENTRIES, EPISODES
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import UnitOfWork

LISTS: dict[str, dict[str, str]] = {
    "goals": {"area": "advocacy_area"},
    "contacts": {"mode": "contact_mode", "interpreter": "interpreter"},
    "outcomes": {
        "outcome": "outcome",
        "rating": "outcome_scale",
        "rated_by": "outcome_rater",
        "point": "outcome_point",
    },
}
"""For each kind of entry its needed fields and their code lists; contacts may add minutes."""


class EntryIncompleteError(InvalidInputError):
    """A needed field of this kind of entry is missing, or another kind's field is given."""

    code = "entry-incomplete"

    def __init__(self, kind: str) -> None:
        """Name what the kind needs."""
        needed = ", ".join(LISTS[kind])
        super().__init__(f"An entry of {kind} has the fields {needed}; contacts may add minutes.")


def add_entry(episode_id: str, kind: str, entry_id: str, body: Mapping[str, Any], *, work: UnitOfWork) -> Answer:
    """Add one entry.

    Raises:
        DocumentMissingError, EpisodeClosedError, EntryIncompleteError, UnknownCodeError: Nothing is added.
    """
    episode = work.get(EPISODES, episode_id)
    if episode["status"] == "CLOSED":
        raise EpisodeClosedError(episode_id)
    given = {name for name, value in body.items() if value is not None}
    allowed = set(LISTS[kind]) | ({"minutes"} if kind == "contacts" else set())
    if not set(LISTS[kind]) <= given or not given <= allowed:
        raise EntryIncompleteError(kind)
    for name, code_list in LISTS[kind].items():
        get(code_list).require(body[name])
    values = {name: body[name] for name in sorted(given)}
    work.insert(ENTRIES, {"_id": entry_id, "episode_id": episode_id, "kind": kind, "recorded_at": work.now, **values})
    return Answer(status=201, ids={"id": entry_id, "version": 1})
