"""Speaks to one tenant's API as one user in one role; asks again, a few times, where the API says "not now".

Promise: a repeated POST has the same Idempotency-Key, so nothing is done twice; the waits are the API's own
Retry-After, and one over five seconds is told instead (``tests/unit/client/test_api_client.py``).
"""

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.http_trust import trust_for

_ATTEMPTS = 5
_WAIT_S = 0.3
_LONGEST_WAIT_S = 5.0
_NOT_NOW = (httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.TOO_MANY_REQUESTS)


class ApiRefusedError(AlongsideError):
    """The API answered with a problem.

    Attributes:
        status: HTTP status.
        problem: The problem document.
    """

    code = "api-refused"

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        """Keep the problem; its detail is written for people."""
        super().__init__(f"{problem.get('detail') or problem.get('error') or 'The request was refused.'} ({status})")
        self.status = status
        self.problem = problem


class ApiAwayError(TemporarilyUnavailableError):
    """The API did not answer."""

    code = "api-away"

    def __init__(self, url: str) -> None:
        """Name the address and what to look at."""
        super().__init__(f"{url} does not answer. See: alongside status")


@dataclass(kw_only=True)
class ApiClient:
    """A session with one API.

    Attributes:
        token_url: Where tokens are given, when not by this API itself.
        audience: For whom the token is, when the central register gives it.
    """

    url: str
    login: str
    password: str = field(repr=False)
    role: str
    token_url: str | None = None
    audience: str | None = None
    _token: str | None = field(default=None, init=False, repr=False)

    def get(self, path: str, **parameters: Any) -> Any:
        """Read something."""
        return self._ask("GET", path, params=parameters).json()

    def post(
        self, path: str, body: Any = None, *, version: int | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """Ask for something; a repeat has the same Idempotency-Key."""
        headers = {"Idempotency-Key": key or str(uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer: dict[str, Any] = self._ask("POST", path, json=body if body is not None else {}, headers=headers).json()
        return answer

    def upload(self, path: str, content: bytes, **parameters: Any) -> dict[str, Any]:
        """Send a file."""
        headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "text/csv"}
        answer: dict[str, Any] = self._ask("POST", path, content=content, headers=headers, params=parameters).json()
        return answer

    def download(self, path: str) -> bytes:
        """Read a file."""
        return self._ask("GET", path).content

    def sign_in(self) -> str:
        """Get a token.

        Raises:
            ApiRefusedError: Login, password or role is not right.
        """
        form = {"grant_type": "password", "username": self.login, "password": self.password, "role": self.role}
        if self.audience is not None:
            form["audience"] = self.audience
        response = self._patiently("POST", f"{self.token_url or self.url}/v1/token", data=form)
        if response.is_error:
            raise ApiRefusedError(response.status_code, _json(response))
        self._token = str(response.json()["access_token"])
        return self._token

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = options.pop("headers", {})
        headers["Authorization"] = f"Bearer {self._token or self.sign_in()}"
        response = self._patiently(method, self.url + path, headers=headers, **options)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            # The token has run out.
            headers["Authorization"] = f"Bearer {self.sign_in()}"
            response = self._patiently(method, self.url + path, headers=headers, **options)
        if response.is_error:
            raise ApiRefusedError(response.status_code, _json(response))
        return response

    def _patiently(self, method: str, url: str, **options: Any) -> httpx.Response:
        for attempt in range(1, _ATTEMPTS):
            response = self._send(method, url, **options)
            wait_s = _wait_s(response, attempt)
            # Who is told to wait for longer, as after too many wrong passwords, learns it at once.
            if response.status_code not in _NOT_NOW or wait_s > _LONGEST_WAIT_S:
                return response
            time.sleep(wait_s)
        return self._send(method, url, **options)

    def _send(self, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            return httpx.request(method, url, timeout=60.0, trust_env=False, verify=trust_for(url), **options)
        except httpx.HTTPError as error:
            raise ApiAwayError(url) from error


def _wait_s(response: httpx.Response, attempt: int) -> float:
    """Give the seconds to wait: what the API asks for; else a little longer each time."""
    told = response.headers.get("Retry-After", "")
    return float(told) if told.isdecimal() else _WAIT_S * attempt


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        content = response.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
