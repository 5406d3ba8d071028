"""Approvals, one document each, and the host's own setting.

What is asked for is kept as it was, sealed with the survivor's own key: so an approval names exactly what was approved,
and an erasure reaches it. States and instants stand in clear, since what waits is found by an index.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from pymongo import IndexModel

from services.case.approvals.errors import TooManyApprovalsError
from services.case.approvals.plan import Part
from services.case.approvals.rules import MOST_OF_EPISODE, NOBODY, OVERTAKEN, WAITING, Approval, Said
from services.case.approvals.setting import Setting
from services.case.survivors.sealing import Sealer
from shared.outbox.documents import DocumentType, Field, Holds, Store
from shared.outbox.unit_of_work import UnitOfWork


def _write_said(said: Iterable[Said]) -> str:
    return json.dumps([[one.agreement, one.on and one.on.isoformat(), one.how, one.by, one.at.isoformat()]
                       for one in said])  # fmt: skip


def _read_said(text: str | None) -> tuple[Said, ...]:
    return tuple(
        Said(agreement=agreement, on=on and date.fromisoformat(on), how=how, by=by, at=datetime.fromisoformat(at))
        for agreement, on, how, by, at in json.loads(text or "[]")
    )


def _write_plan(plan: Iterable[Part]) -> str:
    return json.dumps([[one.part, one.id, dict(one.says)] for one in plan])


def _read_plan(text: str | None) -> tuple[Part, ...]:
    return tuple(Part(part=part, id=part_id, says=says) for part, part_id, says in json.loads(text or "[]"))


APPROVALS, SETTINGS = "approvals", "approval_settings"
APPROVAL = DocumentType(
    collection=APPROVALS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="episode_id", holds=Holds.ID),
        Field(name="kind", holds=Holds.CODE),
        Field(name="state", holds=Holds.CODE),
        Field(name="waits_for", holds=Holds.CODE),
        Field(name="asked_of", holds=Holds.CODE),
        Field(name="closure_reason", holds=Holds.CODE),
        Field(name="said", holds=Holds.STORY, sealed=True, write=_write_said, read=_read_said),
        Field(name="plan", holds=Holds.STORY, sealed=True, write=_write_plan, read=_read_plan),
        Field(name="words", holds=Holds.STORY, sealed=True),
        Field(name="asked_by", holds=Holds.ID),
        Field(name="asked_at", holds=Holds.INSTANT),
        Field(name="decided_by", holds=Holds.ID),
        Field(name="decided_role", holds=Holds.CODE),
        Field(name="decided_at", holds=Holds.INSTANT),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(
        IndexModel([("waits_for", 1), ("asked_at", 1)]),
        IndexModel([("waits_for", 1), ("survivor_id", 1), ("asked_at", 1)]),
        IndexModel([("waits_for", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("episode_id", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("survivor_id", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("updated_at", 1), ("_id", 1)]),
    ),
)
SETTING = DocumentType(
    collection=SETTINGS,
    fields=(
        Field(name="closures_wait", holds=Holds.CODE),
        Field(name="stated_by", holds=Holds.ID),
        Field(name="updated_at", holds=Holds.INSTANT),
    ),
)
TYPES = (APPROVAL, SETTING)
THE_SETTING = "approvals"
"""The one document of the host's setting."""


class ApprovalStore:
    """Approvals in one transaction, in whose survivor's turn they are written."""

    def __init__(self, work: UnitOfWork, sealer: Sealer) -> None:
        """Work inside one transaction."""
        self._work = work
        self._sealer = sealer

    def get(self, approval_id: str) -> Approval:
        """Give an approval; ``DocumentMissingError`` if there is none."""
        return approval_from(self._work.get(APPROVALS, approval_id), self._sealer)

    def add(self, approval: Approval) -> None:
        """Keep a new one; what was asked before of the same kind, and waits, is taken back by it.

        Raises:
            TooManyApprovalsError: It was asked as often as may be.
        """
        where = {"episode_id": approval.episode_id}
        known = self._work.find_where(APPROVALS, where, limit=MOST_OF_EPISODE)
        if len(known) >= MOST_OF_EPISODE:
            raise TooManyApprovalsError(MOST_OF_EPISODE)
        # Only what may be settled is opened: a plan is sealed whole, and there may be hundreds.
        for document in known:
            if document["kind"] != approval.kind or document["waits_for"] == NOBODY:
                continue
            before = approval_from(document, self._sealer)
            if before.may_be_settled:
                self.save(before.settled(at=self._work.now))
        self._work.insert(APPROVALS, self._document(approval))

    def is_full(self, episode_id: str) -> bool:
        """Whether of an episode as much was asked as may be."""
        return (
            len(self._work.find_where(APPROVALS, {"episode_id": episode_id}, limit=MOST_OF_EPISODE)) >= MOST_OF_EPISODE
        )

    def save(self, approval: Approval) -> int:
        """Write its next version; give it."""
        self._work.replace(APPROVALS, {**self._document(approval), "version": approval.version})
        return approval.version + 1

    def _document(self, approval: Approval) -> dict[str, Any]:
        return APPROVAL.document(approval, seal=self._sealer.sealing(approval.survivor_id))


def approval_from(document: Mapping[str, Any], sealer: Sealer) -> Approval:
    """Read an approval's document."""
    return Approval(**APPROVAL.values(document, opened=sealer.opening(document["survivor_id"])))


def settings(work: UnitOfWork) -> Store[Setting]:
    """Give the host's setting in a transaction."""
    return Store(work, SETTING, Setting)


def closures_wait(work: UnitOfWork) -> bool:
    """Say whether support waits for an approval before it ends; of a host that said nothing, it does."""
    known = settings(work).find(THE_SETTING)
    return True if known is None else known.closures_wait


def overtake(work: UnitOfWork, episode_id: str) -> None:
    """Let nothing wait any more of an episode whose support has ended or begun again; nobody's key is needed.

    In the survivor's turn, so that nobody asks or approves at this moment.
    """
    for document in work.find_where(APPROVALS, {"episode_id": episode_id}, limit=MOST_OF_EPISODE):
        if document["state"] == WAITING:
            now = {"state": OVERTAKEN, "waits_for": NOBODY, "updated_at": work.now}
            work.replace(APPROVALS, APPROVAL.changed(document, **now))
