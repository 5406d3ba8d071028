"""What can be said of one row: its problems, its facts, what it says of a consent, and what protects a person."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.case.imports.rules.ages import CHILD, NOT_KNOWN

AGE_NOT_KNOWN = NOT_KNOWN
AGE_UNREADABLE, CONSENT_UNREADABLE, ROW_UNREADABLE = "AGE_UNREADABLE", "CONSENT_UNREADABLE", "ROW_UNREADABLE"
"""Why a known person may not be counted until a row is right."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why a row cannot be taken, without what it says.

    Attributes:
        urgent: It is told before all others: somebody's no or a child is behind it.
    """

    column: str
    code: str
    sentence: str
    urgent: bool = False


@dataclass(frozen=True, kw_only=True)
class EpisodeFacts:
    """What an accepted row says of an episode, in codes; None where its cell says nothing."""

    referral_date: date | None
    age_band: str
    gender: str | None
    nationality: tuple[str, ...] | None
    region: str | None
    exploitation_types: tuple[str, ...] | None
    nation: str | None
    advocacy_area: str | None


@dataclass(frozen=True, kw_only=True)
class ConsentStatement:
    """What a row says of the statistics consent; whether it is effective, consent decides."""

    stated: str
    said_at: datetime | None
    wording_code: str | None
    language: str | None
    method: str | None
    setting_private: bool | None

    def by_name(self) -> dict[str, Any]:
        """Give what it says, by name; it is flat, so nothing is copied deep for each of thousands of rows."""
        return dict(vars(self))


@dataclass(frozen=True, kw_only=True)
class First:
    """What is read of a row before anything else.

    Attributes:
        age: A code of the list ``age_band``, ``CHILD``, or None where it cannot be read.
        consent: What the consent's own cell says, or None where it cannot be read.
        no: What to state at once, if the row says no anywhere.
    """

    age: str | None
    consent: str | None
    no: ConsentStatement | None
    nation: str | None

    @property
    def child(self) -> bool:
        """Whether the person may be under 18 at referral."""
        return self.age == CHILD

    @property
    def doubt(self) -> str | None:
        """Why a known person may not be counted until the row is right, if so; a child is no doubt.

        An answer that cannot be read before an age: it may be a no, and only another answer lifts that doubt.
        """
        if self.consent is None and not self.child:
            return CONSENT_UNREADABLE
        if self.age == AGE_NOT_KNOWN:
            return AGE_NOT_KNOWN
        return AGE_UNREADABLE if self.age is None else None


@dataclass(frozen=True, kw_only=True)
class Rest:
    """Everything else of a row, with what is wrong."""

    facts: EpisodeFacts
    consent: ConsentStatement
    problems: tuple[Problem, ...]
    blank: tuple[Problem, ...]
