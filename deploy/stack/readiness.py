"""What an API of a local stack says of its own readiness."""

import httpx

from shared.kernel.http_trust import trust_for

_READYZ_S = 5.0


def is_ready(url: str) -> bool:
    """Whether an API answers that it is ready."""
    return not unready_because(url)


def unready_because(url: str) -> tuple[str, ...]:
    """Give the names of the readiness checks that fail at an API, as its ``/readyz`` says; none if it is ready."""
    try:
        answer = httpx.get(f"{url}/readyz", timeout=_READYZ_S, trust_env=False, verify=trust_for(url))
        content = answer.json()
        failing = [str(name) for name, holds in content["checks"].items() if not holds]
    except (httpx.HTTPError, ValueError, KeyError, AttributeError):
        return ("no-answer",)
    if content.get("draining"):
        failing.append("draining")
    if answer.status_code != httpx.codes.OK and not failing:
        failing.append(f"status-{answer.status_code}")
    return tuple(failing)
