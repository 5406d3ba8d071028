"""Enrolment links: with one a person sets the password that nobody else knows; at most one works for a person.

What is kept of a link: HMACs of its secret and of its code, for seven days.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from services.identity.people.rules import GUARDED, Administrator, User
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

SYSTEM = "system"
"""Who made a link that no administrator made: provisioning, or the machine's operator."""

ENROLMENTS = "enrolments"
ENROLMENT = DocumentType(
    collection=ENROLMENTS,
    fields=(
        Field(name="user_id", holds=Holds.ID),
        Field(name="expires_at", holds=Holds.INSTANT),
        Field(name="made_by", holds=Holds.ID),
        Field(name="needs_code", holds=Holds.CODE),
        Field(name="code", holds=Holds.HASH),
        Field(name="failures", holds=Holds.COUNT),
    ),
    indexes=(IndexModel([("user_id", 1)]), IndexModel([("expires_at", 1)], expireAfterSeconds=0)),
)


@dataclass(frozen=True, kw_only=True)
class NewLink:
    """An enrolment link that was drawn; the link itself is shown once and kept by nobody here.

    Attributes:
        index: HMAC of the link's secret under a tenant key.
        expires_at: Real time.
    """

    index: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link as it is kept.

    Attributes:
        id: HMAC of its secret.
        expires_at: Real time.
        made_by: The administrator who asked for it, or ``SYSTEM``.
        needs_code: A second administrator must stand behind it.
        code: HMAC of their code; None until they have confirmed.
        failures: How many wrong codes were tried.
    """

    id: str = field(repr=False)
    user_id: str
    expires_at: datetime
    made_by: str
    needs_code: bool
    code: str | None = field(default=None, repr=False)
    failures: int = 0

    @property
    def waits(self) -> bool:
        """Whether a second administrator has yet to confirm it."""
        return self.needs_code and self.code is None


class EnrolmentStore:
    """Open enrolment links."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def find(self, link_index: str) -> Link | None:
        """Give a link, however old."""
        document = self._work.find(ENROLMENTS, link_index)
        return link_from(document) if document is not None else None

    def of(self, user_id: str) -> Link | None:
        """Give a person's link."""
        found = self._work.find_where(ENROLMENTS, {"user_id": user_id}, limit=1)
        return link_from(found[0]) if found else None

    def put(self, new: NewLink, user: User, by: Administrator | None) -> None:
        """Keep a link in place of the person's earlier ones; one to what is guarded needs a second administrator."""
        self.clear(user.id)
        link = Link(
            id=new.index,
            user_id=user.id,
            expires_at=new.expires_at,
            made_by=by.actor_id if by is not None else SYSTEM,
            needs_code=by is not None and any(m.role in GUARDED for m in user.everything),
        )
        self._work.insert(ENROLMENTS, ENROLMENT.document(link))

    def confirm(self, link: Link, code_index: str) -> None:
        """Keep the second administrator's code."""
        self._change(link, code=code_index)

    def count_failure(self, link: Link) -> None:
        """Keep that one more wrong code was tried."""
        self._change(link, failures=link.failures + 1)

    def clear(self, user_id: str) -> None:
        """Let no link of a person work any more."""
        for document in self._work.find_where(ENROLMENTS, {"user_id": user_id}):
            self._work.delete(ENROLMENTS, document["_id"])

    def _change(self, link: Link, **values: Any) -> None:
        self._work.replace(ENROLMENTS, ENROLMENT.changed(self._work.get(ENROLMENTS, link.id), **values))


def link_from(document: Mapping[str, Any]) -> Link:
    """Read a link's document."""
    return Link(**{name: value for name, value in ENROLMENT.values(document).items() if name != "version"})
