"""Where somebody's decisions stand, from consent's API under the reader's own right."""

from typing import Any

from shared.codelists.lists import get
from shared.web.pages.edge import ask


def consents_of(survivor_id: str) -> list[dict[str, Any]] | None:
    """Give where each purpose stands; None where consent does not say, and then each counts as a no."""
    told = ask("/v1/consents/search", body={"survivor_id": survivor_id})
    if told is None:
        return None
    purposes, states = get("consent_purpose"), get("consent_status")
    return [
        {"words": purposes.label(row["purpose"]), "state": states.label(row["status"]), "until": row.get("until")}
        for row in told["items"]
    ]
