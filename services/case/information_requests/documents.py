"""Requests for survivors' information; what was asked and answered is sealed under the survivor's own key."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from pymongo import IndexModel

from services.case.information_requests.errors import NoWordsError
from services.case.information_requests.rules import OPEN, InformationRequest, Judged
from services.case.rights.documents import opening, sealing
from services.case.survivors.sealing import Sealer
from shared.outbox.documents import DocumentType, Field, Holds, Open, Seal
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork

INFORMATION_REQUESTS = "information_requests"


def _judged(judged: Judged) -> dict[str, Any]:
    day = judged.counsel_on
    return {**asdict(judged), "counsel_on": None if day is None else day.isoformat()}


def _read_judged(stored: Mapping[str, Any]) -> Judged:
    day = stored["counsel_on"]
    return Judged(**{**stored, "counsel_on": None if day is None else date.fromisoformat(day)})


INFORMATION_REQUEST = DocumentType(
    collection=INFORMATION_REQUESTS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="asked_by", holds=Holds.CODE),
        Field(name="received_on", holds=Holds.INSTANT, write=date.isoformat, read=date.fromisoformat),
        Field(name="taken_by", holds=Holds.ID),
        Field(name="taken_role", holds=Holds.CODE),
        Field(name="taken_at", holds=Holds.INSTANT),
        Field(name="state", holds=Holds.CODE),
        Field(name="outcome", holds=Holds.CODE),
        Field(name="judged", holds=Holds.CODE, write=_judged, read=_read_judged),
        Field(name="judged_by", holds=Holds.ID),
        Field(name="judged_at", holds=Holds.INSTANT),
        Field(name="notice", holds=Holds.CODE),
        Field(name="noticed_by", holds=Holds.ID),
        Field(name="noticed_at", holds=Holds.INSTANT),
        Field(name="refusals", holds=Holds.CODE, write=list, read=tuple),
        Field(name="left", holds=Holds.CODE, write=list, read=tuple),
        Field(name="closed_by", holds=Holds.ID),
        Field(name="closed_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
        Field(name="words", holds=Holds.STORY, sealed=True),
        Field(name="answer", holds=Holds.STORY, sealed=True),
    ),
    indexes=(
        IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("updated_at", 1), ("_id", 1)]),
        IndexModel([("survivor_id", 1), ("state", 1)]),
    ),
)
TYPES = (INFORMATION_REQUEST,)


def opens(survivor_id: str | None, sealer: Sealer) -> Open:
    """Give what opens the words of a request; of nobody, and of somebody erased, there are none."""
    return dict.fromkeys if survivor_id is None else opening(survivor_id, sealer)


def _seals(survivor_id: str | None, sealer: Sealer) -> Seal:
    return _of_nobody if survivor_id is None else sealing(survivor_id, sealer)


def _of_nobody(values: Mapping[str, str | None]) -> Mapping[str, Any]:
    if any(value is not None for value in values.values()):
        raise NoWordsError
    return dict(values)


def is_asked_for(work: UnitOfWork, survivor_id: str) -> bool:
    """Whether somebody outside waits for an answer about this survivor; whoever asks holds the survivor's turn."""
    where = {"survivor_id": survivor_id, "state": OPEN}
    return bool(work.find_where(INFORMATION_REQUESTS, where, limit=1))


class InformationStore:
    """Requests for information; words are kept of survivors whose keys are given."""

    def __init__(self, work: UnitOfWork, sealer: Sealer) -> None:
        """Work inside one transaction."""
        self._work = work
        self._sealer = sealer

    def add(self, request: InformationRequest) -> None:
        """Keep a new one.

        Raises:
            NoWordsError: It names nobody and has words.
        """
        seal = _seals(request.survivor_id, self._sealer)
        self._work.insert(INFORMATION_REQUESTS, INFORMATION_REQUEST.document(request, seal=seal))

    def at_version(self, request_id: str, version: int) -> InformationRequest:
        """Give one as the caller read it.

        Raises:
            DocumentMissingError: There is none.
            StaleVersionError: Somebody changed it since.
        """
        document = self._work.get(INFORMATION_REQUESTS, request_id)
        opened = opens(document["survivor_id"], self._sealer)
        request = InformationRequest(**INFORMATION_REQUEST.values(document, opened=opened))
        if request.version != version:
            raise StaleVersionError(INFORMATION_REQUESTS)
        return request

    def save(self, request: InformationRequest) -> int:
        """Write the next version; give it."""
        known = self._work.get(INFORMATION_REQUESTS, request.id)
        document = INFORMATION_REQUEST.document(request, seal=_seals(request.survivor_id, self._sealer))
        if request.survivor_id not in self._sealer.keys:
            # Without the key nothing was read of it, so nothing of it is written over.
            document["sealed"] = known["sealed"]
        # What a newer version of the service keeps there stays.
        self._work.replace(INFORMATION_REQUESTS, {**known, **document, "updated_at": self._work.now})
        return request.version + 1
