"""Speaks to one tenant's API as one user in one role; retries a POST with the same Idempotency-Key."""

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError

_ATTEMPTS = 5
_WAIT_S = 0.3


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

    def sign_in(self) -> str:
        """Get a token.

        Raises:
            ApiRefusedError: Login, password or role is not right.
        """
        form = {"grant_type": "password", "username": self.login, "password": self.password, "role": self.role}
        if self.audience is not None:
            form["audience"] = self.audience
        response = self._send("POST", f"{self.token_url or self.url}/v1/token", data=form)
        if response.is_error:
            raise ApiRefusedError(response.status_code, _json(response))
        self._token = str(response.json()["access_token"])
        return self._token

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = options.pop("headers", {})
        for attempt in range(_ATTEMPTS):
            token = self._token or self.sign_in()
            headers["Authorization"] = f"Bearer {token}"
            response = self._send(method, self.url + path, headers=headers, **options)
            if response.status_code == httpx.codes.UNAUTHORIZED and attempt == 0:
                self._token = None
                continue
            if response.status_code == httpx.codes.SERVICE_UNAVAILABLE and attempt + 1 < _ATTEMPTS:
                time.sleep(_WAIT_S * (attempt + 1))
                continue
            break
        if response.is_error:
            raise ApiRefusedError(response.status_code, _json(response))
        return response

    def _send(self, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            return httpx.request(method, url, timeout=60.0, trust_env=False, **options)
        except httpx.HTTPError as error:
            raise ApiAwayError(url) from error


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        content = response.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
