"""An interpreter of the host, as the register has them: plain rules, no database and no clock.

Promise: what a change leaves blank stays, and only what is cleared is taken away; a tie that was noted is ended, never
removed. Shown by tests/unit/case/test_interpreter_rules.py. Source: ADR 0072.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from services.case.interpreters.errors import InterpreterMisstatedError, NoSuchTieError, TooManyTiesError
from shared.kernel.tenancy import Principal

HOST_ADMIN, SUPERVISOR = "HOST_ADMIN", "SUPERVISOR"
KEEPERS = (SUPERVISOR, HOST_ADMIN)
"""Who keeps the register; advocates see names where they ask who may interpret."""
MOST_INTERPRETERS = 500
MOST_TIES = 50
MOST_OF_A_LIST = 20
LONGEST_NAME, LONGEST_WORD = 200, 100
MAY_BE_CLEARED = ("dialects", "agency", "communities", "until_on")
_SEALED = ("name", "dialects", "agency", "communities")
_CLEAR = ("languages", "gender", "modes", "from_on", "until_on")


@dataclass(frozen=True, kw_only=True)
class Tie:
    """What ties an interpreter to somebody else.

    Attributes:
        kind: A code of ``interpreter_conflict``.
        who: The other's name.
        ended_at: From when on it does not hold any more; None while it does.
    """

    id: str
    kind: str
    who: str
    by: str
    at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is kept closed of an interpreter, under a key of the tenant's.

    Attributes:
        dialects: As they name them.
        agency: Whom one rings to book them; None for nobody.
        communities: To which they say that they belong; none where nobody wrote it down.
    """

    name: str
    dialects: tuple[str, ...] = ()
    agency: str | None = None
    communities: tuple[str, ...] = ()
    ties: tuple[Tie, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Interpreter:
    """One interpreter.

    Attributes:
        languages: Codes of the list ``language``.
        gender: As they state it; a code of the list ``gender``.
        modes: How they work; codes of ``interpreter_mode``.
        from_on, until_on: The days on which they work for the host, both included; None for no end.
        words: None where they do not open, which every judgement takes as a no.
    """

    id: str
    languages: tuple[str, ...]
    gender: str
    modes: tuple[str, ...]
    from_on: date
    until_on: date | None = None
    words: Words | None
    stated_by: str
    updated_at: datetime
    version: int = 0

    def works_on(self, day: date) -> bool:
        """Whether they work for the host on a day."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)

    def as_of(self, moment: datetime) -> "Interpreter":
        """Give them with the ties that held at a moment."""
        if self.words is None:
            return self
        held = [
            replace(one, ended_by=None, ended_at=None)
            for one in self.words.ties
            if one.at <= moment and (one.ended_at is None or one.ended_at > moment)
        ]
        return replace(self, words=replace(self.words, ties=tuple(held)))

    def checked(self) -> "Interpreter":
        """Give it, unless it cannot be right.

        Raises:
            InterpreterMisstatedError: It ends before it begins.
        """
        if self.until_on is not None and self.until_on < self.from_on:
            raise InterpreterMisstatedError("until_on", "The last day lies before the first.")
        return self

    def changed(self, said: Mapping[str, Any], cleared: Collection[str], who: Principal, at: datetime) -> "Interpreter":
        """Write what is new; what is blank stays.

        Raises:
            InterpreterMisstatedError: It cannot be right, or what is kept closed cannot be read.
        """
        nothing: dict[str, Any] = {"dialects": (), "communities": (), "agency": None, "until_on": None}
        new = {name: value for name, value in said.items() if value not in (None, "", ())}
        new |= {name: nothing[name] for name in cleared}
        words = replace(self.readable, **{name: new[name] for name in _SEALED if name in new})
        clear = {name: new[name] for name in _CLEAR if name in new}
        return replace(self, **clear, words=words, stated_by=who.actor_id, updated_at=at).checked()

    def tied(self, tie: Tie) -> "Interpreter":
        """Note a tie.

        Raises:
            TooManyTiesError: As many are noted as may be.
        """
        if len(self.readable.ties) >= MOST_TIES:
            raise TooManyTiesError(MOST_TIES)
        return replace(self, words=replace(self.readable, ties=(*self.readable.ties, tie)), updated_at=tie.at)

    def untied(self, tie_id: str, who: Principal, at: datetime) -> "Interpreter":
        """Let a tie hold no more; it stays to be seen.

        Raises:
            NoSuchTieError: None of this id holds.
        """
        if not any(one.id == tie_id and one.ended_at is None for one in self.readable.ties):
            raise NoSuchTieError
        ended = [
            replace(one, ended_by=who.actor_id, ended_at=at) if one.id == tie_id else one for one in self.readable.ties
        ]
        return replace(self, words=replace(self.readable, ties=tuple(ended)), updated_at=at)

    @property
    def readable(self) -> Words:
        """What is kept closed of them.

        Raises:
            InterpreterMisstatedError: It cannot be read.
        """
        if self.words is None:
            raise InterpreterMisstatedError("name", "What is kept of this interpreter cannot be read. Add them again.")
        return self.words
