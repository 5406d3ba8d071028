"""Who may interpret for somebody: the one judgement, of a list as of a booking; no database and no clock.

Promise: what may never be is judged first and can be overridden by nobody; whatever cannot be read counts as a no;
every reason is given, not the first alone. Only a wish for a gender gives way, where the survivor herself agrees for
this once. Shown by tests/unit/case/test_interpreting_rules.py. Source: ADR 0072.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.case.interpreters.rules import Interpreter, Tie, Words
from services.case.interpreting.marks import Marks, meet, words_of
from services.case.interpreting.rules import AVOID, GENDERS, NOT_ASKED, Never, Wish
from shared.codelists.lists import get

UNREADABLE, NEVER, FAMILY, CONFLICT = "UNREADABLE", "NEVER", "FAMILY", "CONFLICT"
COMMUNITY, COMMUNITY_UNKNOWN, GENDER = "COMMUNITY", "COMMUNITY_UNKNOWN", "GENDER"
NEED_UNKNOWN, LANGUAGE, DIALECT = "NEED_UNKNOWN", "LANGUAGE", "DIALECT"
MODE, MODE_UNWANTED, NOT_THEN = "MODE", "MODE_UNWANTED", "NOT_THEN"
ASK_GENDER, ASK_COMMUNITY = "ASK_GENDER", "ASK_COMMUNITY"
REMARKS = (ASK_GENDER, ASK_COMMUNITY)
"""What nobody has asked them yet; it keeps nobody away, since it may need an interpreter to be asked."""
_KIN = ("RELATED_TO", "LIVES_WITH")
_LEAST_SHARED = 3
"""Letters of a word that two communities have in common where they may be one."""


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What is known of one survivor, for the judgement.

    Attributes:
        names: What the host calls her; whoever is tied to a person of this name is tied to her.
        nevers: Those that stand.
    """

    wish: Wish | None
    nevers: Sequence[Never]
    names: Sequence[str]
    marks: Marks


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """For what somebody is wanted.

    Attributes:
        agreed_gender: The wish in spite of which the survivor agreed for this once.
    """

    on: date
    mode: str
    agreed_gender: str | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether somebody may.

    Attributes:
        refusals: Why not, the gravest first; none where they may.
    """

    refusals: tuple[str, ...]

    @property
    def may(self) -> bool:
        """Whether they may."""
        return not self.refusals

    @property
    def may_if_agreed(self) -> bool:
        """Whether only a wish for a gender stands against them."""
        return self.refusals == (GENDER,)


def judge(needs: Needs, interpreter: Interpreter | None, wanted: Wanted) -> Verdict:
    """Judge one interpreter; one who is in no register any more cannot be read."""
    if interpreter is None or interpreter.words is None:
        return Verdict(refusals=(UNREADABLE,))
    found = {*_never(needs, interpreter, interpreter.words), *_fits(needs.wish, interpreter, interpreter.words, wanted)}
    return Verdict(refusals=tuple(code for code in get("interpreter_refusal").codes if code in found))


def remarks(wish: Wish | None) -> tuple[str, ...]:
    """Say what nobody has asked them yet."""
    asked = (wish is None or wish.gender == NOT_ASKED, wish is None or wish.community_rule == NOT_ASKED)
    return tuple(remark for remark, is_open in zip(REMARKS, asked, strict=True) if is_open)


def _never(needs: Needs, one: Interpreter, words: Words) -> Iterator[str]:
    """Give what can be overridden by nobody."""
    theirs, person = needs.marks.of_name(words.name), needs.marks.of_person(one.id)
    ties = [tie for tie in words.ties if tie.ended_at is None]
    for never in needs.nevers:
        if never.person_mark == person or meet(never.marks, theirs):
            yield _WHY.get(never.why or "", NEVER)
        if any(meet(never.marks, needs.marks.of_name(tie.who)) for tie in ties):
            yield CONFLICT
    for tie in ties:
        if any(meet(words_of(name), words_of(tie.who)) for name in needs.names):
            yield _tied(tie)


_WHY = {"FAMILY": FAMILY, "COMMUNITY": COMMUNITY, "CONFLICT": CONFLICT}


def _tied(tie: Tie) -> str:
    return FAMILY if tie.kind in _KIN else CONFLICT


def _fits(wish: Wish | None, one: Interpreter, words: Words, wanted: Wanted) -> Iterator[str]:
    if wish is None or wish.language is None:
        yield NEED_UNKNOWN
    elif wish.language not in one.languages:
        yield LANGUAGE
    if wanted.mode not in one.modes:
        yield MODE
    if not one.works_on(wanted.on):
        yield NOT_THEN
    if wish is not None:
        yield from _wished(wish, one, words, wanted)


def _wished(wish: Wish, one: Interpreter, words: Words, wanted: Wanted) -> Iterator[str]:
    if wish.dialect is not None and not any(words_of(wish.dialect) <= words_of(dialect) for dialect in words.dialects):
        yield DIALECT
    if wish.modes and wanted.mode not in wish.modes:
        yield MODE_UNWANTED
    if not get("interpreter_gender").has(wish.gender) or not get("interpreter_community").has(wish.community_rule):
        yield UNREADABLE
    if wish.gender in GENDERS and wish.gender not in (one.gender, wanted.agreed_gender):
        yield GENDER
    if wish.community_rule == AVOID:
        if not words.communities:
            yield COMMUNITY_UNKNOWN
        elif any(_one_community(wish.community, community) for community in words.communities):
            yield COMMUNITY


def _one_community(hers: str | None, theirs: str) -> bool:
    """Whether two communities may be one: by any word in common; what says nothing may be any."""
    first, second = words_of(hers), words_of(theirs)
    return meet(first, second) or any(len(word) >= _LEAST_SHARED for word in first & second)
