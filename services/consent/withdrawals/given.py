"""What of somebody was given to recipients, from case's API under the reader's own right (ADR 0070)."""

from typing import Any

from shared.web.pages.edge import ask


def given_of(survivor_id: str, consent_id: str | None = None) -> list[dict[str, Any]] | None:
    """Give what was given, by name; None where case does not say, or the reader may not know.

    Args:
        survivor_id: Whose.
        consent_id: Under which yes; None for any.
    """
    told = ask(f"/v1/survivors/{survivor_id}/disclosures")
    if told is None:
        return None
    return [one for one in told["items"] if one["state"] == "GIVEN" and consent_id in (None, one["consent_id"])]
