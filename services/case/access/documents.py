"""Copies, one document a request: the common document of everybody who asks, answers, reads or gives; and their parts.

What is kept about the person is sealed under their own key, and so is the key that opens what is on its way; so an
erasure reaches all of it, and what stays of a copy is who did what, when. Shown by
tests/integration/case/test_access_copies.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from pymongo import IndexModel

from services.case.access.pieces import Given, LeftOut, Question, SafeCheck
from services.case.access.rules import Copy
from services.case.rights.documents import opening, sealing
from services.case.survivors.sealing import Sealer
from shared.outbox.documents import DocumentType, Failing, Field, Holds
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork


def _questions(questions: Iterable[Question]) -> list[dict[str, Any]]:
    return [{**asdict(one), "wrote": [list(who) for who in one.wrote]} for one in questions]


def _read_questions(kept: Iterable[Mapping[str, Any]]) -> tuple[Question, ...]:
    return tuple(Question(**{**one, "wrote": tuple(tuple(who) for who in one["wrote"])}) for one in kept)


def _left_out(left_out: Iterable[LeftOut]) -> list[dict[str, Any]]:
    return [{**asdict(one), "numbers": list(one.numbers)} for one in left_out]


def _read_left_out(kept: Iterable[Mapping[str, Any]]) -> tuple[LeftOut, ...]:
    return tuple(LeftOut(**{**one, "numbers": tuple(one["numbers"])}) for one in kept)


def _safe(check: SafeCheck | None) -> dict[str, Any] | None:
    return None if check is None else {**asdict(check), "on": check.on.isoformat()}


def _read_safe(kept: Mapping[str, Any] | None) -> SafeCheck | None:
    return None if kept is None else SafeCheck(**{**kept, "on": date.fromisoformat(kept["on"])})


def _given(given: Given | None) -> dict[str, Any] | None:
    return None if given is None else asdict(given)


COPIES, COPY_PARTS = "access_copies", "access_parts"
COPY = DocumentType(
    collection=COPIES,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="began_by", holds=Holds.ID),
        Field(name="began_at", holds=Holds.INSTANT),
        Field(name="expires_at", holds=Holds.INSTANT),
        Field(name="public_key", holds=Holds.HASH, shown=False),
        Field(name="questions", holds=Holds.ID, write=_questions, read=_read_questions, shown=False),
        Field(name="left_out", holds=Holds.ID, write=_left_out, read=_read_left_out, shown=False),
        Field(name="safe", holds=Holds.ID, write=_safe, read=_read_safe, shown=False),
        Field(
            name="given",
            holds=Holds.ID,
            write=_given,
            read=lambda kept: None if kept is None else Given(**kept),
            shown=False,
        ),
        Field(name="ended_at", holds=Holds.INSTANT),
        # These follow from the questions, and are kept to be looked for.
        Field(name="step_at", holds=Holds.INSTANT, shown=False, missing=None),
        Field(name="late_since", holds=Holds.INSTANT, shown=False, missing=None),
        Field(name="waits", holds=Holds.CODE, shown=False, missing=False),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
        Field(name="secret_key", holds=Holds.IDENTITY, sealed=True, shown=False),
    ),
    indexes=(
        IndexModel([("questions.id", 1)]),
        IndexModel([("ended_at", 1), ("step_at", 1)]),
        IndexModel([("waits", 1), ("updated_at", 1), ("_id", 1)]),
    ),
    failing=Failing(where={"ended_at": None, "late_since": {"$ne": None}}, at="late_since"),
)
COPY_PART = DocumentType(
    collection=COPY_PARTS,
    fields=(
        Field(name="copy_id", holds=Holds.ID),
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="kept_at", holds=Holds.INSTANT),
        Field(name="content", holds=Holds.STORY, sealed=True),
    ),
    indexes=(IndexModel([("copy_id", 1)]), IndexModel([("survivor_id", 1)])),
)
TYPES = (COPY, COPY_PART)
_BESIDE = ("step_at", "late_since", "waits")


@dataclass(frozen=True, kw_only=True)
class KeptPart:
    """A part that came, under the id of its question; ``content`` as ``shared.runtime.access_parts`` writes it."""

    id: str
    copy_id: str
    survivor_id: str
    kept_at: datetime
    content: str


@dataclass(frozen=True, kw_only=True)
class _Kept(Copy):
    """A copy with what is kept beside it to be looked for."""

    step_at: datetime | None
    late_since: datetime | None
    waits: bool


def copy_from(document: Mapping[str, Any], sealer: Sealer) -> Copy:
    """Read a copy's document; of somebody who was erased, and of one that is gone, without its key."""
    said = COPY.values(document, opened=opening(document["survivor_id"], sealer))
    return Copy(**{name: value for name, value in said.items() if name not in _BESIDE})


class CopyStore:
    """Copies of people whose keys are given, and their parts."""

    def __init__(self, work: UnitOfWork, sealer: Sealer) -> None:
        """Work inside one transaction."""
        self._work, self._sealer = work, sealer

    def find(self, copy_id: str) -> Copy | None:
        """Give a copy, or None."""
        document = self._work.find(COPIES, copy_id)
        return None if document is None else copy_from(document, self._sealer)

    def at_version(self, copy_id: str, version: int) -> Copy:
        """Give a copy as the caller read it.

        Raises:
            DocumentMissingError: There is none.
            StaleVersionError: It went on since.
        """
        copy = copy_from(self._work.get(COPIES, copy_id), self._sealer)
        if copy.version != version:
            raise StaleVersionError(COPIES)
        return copy

    def save(self, copy: Copy) -> int:
        """Keep a copy, since when somebody is late, and whether a second reader is waited for; give its version."""
        known = self._work.find(COPIES, copy.id) or {"_id": copy.id}
        late = copy.late(self._work.now) if copy.ended_at is None else ()
        kept = _Kept(
            **{one.name: getattr(copy, one.name) for one in fields(Copy) if one.name != "updated_at"},
            updated_at=self._work.now,
            step_at=copy.next_step_at(self._work.now),
            late_since=min((one.due_at for one in late), default=None),
            waits=copy.ended_at is None and any(one.waits for one in copy.left_out),
        )
        seal = sealing(copy.survivor_id, self._sealer)
        self._work.save(COPIES, {**known, **COPY.document(kept, seal=seal)})
        return int(known.get("version", 0)) + 1

    def keep_part(self, copy: Copy, question_id: str, content: str) -> None:
        """Keep a part, sealed under the person's own key."""
        part = KeptPart(
            id=question_id,
            copy_id=copy.id,
            survivor_id=copy.survivor_id,
            kept_at=self._work.now,
            content=content,
        )
        self._work.save(COPY_PARTS, COPY_PART.document(part, seal=sealing(copy.survivor_id, self._sealer)))

    def drop_parts(self, copy_id: str) -> None:
        """Delete every part of a copy."""
        for part in self._work.find_where(COPY_PARTS, {"copy_id": copy_id}):
            self._work.delete(COPY_PARTS, part["_id"])

    def drop_part(self, question_id: str) -> None:
        """Delete one part."""
        self._work.delete(COPY_PARTS, question_id)
