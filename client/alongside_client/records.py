"""Records of a system of one's own, by the references that it has for them.

Promise: what is sent twice in one run is done once, whatever was killed in between, and no key says anything of a
record. Shown by tests/unit/client/test_client_batches.py and tests/integration/case/test_nightly_sync.py.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from .batches import MOST, Command, Done, send_batch
from .client import Client
from .errors import BadRequestError, ProblemError

_PATH = "/v1/survivors/by-reference"
_MOST_BYTES = 128 * 1024
"""Bytes of records in one batch; the API takes a JSON body of 256 kB."""


@dataclass(frozen=True, kw_only=True)
class Put:
    """What became of one record.

    Attributes:
        reference: As the system has it.
        outcome: ``CREATED``, ``CHANGED``, ``UNCHANGED``, ``HELD``, ``POSSIBLE_CHILD``; ``REFUSED`` with an error.
        id: The survivor, if there is one.
        number: By which a task names the record.
        problems: Why it, or a part of it, was not taken: field, code, detail, urgent.
    """

    reference: str = field(repr=False)
    outcome: str
    id: str | None = None
    episode_id: str | None = None
    number: int | None = None
    problems: tuple[Mapping[str, Any], ...] = ()
    error: ProblemError | None = None

    @property
    def was_taken(self) -> bool:
        """Whether the record stands as it was sent."""
        return self.outcome in ("CREATED", "CHANGED", "UNCHANGED")


class Records:
    """One system's records at a host."""

    def __init__(self, client: Client, source: str | None = None, *, new_source: bool = False) -> None:
        """Take whose rights hold, and which system it is.

        Args:
            client: Has the scope ``imports:write``.
            source: The system's name; may be left out where there is only one.
            new_source: Whether nothing of this system is known there yet, beside others.
        """
        self._client = client
        self._system = {"source": source, "new_source": new_source}

    def put(self, reference: str, record: Mapping[str, Any], *, key: str | None = None, **options: Any) -> Put:
        """Make a record or correct it; what it leaves out stays as it is known.

        Args:
            reference: As the system has it.
            record: What it says, such as ``{"age_at_referral": 34, "gender": "Female", …}``.
            key: Idempotency-Key, if your own program may repeat it later; otherwise a new one.
            options: ``known_rows``, ``exact_references``.
        """
        return _put(reference, self._client.post(_PATH, self._body(reference, record, options), key=key))

    def put_all(self, records: Iterable[tuple[str, Mapping[str, Any]]], *, run: str, **options: Any) -> Iterator[Put]:
        """Put many, a batch at a time, and tell what became of each, in order.

        Args:
            records: Reference and record of each.
            run: A random name of this run, kept by whoever may have to begin it again: what was done is then not
                done twice.
            options: As of ``put``.

        Raises:
            ProblemError: A batch was refused whole, such as for want of a scope.
        """
        for batch in _batches(records):
            commands = [
                Command(path=_PATH, body=self._body(ref, record, options), key=_key(run, ref, record))
                for ref, record in batch
            ]
            done = _done(self._client, commands)
            for (reference, _), one in zip(batch, done, strict=True):
                error = one.error
                yield (
                    _put(reference, one.body)
                    if error is None
                    else Put(reference=reference, outcome="REFUSED", error=error)
                )

    def find(self, reference: str) -> list[dict[str, Any]]:
        """Give whom a reference is about: ``source``, ``survivor_id`` and ``episode_id`` of each."""
        body = {"source": self._system["source"], "reference": reference}
        return list(self._client.post(f"{_PATH}/search", body)["items"])

    def _body(self, reference: str, record: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        return {**self._system, **options, "reference": reference, "record": dict(record)}


def _done(client: Client, commands: Sequence[Command]) -> list[Done]:
    try:
        return send_batch(client, commands)
    except BadRequestError as error:
        # A record that is too large even alone is refused alone: those after it are sent all the same.
        if len(commands) > 1 or error.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise
        return [Done(status=error.status, body=error.document)]


def _put(reference: str, answer: Mapping[str, Any]) -> Put:
    return Put(
        reference=reference,
        outcome=str(answer.get("outcome")),
        id=answer.get("id"),
        episode_id=answer.get("episode_id"),
        number=answer.get("number"),
        problems=tuple(answer.get("problems") or ()),
    )


def _key(run: str, reference: str, record: Mapping[str, Any]) -> str:
    said = json.dumps([reference, record], sort_keys=True, default=str).encode()
    return hmac.new(run.encode(), said, hashlib.sha256).hexdigest()


def _batches(
    records: Iterable[tuple[str, Mapping[str, Any]]],
) -> Iterator[list[tuple[str, Mapping[str, Any]]]]:
    batch: list[tuple[str, Mapping[str, Any]]] = []
    size = 0
    for reference, record in records:
        weight = len(json.dumps([reference, record], default=str).encode())
        if batch and (len(batch) == MOST or size + weight > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((reference, record))
        size += weight
    if batch:
        yield batch
