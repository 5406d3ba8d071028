"""The client of one API: reads, lists, commands and files, as one person or machine.

Promise: a command bears one Idempotency-Key, whatever is repeated, also with a new token; a list is read whole or an
error is raised; a token is fetched before it ends and, if it was refused, once more. Shown by
tests/unit/client/test_client_sessions.py and, against a real API, tests/integration/identity/test_client_library.py.
"""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from .answers import Answer, Changes, answer_of, problem_in, token_in
from .errors import NotSignedInError, SignInRefusedError, UnusableAnswerError, problem_of
from .files import sent as as_sent
from .grants import Grant, Token
from .sending import Reply, Retries, Sender

LARGEST_PAGE = 200
OVERLAP = timedelta(minutes=2)
"""How long before its last reading a program asks again where the API does not say; no change is under way longer."""

_SAFE = frozenset({"GET", "HEAD"})
_ERROR = 400


class Client:
    """A session with one API; to be used by one thread, and closed.

    Attributes:
        retries: How often and how long one waits.
    """

    def __init__(
        self,
        url: str,
        grant: Grant,
        *,
        token_url: str | None = None,
        token: Token | None = None,
        on_token: Callable[[Token], None] | None = None,
        retries: Retries | None = None,
        timeout_s: float = 60.0,
        verify: ssl.SSLContext | bool = True,
        allow_plain: bool = False,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Take an address and as whom one signs in; nothing is sent yet.

        Args:
            url: Address of the API; https, or this machine itself.
            grant: As whom.
            token_url: Where tokens are given, if not by this API itself.
            token: One that is held already.
            on_token: Told of each new token, such as to keep it.
            retries: How often and how long one waits.
            timeout_s: Seconds for each step of one request.
            verify: What to verify the server with.
            allow_plain: Whether secrets may go in the clear: for a network that nobody else is in.
            transport: Of httpx, such as for tests.

        Raises:
            PlainAddressError: Secrets would go over the network in the clear.
        """
        self.retries = retries or Retries()
        given: dict[str, Any] = {
            "retries": self.retries,
            "timeout_s": timeout_s,
            "verify": verify,
            "allow_plain": allow_plain,
            "transport": transport,
        }
        self._api = Sender(url, **given)
        self._tokens = self._api if token_url is None else Sender(token_url, **given)
        self._grant, self._token, self._on_token = grant, token, on_token

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._api.close()
        self._tokens.close()

    def get(self, path: str, **parameters: Any) -> Answer:
        """Read something; parameters that are None are left out."""
        return answer_of(self._ask("GET", path, params=_given(parameters)))

    def items(self, path: str, *, limit: int = LARGEST_PAGE, **filters: Any) -> Iterator[dict[str, Any]]:
        """Give every item of a list, page after page, in the API's order.

        Raises:
            UnusableAnswerError: A page is none, or names a page that was read already.
        """
        for page in self.pages(path, limit=limit, **filters):
            yield from page["items"]

    def changes(self, path: str, *, since: str | None = None, **filters: Any) -> Changes:
        """Read whatever changed in a list since the last time; everything the first time.

        The next time begins where the API says: two minutes before this one was begun, since a change that was under
        way is seen only then. So an item may come twice: replace what you have of the same id.

        Raises:
            UnusableAnswerError: The API says neither from when to ask again, nor when it answered.
        """
        items: list[dict[str, Any]] = []
        again_from: str | None = None
        for page in self.pages(path, updated_since=since, **filters):
            # Of the first page: what changed before a later one was read may lie before it.
            again_from = again_from or again_from_of(page)
            items += page["items"]
        if again_from is None:
            raise UnusableAnswerError("What answered says nothing of when it was read, as this API does.")
        return Changes(items=items, again_from=again_from)

    def pages(self, path: str, **filters: Any) -> Iterator[Answer]:
        """Give a list page by page; ``items`` are what stands in it."""
        after, seen = None, set()
        while True:
            page = self.get(path, **{"limit": LARGEST_PAGE, **filters, "after": after})
            items, after = page.get("items"), page.get("next")
            if not isinstance(items, list) or after in seen:
                raise UnusableAnswerError("What answered does not give a list page by page, as this API does.")
            yield page
            if after is None:
                return
            seen.add(after)

    def post(self, path: str, body: Any = None, *, version: int | str | None = None, key: str | None = None) -> Answer:
        """Ask for something.

        Args:
            path: From the root of the API.
            body: The JSON body.
            version: Which version is meant: its number, or an ``etag``.
            key: Idempotency-Key, if your own program may repeat the request later; otherwise a new one.
        """
        headers = {"Idempotency-Key": key or str(uuid4()), **_if_match(version)}
        return answer_of(self._ask("POST", path, json={} if body is None else body, headers=headers))

    def put(self, path: str, body: Any, *, version: int | str | None = None) -> Answer:
        """Replace something, if it still is that version."""
        return answer_of(self._ask("PUT", path, json=body, headers=_if_match(version)))

    def upload(
        self,
        path: str,
        content: bytes | Path,
        *,
        content_type: str | None = None,
        key: str | None = None,
        **parameters: Any,
    ) -> Answer:
        """Send a file; one that is named by its path goes block by block.

        Args:
            path: From the root of the API.
            content: The file, or where it is.
            content_type: What it is; None for what its name says, else CSV.
            key: Idempotency-Key, if your own program may repeat the request later; otherwise a new one.
            parameters: Of the query.
        """
        headers, options = as_sent(content, content_type)
        headers = {"Idempotency-Key": key or str(uuid4()), **headers}
        return answer_of(self._ask("POST", path, headers=headers, params=_given(parameters), **options))

    def download(self, path: str, **parameters: Any) -> bytes:
        """Read a file."""
        return self._ask("GET", path, params=_given(parameters)).content

    def sign_in(self) -> Token:
        """Get a new token now.

        Raises:
            SignInRefusedError: Login, password, key or role is not right, or a session has ended.
        """
        form = self._grant.form(self._token)
        if form is None:
            raise SignInRefusedError(HTTPStatus.UNAUTHORIZED, {"error": "invalid_grant"})
        # To ask for a token twice changes nothing but that there are two.
        reply = self._tokens.send("POST", "/v1/token", repeatable=True, data=dict(form))
        document = reply.document()
        if reply.status >= _ERROR:
            raise SignInRefusedError(reply.status, document, retry_after_s=reply.retry_after_s)
        self._token = token_in(document)
        if self._on_token is not None:
            self._on_token(self._token)
        return self._token

    def _ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any) -> Reply:
        """Send a request with a token; one that is refused is replaced once.

        Raises:
            ProblemError: The API refused it.
        """
        if self._token is None or self._token.is_due(time.time()):
            self.sign_in()
        sent = dict(headers or {})
        repeatable = method in _SAFE or "Idempotency-Key" in sent
        reply = self._send(method, path, sent, repeatable, options)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            self.sign_in()
            reply = self._send(method, path, sent, repeatable, options)
        if reply.status >= _ERROR:
            document = problem_in(reply)
            raise problem_of(reply.status, document, retry_after_s=reply.retry_after_s)
        return reply

    def _send(self, method: str, path: str, headers: dict[str, str], repeatable: bool, options: Any) -> Reply:  # noqa: FBT001
        if self._token is None:
            raise NotSignedInError(HTTPStatus.UNAUTHORIZED, {})
        bearing = {**headers, "Authorization": f"Bearer {self._token.access_token}"}
        return self._api.send(method, path, repeatable=repeatable, headers=bearing, **options)


def again_from_of(page: Answer) -> str | None:
    """Give what a page says of from when to ask again."""
    told = page.get("again_from")
    if isinstance(told, str):
        return told
    # An API of before 2026-11-28 does not say; its own clock does.
    return None if page.sent_at is None else (page.sent_at - OVERLAP).isoformat()


def _given(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}


def _if_match(version: int | str | None) -> dict[str, str]:
    if version is None:
        return {}
    return {"If-Match": f'"{version}"' if isinstance(version, int) else version}
