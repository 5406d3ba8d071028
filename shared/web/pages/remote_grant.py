"""Sign-in where the passwords are known elsewhere: the token endpoint of the register is asked, server to server.

The password passes through this process's memory and is written nowhere; docs/decisions/0016-browser-sign-in.md says
why it does and what replaces it.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

from shared.kernel.errors import AlongsideError
from shared.kernel.http_trust import trust_for
from shared.web.pages.grant import Credentials, GrantFailedError, why_refused

_TIMEOUT_S = 10.0


class PlainRegisterError(AlongsideError):
    """The register's address is not https, and is not this machine; exit code 78."""

    code = "plain-register"

    def __init__(self) -> None:
        """Say what to change."""
        super().__init__(
            "sign_in_register in the credentials file is not an https address. Passwords go there, so it must be; "
            "plain http is taken for this machine's own address only."
        )


class RemoteGrant:
    """Asks one token endpoint."""

    def __init__(self, url: str, *, audience: str, demo: bool = False) -> None:
        """Take the register's address, such as ``https://register.example``, and for whom the tokens are.

        Raises:
            PlainRegisterError: Passwords would leave this machine without TLS.
        """
        if not may_carry_passwords(url, demo=demo):
            raise PlainRegisterError
        self._url = f"{url.rstrip('/')}/v1/token"
        self._audience = audience

    def token(self, credentials: Credentials) -> str:
        """Give a token; see ``Grant``."""
        form = {
            "grant_type": "password",
            "username": credentials.username,
            "password": credentials.password,
            "session": "browser",
        }
        if credentials.role is not None:
            form["role"] = credentials.role
        return self._ask(form)

    def renew(self, token: str) -> str:
        """Give the next token; see ``Grant``."""
        return self._ask({"grant_type": "refresh_token", "refresh_token": token})

    def _ask(self, form: Mapping[str, str]) -> str:
        form = {**form, "audience": self._audience}
        try:
            answer = httpx.post(
                self._url,
                data=form,
                timeout=_TIMEOUT_S,
                trust_env=False,
                verify=trust_for(self._url),
                follow_redirects=False,
            )
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


def may_carry_passwords(url: str, *, demo: bool) -> bool:
    """Whether passwords may go to an address: by TLS, to this machine itself, or in a demo of invented people."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and (demo or _is_loopback(parts.hostname)))


def _is_loopback(host: str | None) -> bool:
    """Whether an address stays on this machine: 127.0.0.0/8, ::1 or localhost, and no name that looks like one."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _seconds(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
