"""A contact with a survivor, and how it is corrected: plain rules, no database and no clock.

Promise: a correction is a contact of its own that names the one before, which stays as it was written; what a
correction leaves blank stays, and only what is cleared is taken away. Shown by tests/unit/case/test_contact_rules.py.
Source: ADR 0051.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from services.case.contacts.errors import ContactCorrectedError, ContactInFutureError, OthersContactError

MAY_BE_CLEARED = ("on", "minutes", "areas", "next_step", "note")
"""Fields of which nothing may be known; mode and interpreter are always said."""
SAID = ("mode", "interpreter", *MAY_BE_CLEARED)
WHY_CORRECTED = ("WRITTEN_WRONGLY", "SOMETHING_WAS_MISSING", "SURVIVOR_ASKED")
WHY_TAKEN_BACK = ("DID_NOT_HAPPEN", "ANOTHER_PERSON", "WRITTEN_TWICE", "SURVIVOR_ASKED")

_NEXT = UUID("5f0f1d7e-0f0a-4a3c-9a55-6a1f6a6f3c51")
_SUPERVISOR = "SUPERVISOR"


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One contact, or the correction of one.

    Attributes:
        on: The day on which it took place; None where nobody said, as of contacts from before days were kept.
        minutes: How long it took; None where nobody said.
        areas: What it was about, in codes.
        next_step: What comes next, in a few words.
        note: What was said, if it has to be kept at all.
        corrects: The contact that this one corrects or takes back; None for a first writing.
        why: Why it was corrected or taken back.
        taken_back: Whether there was no such contact with this person.
        actor_id, role: Who wrote it; None of contacts from before that was kept.
    """

    id: str
    survivor_id: str
    episode_id: str
    on: date | None = None
    mode: str
    minutes: int | None = None
    areas: tuple[str, ...] = ()
    interpreter: str
    next_step: str | None = None
    note: str | None = None
    corrects: str | None = None
    why: str | None = None
    taken_back: bool = False
    actor_id: str | None = None
    role: str | None = None
    recorded_at: datetime
    updated_at: datetime
    version: int = 0

    def may_be_corrected_by(self, actor_id: str, role: str) -> bool:
        """Whether somebody may correct it: whoever wrote it, a supervisor, and anybody where nobody knows who did."""
        return role == _SUPERVISOR or self.actor_id in (None, actor_id)

    def corrected(self, said: Mapping[str, Any], cleared: Collection[str], *, why: str, by: "Writer") -> "Contact":
        """Give the contact as it should have been written.

        Args:
            said: What is right, by field; what is missing or blank stays as it is.
            cleared: Fields whose content is taken away.
            why: A code of ``WHY_CORRECTED``.
            by: Who corrects it, and when.

        Raises:
            OthersContactError: It is not theirs to correct.
            ContactCorrectedError: It was taken back.
        """
        self._check(by)
        nothing: dict[str, Any] = {name: () if name == "areas" else None for name in cleared}
        told = {name: said[name] for name in SAID if says_something(said.get(name))}
        return replace(self, **{**told, **nothing}, **by.stamp(), id=next_id(self.id), corrects=self.id, why=why)

    def withdrawn(self, *, why: str, by: "Writer") -> "Contact":
        """Take the contact back: there was none such with this person. What it said is not repeated.

        Raises:
            OthersContactError: It is not theirs to take back.
            ContactCorrectedError: It was taken back already.
        """
        self._check(by)
        empty: dict[str, Any] = {"on": None, "minutes": None, "areas": (), "next_step": None, "note": None}
        back: dict[str, Any] = {"id": next_id(self.id), "corrects": self.id, "why": why, "taken_back": True}
        return replace(self, **empty, **by.stamp(), **back)

    def _check(self, by: "Writer") -> None:
        if not self.may_be_corrected_by(by.actor_id, by.role):
            raise OthersContactError
        if self.taken_back:
            raise ContactCorrectedError


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Who writes a contact down, and when."""

    actor_id: str
    role: str
    at: datetime

    def stamp(self) -> dict[str, Any]:
        """Give a contact's fields of it."""
        return {
            "actor_id": self.actor_id,
            "role": self.role,
            "recorded_at": self.at,
            "updated_at": self.at,
            "version": 0,
        }


def check_day(on: date | None, today: date) -> None:
    """Refuse a day that has not come.

    Raises:
        ContactInFutureError: It lies after today.
    """
    if on is not None and on > today:
        raise ContactInFutureError


def next_id(contact_id: str) -> str:
    """Give the id of a contact's correction: it follows from the contact, so that there is never a second one."""
    return str(uuid5(_NEXT, contact_id))


def standing(contacts: Collection[Contact]) -> list[Contact]:
    """Leave out of a person's contacts what was corrected or taken back."""
    ids = {one.id for one in contacts}
    return [one for one in contacts if not one.taken_back and next_id(one.id) not in ids]


def last_day(contacts: Collection[Contact]) -> date | None:
    """Give the day of the last contact of those that stand; None where no day is known."""
    return max((one.on for one in standing(contacts) if one.on is not None), default=None)


def says_something(value: object) -> bool:
    """Whether a value says anything; no text of spaces and invisible signs does."""
    if isinstance(value, str):
        return any(sign.isprintable() and not sign.isspace() for sign in value)
    return value is not None and value != ()
