"""Release of protected tables: signed by a statistician, approved by another person, never changed afterwards.

Source: decisions 5; the approver is the survivor panel's delegate or the data guardian, and may delay. A release
is never issued again for a withdrawal; an ordered erasure takes out a whole table and leaves a tombstone.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.board.errors import (
    DelayTooLongError,
    NoSuchTableError,
    NotADraftError,
    NothingToPublishError,
    ReleaseChangedError,
    ReleaseDelayedError,
    ReleaseExistsError,
    SamePersonError,
)
from services.board.store import DRAFT, LAPSED, PROTECTED, PUBLISHED, RELEASED, RELEASES, TASKS
from shared.codelists.periods import NOT_PUBLISHED_AFTER_OPENING, day_words, days_after
from shared.contracts.board import ReleasePublished
from shared.keys.messages import sign_message
from shared.keys.signing import Trust
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import Document, UnitOfWork

TOMBSTONE, NOT_PUBLISHED_TABLE = "TOMBSTONE", "NOT_PUBLISHED"
_CONTENT = ("period", "covers", "plan_id", "task_hash", "people", "hosts", "roster_size", "tables")


@dataclass(frozen=True, kw_only=True)
class DraftRelease:
    """A statistician signs the protected tables of a task."""

    release_id: str
    task_id: str
    actor_id: str


@dataclass(frozen=True, kw_only=True)
class ApproveRelease:
    """Another person approves what they saw.

    Attributes:
        digest: Of the release that was looked at.
    """

    release_id: str
    digest: str
    actor_id: str


@dataclass(frozen=True, kw_only=True)
class DelayRelease:
    """An approver asks for time.

    Attributes:
        reason: A code of the list delay_reason.
    """

    release_id: str
    until: datetime
    reason: str
    actor_id: str


@dataclass(frozen=True, kw_only=True)
class EraseTable:
    """The data guardian carries out an ordered erasure: the whole table goes."""

    release_id: str
    table: str
    reason: str
    actor_id: str


def draft_release(command: DraftRelease, *, work: UnitOfWork) -> Answer:
    """Sign the protected tables of a task as a statistician; nobody outside sees them yet.

    Raises:
        NothingToPublishError, ReleaseExistsError: Nothing is signed.
    """
    task = work.get(TASKS, command.task_id)
    if task["state"] != PROTECTED:
        raise NothingToPublishError
    if work.find_where(RELEASES, {"task_id": command.task_id, "state": {"$ne": LAPSED}}, limit=1):
        raise ReleaseExistsError
    release = {
        "_id": command.release_id,
        "task_id": command.task_id,
        "task_hash": task["task_hash"],
        "period": task["period"],
        "covers": task["covers"],
        "plan_id": task["plan_id"],
        "roster_size": len(task["roster"]),
        "seal_at": task["seal_at"],
        "received_at": task["closes_at"],
        "state": DRAFT,
        "drafted_by": command.actor_id,
        "drafted_at": work.now,
        "lapses_at": days_after(task["ended_at"], NOT_PUBLISHED_AFTER_OPENING),
        "published_at": None,
        "revisions": [],
        **task["result"],
    }
    digest = digest_of(release)
    work.insert(RELEASES, {**release, "digest": digest})
    return Answer(status=201, ids={"id": command.release_id, "period": task["period"], "digest": digest})


def approve_release(command: ApproveRelease, *, work: UnitOfWork, trust: Trust) -> Answer:
    """Approve a draft as another person: it is signed with the board's key and public from now on.

    Raises:
        NotADraftError, SamePersonError, ReleaseDelayedError, ReleaseChangedError: Nothing is published.
    """
    release = _draft(work, command.release_id)
    if release["drafted_by"] == command.actor_id:
        raise SamePersonError
    delay = release.get("delay")
    if delay is not None and work.now < delay["until"]:
        raise ReleaseDelayedError(day_words(delay["until"]))
    if command.digest != release["digest"]:
        raise ReleaseChangedError
    approved = {
        **release,
        "state": PUBLISHED,
        "approved_by": command.actor_id,
        "published_at": work.now,
        "signature": trust.own.sign(release_message(release["digest"])),
        "signing_key": trust.own.public,
    }
    work.replace(RELEASES, approved)
    task = work.get(TASKS, release["task_id"])
    work.replace(TASKS, {**task, "state": RELEASED, "result": None})
    published = sign_message(
        ReleasePublished(release_id=release["_id"], task_id=release["task_id"], period=release["period"]), trust.own
    )
    work.record(published, sequence=1, route="hosts")
    return Answer(status=200, ids={"id": release["_id"], "period": release["period"], "digest": release["digest"]})


def delay_release(command: DelayRelease, *, work: UnitOfWork) -> Answer:
    """Hold a draft back until a day before it lapses.

    Raises:
        NotADraftError, DelayTooLongError: Nothing is delayed.
    """
    release = _draft(work, command.release_id)
    if not work.now < command.until < release["lapses_at"]:
        raise DelayTooLongError(day_words(release["lapses_at"]))
    delay = {"until": command.until, "reason": command.reason, "by": command.actor_id, "at": work.now}
    work.replace(RELEASES, {**release, "delay": delay})
    return Answer(status=200, ids={"id": release["_id"], "state": DRAFT})


def erase_table(command: EraseTable, *, work: UnitOfWork, trust: Trust) -> Answer:
    """Take a whole table out of a published release and sign what is left.

    Raises:
        NoSuchTableError: Nothing is taken out.
    """
    release = work.get(RELEASES, command.release_id)
    found = [t for t in release["tables"] if t["table"] == command.table and t["cells"]]
    if release["state"] != PUBLISHED or not found:
        raise NoSuchTableError
    tombstone = {"table": command.table, "status": TOMBSTONE, "level": 0, "cells": {}}
    revision = {
        "at": work.now,
        "table": command.table,
        "reason": command.reason,
        "by": command.actor_id,
        "earlier_digest": release["digest"],
    }
    erased = {
        **release,
        "tables": [tombstone if t["table"] == command.table else t for t in release["tables"]],
        "revisions": [*release["revisions"], revision],
    }
    digest = digest_of(erased)
    work.replace(RELEASES, {**erased, "digest": digest, "signature": trust.own.sign(release_message(digest))})
    return Answer(status=200, ids={"id": release["_id"], "digest": digest})


def digest_of(release: Mapping[str, Any]) -> str:
    """SHA-256 over the figures and what they were counted by; what both people sign."""
    content = {name: release[name] for name in _CONTENT}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def release_message(digest: str) -> bytes:
    """Give what the board's key signs when a release is published."""
    return f"alongside|v1|release|{digest}".encode()


def _draft(work: UnitOfWork, release_id: str) -> Document:
    release = work.get(RELEASES, release_id)
    if release["state"] != DRAFT or work.now >= release["lapses_at"]:
        raise NotADraftError
    return release
