"""Makes an invented thing happen, by the ordinary commands of invented people, so that an event comes.

Promise: only in a demo or a sandbox, since only they have invented people; what is made is marked INVENTED where
somebody could take it for a person's. Shown by tests/unit/client/test_triggering.py and
tests/integration/integrations/test_triggered_events.py.
"""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Protocol

from deploy.stack.api_client import ApiClient, ApiRefusedError
from shared.contracts.case import EpisodeClosed, EpisodeOpened, SurvivorAssigned
from shared.contracts.consent import ConsentStatusChanged
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


_HEARD_AFTER_S = (0.2, 0.4, 0.8, 1.6, 3.2, 6.4)


class Sessions(Protocol):
    """Gives a session of one of the invented people."""

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
        sessions: Of the invented people.

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


def _decide(sessions: Sessions) -> str:
    body = {"survivor_id": _assign(sessions), "purpose": "AGGREGATE_STATISTICS", "decision": "REFUSED"}
    for wait_s in _HEARD_AFTER_S:
        try:
            return str(sessions("supervisor").post("/v1/consents", body)["id"])
        except ApiRefusedError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            # Consent has not heard yet that there is somebody.
            time.sleep(wait_s)
    return str(sessions("supervisor").post("/v1/consents", body)["id"])


def _invite(sessions: Sessions) -> str:
    body = {"login": f"invented-{new_id()[-12:]}@invented.example", "roles": ["IMSA"], "display_name": "Invented"}
    return str(sessions("admin").post("/v1/users", body)["id"])


TRIGGERS: Mapping[str, Callable[[Sessions], str]] = {
    EpisodeOpened.event_type: _open,
    EpisodeClosed.event_type: _close,
    SurvivorAssigned.event_type: _assign,
    ConsentStatusChanged.event_type: _decide,
    StaffChanged.event_type: _invite,
}
"""What makes each happen."""
