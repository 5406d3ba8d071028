"""Speaks to one tenant's API as one user in one role, by ``alongside_client``, with this code's own errors.

Promise: a repeated POST has the same Idempotency-Key, so nothing is done twice; the waits are the API's own
Retry-After, and one over five seconds is told instead (``tests/unit/client/test_api_client.py``).
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from client.alongside_client import (
    AwayError,
    Client,
    Grant,
    Password,
    ProblemError,
    Retries,
    SignInRefusedError,
    Token,
    UnusableAnswerError,
)
from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.http_trust import trust_for

RETRIES = Retries()


class ApiRefusedError(AlongsideError):
    """The API answered with a problem.

    Attributes:
        status: HTTP status.
        problem: The problem document.
    """

    code = "api-refused"

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        """Keep the problem; its detail is written for people."""
        said = problem.get("detail") or problem.get("error_description") or problem.get("error")
        super().__init__(f"{said or 'The request was refused.'} ({status})")
        self.status = status
        self.problem = problem


class ApiAwayError(TemporarilyUnavailableError):
    """The API did not answer."""

    code = "api-away"

    def __init__(self, url: str) -> None:
        """Name the address and what to look at."""
        super().__init__(f"{url} does not answer. See: alongside status")


class ApiUnusableError(AlongsideError):
    """Something answered that does not speak as an API of ours does."""

    code = "api-unusable"

    def __init__(self, url: str) -> None:
        """Name the address."""
        super().__init__(
            f"What answers at {url} is not the API of Alongside, or a gate in front of it. Check the address."
        )


@dataclass(kw_only=True)
class ApiClient:
    """A session with one API.

    Attributes:
        role: Which role, where the person has several.
        token_url: Where tokens are given, when not by this API itself.
        audience: For whom the token is, when the central register gives it.
        grant: As whom, if not by login and password.
        token: One that is held already.
        on_token: Told of each new token.
        local: Whether the API was looked for on this machine, so that a plain address is right.
    """

    url: str
    login: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    role: str | None = None
    token_url: str | None = None
    audience: str | None = None
    grant: Grant | None = field(default=None, repr=False)
    token: Token | None = field(default=None, repr=False)
    on_token: Callable[[Token], None] | None = field(default=None, repr=False)
    local: bool = True
    transport: httpx.BaseTransport | None = field(default=None, repr=False)

    def get(self, path: str, **parameters: Any) -> Any:
        """Read something."""
        with self._told() as client:
            return client.get(path, **parameters)

    def items(self, path: str, **filters: Any) -> list[dict[str, Any]]:
        """Read a whole list, page after page."""
        with self._told() as client:
            return list(client.items(path, **filters))

    def post(
        self, path: str, body: Any = None, *, version: int | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """Ask for something; a repeat has the same Idempotency-Key."""
        with self._told() as client:
            return client.post(path, body, version=version, key=key)

    def put(self, path: str, body: Any) -> dict[str, Any]:
        """Keep something under a name of one's own; to do so twice is the same."""
        with self._told() as client:
            return client.put(path, body)

    def upload(self, path: str, content: bytes | Path, **parameters: Any) -> dict[str, Any]:
        """Send a file; one that is named by its path goes block by block, under the kind that its name says."""
        with self._told() as client:
            return client.upload(path, content, **parameters)

    def download(self, path: str) -> bytes:
        """Read a file."""
        with self._told() as client:
            return client.download(path)

    def sign_in(self) -> str:
        """Get a token.

        Raises:
            ApiRefusedError: Login, password or role is not right.
        """
        with self._told() as client:
            return client.sign_in().access_token

    def using(self) -> AbstractContextManager[Client]:
        """Give the library's own client, for what it alone can do; its errors are told as this code's."""
        return self._told()

    @cached_property
    def _client(self) -> Client:
        password = Password(login=self.login, password=self.password, role=self.role, audience=self.audience)
        return Client(
            self.url,
            self.grant or password,
            token_url=self.token_url,
            token=self.token,
            on_token=self.on_token,
            retries=RETRIES,
            verify=trust_for(self.url),
            allow_plain=self.local,
            transport=self.transport,
        )

    @contextmanager
    def _told(self) -> Iterator[Client]:
        """Tell the library's errors as errors of this code, which a command shows as one sentence."""
        try:
            yield self._client
        except AwayError as error:
            raise ApiAwayError(error.origin) from error
        except (ProblemError, SignInRefusedError) as error:
            raise ApiRefusedError(error.status, error.document) from error
        except UnusableAnswerError as error:
            raise ApiUnusableError(self.url) from error
