"""Sign-in where the passwords are known elsewhere: the token endpoint of the register is asked, server to server.

The password passes through this process's memory and is written nowhere; docs/decisions/0016-browser-sign-in.md says
why it does and what replaces it.
"""

from collections.abc import Mapping
from typing import Any

import httpx

from shared.web.pages.grant import Credentials, GrantFailedError, why_refused

_TIMEOUT_S = 10.0


class RemoteGrant:
    """Asks one token endpoint."""

    def __init__(self, url: str, *, audience: str) -> None:
        """Take the register's address, such as ``https://register.example``, and for whom the tokens are."""
        self._url = f"{url.rstrip('/')}/v1/token"
        self._audience = audience

    def token(self, credentials: Credentials) -> str:
        """Give a token; see ``Grant``."""
        form = {
            "grant_type": "password",
            "username": credentials.username,
            "password": credentials.password,
            "audience": self._audience,
        }
        if credentials.role is not None:
            form["role"] = credentials.role
        try:
            answer = httpx.post(self._url, data=form, timeout=_TIMEOUT_S, trust_env=False, follow_redirects=False)
            content: Mapping[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise GrantFailedError("AWAY") from error
        if not isinstance(content, dict):
            raise GrantFailedError("AWAY")
        if answer.status_code != httpx.codes.OK:
            raise GrantFailedError(
                why_refused(answer.status_code, str(content.get("error", ""))),
                retry_after_s=_seconds(answer.headers.get("Retry-After")),
            )
        return str(content["access_token"])


def _seconds(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
