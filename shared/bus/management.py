"""The way to RabbitMQ's management interface: every question has a bound, and an error is told from an absence."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from shared.kernel.errors import TemporarilyUnavailableError
from shared.kernel.http_trust import trust_for


class ManagementAwayError(TemporarilyUnavailableError):
    """The broker's management interface did not answer."""

    code = "management-away"

    def __init__(self, status: int | None) -> None:
        """Keep the HTTP status, if there was one."""
        answer = f"answered {status}" if status is not None else "did not answer"
        super().__init__(f"The broker's management interface {answer}; is the broker up?")
        self.status = status


class Management:
    """Asks the management interface as one user."""

    def __init__(self, url: str, user: str, password: str) -> None:
        """Open a client; nothing is asked yet."""
        self._http = httpx.Client(
            base_url=f"{url}/api/", auth=(user, password), timeout=30.0, trust_env=False, verify=trust_for(url)
        )

    def close(self) -> None:
        """Close the client."""
        self._http.close()

    def get(self, path: str) -> list[dict[str, Any]]:
        """Give a list."""
        found: list[dict[str, Any]] = self.ask("GET", path).json()
        return found

    def put(self, path: str, body: Mapping[str, Any]) -> None:
        """Make or set something."""
        self.ask("PUT", path, body)

    def post(self, path: str, body: Mapping[str, Any]) -> None:
        """Make several things at once."""
        self.ask("POST", path, body)

    def delete(self, path: str) -> None:
        """Remove something; what is gone is no error."""
        self.ask("DELETE", path, missing_is_fine=True)

    def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, missing_is_fine: bool = False
    ) -> httpx.Response:
        """Ask, and give the answer.

        Raises:
            ManagementAwayError: There is none, or it is an error.
        """
        try:
            response = self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise ManagementAwayError(None) from error
        if response.status_code == httpx.codes.NOT_FOUND and missing_is_fine:
            return response
        if response.is_error:
            raise ManagementAwayError(response.status_code)
        return response


def quoted(text: str) -> str:
    """Give a name as a part of an address."""
    return quote(text, safe="")
