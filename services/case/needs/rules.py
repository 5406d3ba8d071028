"""What somebody needs and what endangers them, with history: plain rules, no database and no clock.

Promise: of each need and each risk the newest that stands is shown, and every older one beside it; the survivor's own
view stands beside the advocate's and is never filled from it; nothing is added up. Shown by
tests/unit/case/test_need_rules.py. Source: ADR 0059.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Generic

from services.case.outcomes.kept import K, Kept, standing

IMMEDIATE = "IMMEDIATE"
"""The level at which the host's own safeguarding procedure begins; no program tells anybody."""
NO_NEED = "NO_NEED"
"""The level of a need that is none any more."""
_MAY_BE_CLEARED = ("view", "on", "words")


@dataclass(frozen=True, kw_only=True)
class Need(Kept):
    """What somebody needs in one area.

    Attributes:
        about: A code of ``advocacy_area``.
        level: How the advocate weighs it; a code of ``need_level``.
        view: How the survivor sees it, or that they did not say; None where nobody wrote it down.
        on: The day of the talk; None where nobody said.
        words: What has to be kept, if anything.
    """

    SAID: ClassVar[tuple[str, ...]] = ("about", "level", *_MAY_BE_CLEARED)
    MAY_BE_CLEARED: ClassVar[tuple[str, ...]] = _MAY_BE_CLEARED

    about: str
    level: str
    view: str | None = None
    on: date | None = None
    words: str | None = None


@dataclass(frozen=True, kw_only=True)
class Risk(Need):
    """What endangers somebody; ``about`` is a code of ``risk_type`` and ``level`` one of ``risk_level``."""


@dataclass(frozen=True, kw_only=True)
class History(Generic[K]):
    """One need or one risk through time.

    Attributes:
        now: What stands.
        earlier: What stood before, the newest first.
    """

    about: str
    now: K
    earlier: tuple[K, ...]


def histories(kept: Sequence[K]) -> list[History[K]]:
    """Give each need or risk with its history, that which was weighed last first."""
    by_code: dict[str, list[K]] = {}
    for one in standing(kept):
        by_code.setdefault(getattr(one, "about", ""), []).append(one)
    found = [History(about=code, now=rest[-1], earlier=tuple(rest[-2::-1])) for code, rest in by_code.items()]
    return sorted(found, key=lambda one: one.now.place, reverse=True)
