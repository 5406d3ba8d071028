"""Several commands in one request, and what became of each.

Promise: a batch that could not be done in time is sent again with the same key until the API says that nothing more may
pass, or a few tries are over; so nothing is done twice and nothing is left out unsaid. Between two tries it waits as
long as the API says; where that is too long, what is not done is told at once. Shown by
tests/unit/client/test_client_batches.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from .client import Client
from .errors import ProblemError, UnusableAnswerError, problem_of

MOST = 100
"""Commands that the API takes at once."""

_PATH = "/v1/batch"
_ERROR = 400


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command of a batch.

    Attributes:
        path: Address of a POST that may stand in a batch.
        key: Idempotency-Key of its own, if your own program may send it again in another batch.
        version: Which version is meant.
    """

    path: str
    body: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None
    version: int | None = None

    def said(self) -> dict[str, Any]:
        """Give it as the API takes it."""
        return {"path": self.path, "body": dict(self.body), "key": self.key, "version": self.version}


@dataclass(frozen=True, kw_only=True)
class Done:
    """What became of one command.

    Attributes:
        status: HTTP status, as its address gives it.
        body: Its answer, or its problem.
    """

    status: int
    body: Mapping[str, Any]

    @property
    def error(self) -> ProblemError | None:
        """The problem, if it is one."""
        return problem_of(self.status, self.body) if self.status >= _ERROR else None


def send_batch(client: Client, commands: Sequence[Command], *, key: str | None = None) -> list[Done]:
    """Carry out up to 100 commands in order; one that is refused stops no other.

    Args:
        client: Whose rights hold.
        commands: What is asked for.
        key: Idempotency-Key of the whole, if your own program may send it again; otherwise a new one.

    Raises:
        UnusableAnswerError: What answered does not speak as this API does.
        ProblemError: The batch was refused whole, so nothing of it was done.
    """
    key = key or str(uuid4())
    body = {"items": [command.said() for command in commands]}
    retries = client.retries
    for attempt in range(1, retries.attempts + 1):
        answer = client.post(_PATH, body, key=key)
        done = _done(answer.get("items"), len(commands))
        wait_s = retries.first_wait_s * attempt if answer.retry_after_s is None else answer.retry_after_s
        if not answer.get("again") or attempt == retries.attempts or wait_s > retries.longest_wait_s:
            break
        retries.sleep(wait_s)
    return done


def _done(items: object, asked: int) -> list[Done]:
    if not isinstance(items, list) or len(items) != asked:
        raise UnusableAnswerError("What answered does not say what became of each command, as this API does.")
    found = []
    for item in items:
        status = item.get("status") if isinstance(item, dict) else None
        body = item.get("body") if isinstance(item, dict) else None
        if not isinstance(status, int) or not isinstance(body, dict):
            raise UnusableAnswerError("What answered does not say what became of a command, as this API does.")
        found.append(Done(status=status, body=body))
    return found
