"""Makes an invented thing happen in a demo, by the ordinary commands of its invented people, so that an event comes.

Promise: only in a demo stack, since only a demo has invented people; what is made is marked INVENTED where somebody
could take it for a person's. Shown by tests/unit/client/test_triggering.py and
tests/integration/integrations/test_triggered_events.py.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from deploy.stack.api_client import ApiClient
from shared.contracts.case import EpisodeClosed, EpisodeOpened, SurvivorAssigned
from shared.contracts.identity import StaffChanged
from shared.contracts.public import PUBLIC
from shared.kernel.errors import InvalidInputError
from shared.kernel.ids import new_id

_EPISODE: Mapping[str, Any] = {
    "referral_date": "2026-08-04",
    "age_band": "AGE_25_34",
    "gender": "FEMALE",
    "nationality": "Viet Nam",
    "exploitation_types": ["LABOUR"],
    "nation": "WALES",
}


class Sessions(Protocol):
    """Gives a session of one of a demo's invented people."""

    def __call__(self, name: str) -> ApiClient:
        """Sign in."""


class NotTriggeredError(InvalidInputError):
    """There is no happening of that type to make."""

    code = "not-triggered"

    def __init__(self) -> None:
        """Say which there are."""
        names = ", ".join(short(one) for one in TRIGGERS)
        super().__init__(f"Nothing can be made to happen under that type. What can: {names}")


def short(event_type: str) -> str:
    """Give a type as people write it."""
    return event_type.removeprefix("alongside.")


def trigger(event_type: str, sessions: Sessions) -> dict[str, str]:
    """Make it happen; gives the type of the event, and the id of what it will be about.

    Args:
        event_type: With or without ``alongside.`` and the version.
        sessions: Of the demo's invented people.

    Raises:
        NotTriggeredError: There is no such happening.
    """
    wanted = short(event_type)
    for known, make in TRIGGERS.items():
        if wanted in {short(known), short(known).rpartition(".v")[0]}:
            return {"type": known, "subject": make(sessions), "subject_field": PUBLIC[known].subject_field}
    raise NotTriggeredError


def _assign(sessions: Sessions) -> str:
    body = {"reference": f"INVENTED-{new_id()[-12:]}", "name": "Invented person"}
    return str(sessions("supervisor").post("/v1/survivors", body)["id"])


def _open(sessions: Sessions) -> str:
    return str(sessions("supervisor").post("/v1/episodes", {**_EPISODE, "survivor_id": _assign(sessions)})["id"])


def _close(sessions: Sessions) -> str:
    episode_id, supervisor = _open(sessions), sessions("supervisor")
    version = supervisor.get(f"/v1/episodes/{episode_id}")["version"]
    supervisor.post(f"/v1/episodes/{episode_id}/close", {"reason": "GOALS_MET_SURVIVOR_DECISION"}, version=version)
    return episode_id


def _invite(sessions: Sessions) -> str:
    body = {"login": f"invented-{new_id()[-12:]}@invented.example", "roles": ["IMSA"], "display_name": "Invented"}
    return str(sessions("admin").post("/v1/users", body)["id"])


TRIGGERS: Mapping[str, Callable[[Sessions], str]] = {
    EpisodeOpened.event_type: _open,
    EpisodeClosed.event_type: _close,
    SurvivorAssigned.event_type: _assign,
    StaffChanged.event_type: _invite,
}
"""What makes each happen."""
