"""Releasing protected tables: signed by a statistician, approved or delayed by another person, erased by order.

Source: decisions 5; the approver is the survivor panel's delegate or the data guardian, and may delay. A release
is never issued again for a withdrawal; an ordered erasure takes out a whole table and leaves a tombstone.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.board.releases.documents import releases
from services.board.releases.errors import (
    DelayTooLongError,
    NoSuchTableError,
    NotADraftError,
    NothingToPublishError,
    ReleaseChangedError,
    ReleaseDelayedError,
    ReleaseExistsError,
)
from services.board.releases.rules import DRAFT, LAPSED, PUBLISHED, TOMBSTONE, Release, digest_of, release_message
from services.board.tasks.documents import take_turn_of, tasks
from services.board.tasks.task import PROTECTED, RELEASED
from services.board.two_people import check_two_people
from shared.codelists.periods import NOT_PUBLISHED_AFTER_OPENING, day_words, days_after
from shared.contracts.board import ReleasePublished
from shared.keys.messages import sign_message
from shared.keys.signing import Trust
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class DraftRelease(DomainCommand):
    """A statistician signs the protected tables of a task."""

    action: ClassVar[str] = "board:release:draft"
    release_id: str
    task_id: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The release."""
        return self.release_id

    @property
    def aggregates(self) -> frozenset[str]:
        """A task has one release."""
        return frozenset({self.task_id})


def draft_release(command: DraftRelease, work: UnitOfWork) -> Answer:
    """Sign the protected tables of a task as a statistician; nobody outside sees them yet.

    Raises:
        NothingToPublishError, ReleaseExistsError: Nothing is signed.
    """
    task = tasks(work).get(command.task_id)
    if task.state != PROTECTED or task.result is None or task.ended_at is None:
        raise NothingToPublishError
    # Whoever signs it too, and the job that lets it lapse, look at its releases and write the task.
    take_turn_of(work, task.id)
    if releases(work).where({"task_id": command.task_id, "state": {"$ne": LAPSED}}, limit=1):
        raise ReleaseExistsError
    counted = {
        "task_hash": task.task_hash,
        "period": task.period,
        "covers": task.covers,
        "plan_id": task.plan_id,
        "roster_size": len(task.roster),
        **task.result,
    }
    release = Release(
        id=command.release_id,
        task_id=command.task_id,
        seal_at=task.seal_at,
        received_at=task.closes_at,
        state=DRAFT,
        drafted_by=command.actor_id,
        drafted_at=work.now,
        lapses_at=days_after(task.ended_at, NOT_PUBLISHED_AFTER_OPENING),
        revisions=[],
        digest=digest_of(counted),
        **counted,
    )
    releases(work).add(release)
    return Answer(status=201, ids={"id": release.id, "period": release.period, "digest": release.digest})


@dataclass(frozen=True, kw_only=True)
class ApproveRelease(DomainCommand):
    """Another person approves what they saw.

    Attributes:
        digest: Of the release that was looked at.
    """

    action: ClassVar[str] = "board:release:approve"
    release_id: str
    digest: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The release."""
        return self.release_id


def approve_release(command: ApproveRelease, work: UnitOfWork, *, trust: Trust) -> Answer:
    """Approve a draft as another person: it is signed with the board's key and public from now on.

    Raises:
        NotADraftError, SamePersonError, ReleaseDelayedError, ReleaseChangedError: Nothing is published.
    """
    release = _draft(work, command.release_id)
    check_two_people(release.drafted_by, command.actor_id)
    if release.delay is not None and work.now < release.delay["until"]:
        raise ReleaseDelayedError(day_words(release.delay["until"]))
    if command.digest != release.digest:
        raise ReleaseChangedError
    releases(work).change(
        release.id,
        state=PUBLISHED,
        approved_by=command.actor_id,
        published_at=work.now,
        signature=trust.own.sign(release_message(release.digest)),
        signing_key=trust.own.public,
    )
    tasks(work).change(release.task_id, state=RELEASED, result=None)
    published = ReleasePublished(release_id=release.id, task_id=release.task_id, period=release.period)
    work.record(sign_message(published, trust.own), sequence=1, route="hosts")
    return Answer(status=200, ids={"id": release.id, "period": release.period, "digest": release.digest})


@dataclass(frozen=True, kw_only=True)
class DelayRelease(DomainCommand):
    """An approver asks for time.

    Attributes:
        reason: A code of the list delay_reason.
    """

    action: ClassVar[str] = "board:release:delay"
    release_id: str
    until: datetime
    reason: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The release."""
        return self.release_id


def delay_release(command: DelayRelease, work: UnitOfWork) -> Answer:
    """Hold a draft back until a day before it lapses.

    Raises:
        NotADraftError, DelayTooLongError: Nothing is delayed.
    """
    release = _draft(work, command.release_id)
    if not work.now < command.until < release.lapses_at:
        raise DelayTooLongError(day_words(release.lapses_at))
    delay = {"until": command.until, "reason": command.reason, "by": command.actor_id, "at": work.now}
    releases(work).change(release.id, delay=delay)
    return Answer(status=200, ids={"id": release.id, "state": DRAFT})


@dataclass(frozen=True, kw_only=True)
class EraseTable(DomainCommand):
    """The data guardian carries out an ordered erasure: the whole table goes."""

    action: ClassVar[str] = "board:release:erase"
    release_id: str
    table: str
    reason: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The release."""
        return self.release_id


def erase_table(command: EraseTable, work: UnitOfWork, *, trust: Trust) -> Answer:
    """Take a whole table out of a published release and sign what is left.

    Raises:
        NoSuchTableError: Nothing is taken out.
    """
    release = releases(work).get(command.release_id)
    found = [t for t in release.tables if t["table"] == command.table and t["cells"]]
    if release.state != PUBLISHED or not found:
        raise NoSuchTableError
    tombstone = {"table": command.table, "status": TOMBSTONE, "level": 0, "cells": {}}
    revision = {
        "at": work.now,
        "table": command.table,
        "reason": command.reason,
        "by": command.actor_id,
        "earlier_digest": release.digest,
    }
    left = [tombstone if t["table"] == command.table else t for t in release.tables]
    digest = digest_of({**vars(release), "tables": left})
    releases(work).change(
        release.id,
        tables=left,
        revisions=[*release.revisions, revision],
        digest=digest,
        signature=trust.own.sign(release_message(digest)),
    )
    return Answer(status=200, ids={"id": release.id, "digest": digest})


def _draft(work: UnitOfWork, release_id: str) -> Release:
    release = releases(work).get(release_id)
    if release.state != DRAFT or work.now >= release.lapses_at:
        raise NotADraftError
    return release
