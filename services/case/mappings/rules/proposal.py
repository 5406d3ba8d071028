"""Proposes a mapping for a file that no profile knows, and says in plain words why; a person decides.

Promise: nothing is proposed of which there is doubt: below the threshold, where two columns fit one field, and for
every word of a consent, a question is asked instead. A proposed profile that is approved unread cannot make a yes
of anything that is not one already (``tests/unit/case/test_mapping_proposal.py``). The same file gives the same one.
Limit: it looks at the first 500 rows.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from itertools import islice
from typing import Any

import yaml

from services.case.imports.rules.form_words import AT_EXPLOITATION
from services.case.imports.rules.reading import Sheet
from services.case.mappings.rules.names import Names, words_of
from services.case.mappings.rules.values import (
    LISTED,
    Fit,
    fit_of,
    is_not_known,
    order_of,
    proposed_words,
    separator_of,
    unknown_words,
)

MOST_ROWS = 500
SURE, MAYBE = 75, 55
"""Of 100: from the first a guess is proposed, from the second it is asked."""

NAME_OWN, NAME_SURE, NAME_MAYBE = 97, 85, 62
"""The same of the name alone: cells that look like days are in every file."""

_NEAR = 8
_BY_NAME = 0.6
_IN_ONE_COLUMN = ("date_of_birth", "age_at_referral")
_CONSENT = re.compile(r"consent|permission|agree", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Guess:
    """What one column may be.

    Attributes:
        field: None where nothing fits well enough, so that the column is left out.
        score: Of 100.
        seen: Cells that were looked at.
        understood: Cells of them that can be read as the field.
        why: In plain words, without what any cell says.
        is_sure: Whether it is proposed; else it is asked.
    """

    column: str
    field: str | None
    score: int
    seen: int
    understood: int
    why: str
    is_sure: bool
    about: Mapping[str, Any] = made(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A mapping that somebody may approve, and what they have to answer before."""

    kind: str
    fingerprint: str
    guesses: tuple[Guess, ...]
    questions: tuple[str, ...]
    not_known: tuple[str, ...] = ()

    def content(self, profile_id: str, *, source: str | None = None) -> dict[str, Any]:
        """Give the profile's content; a column that is only asked about stands in ``drop`` until it is answered."""
        sure = [guess for guess in self.guesses if guess.is_sure and guess.field]
        columns = {g.column: {"field": g.field, **g.about} if g.about else g.field for g in sure}
        return {
            "format": 1,
            "id": profile_id,
            "title": f"Proposed for {profile_id}",
            "version": 1,
            **({} if source is None else {"source": source}),
            "kind": self.kind,
            "fingerprint": self.fingerprint,
            "columns": columns,
            **({"not_known": list(self.not_known)} if self.not_known else {}),
        }

    def as_yaml(self, profile_id: str, *, source: str | None = None) -> str:
        """Write it down, the questions above it."""
        asked = "".join(f"# To answer: {question}\n" for question in self.questions)
        content = yaml.safe_dump(
            self.content(profile_id, source=source), sort_keys=False, allow_unicode=True, width=110
        )
        return f"{asked}{content}"


def propose(sheet: Sheet) -> Proposal:
    """Propose a mapping for a sheet."""
    rows = [record.cells for record in islice(sheet.records(), MOST_ROWS) if record.fault is None]
    names = Names.shipped()
    fits = [_Column(column, [row[at] for row in rows], names) for at, column in enumerate(sheet.header) if column]
    chosen = _one_each(fits)
    guesses = tuple(column.guess(chosen.get(column.name)) for column in fits)
    mapped = {guess.column for guess in guesses if guess.is_sure and guess.field != "reference"}
    said = {cell for column in fits if column.name in mapped for cell in column.cells if is_not_known(cell)}
    return Proposal(
        kind=sheet.kind,
        fingerprint=sheet.fingerprint,
        guesses=guesses,
        questions=tuple(_questions(guesses, fits)),
        not_known=tuple(sorted(said)),
    )


class _Column:
    """A column, with how well each field fits it."""

    def __init__(self, name: str, cells: list[str], names: Names) -> None:
        self.name = name
        self.cells = [cell for cell in cells if cell]
        self.by_name = names.scores(name)
        self.is_left_out = names.is_left_out(name) and max(self.by_name.values(), default=0) < 100  # noqa: PLR2004  %
        if self.is_left_out:
            self.by_name = {}
        own = {one: score for one, score in self.by_name.items() if score >= NAME_OWN}
        # A column under a field's own name is not another's, however well its cells fit there.
        self.by_name = own or self.by_name
        self.values: dict[str, Fit] = {}
        self.scores: dict[str, int] = {}
        for one, score in self.by_name.items():
            if score < NAME_MAYBE or (one in _IN_ONE_COLUMN and AT_EXPLOITATION.search(name)):
                continue
            fit = fit_of(one, self.cells)
            self.values[one] = fit
            told = score if fit.share is None else _BY_NAME * score + (1 - _BY_NAME) * 100 * fit.share
            # Under a list's own name, words that no list knows are asked one by one, and count as nothing until then.
            known = one in LISTED and score >= NAME_OWN
            self.scores[one] = max(round(told), SURE) if known else round(told)
        self.rivals: set[str] = set()

    def guess(self, chosen: str | None) -> Guess:
        """Tell what it is taken for."""
        best = chosen or max(self.scores, key=lambda one: self.scores[one], default=None)
        if best is None or self.scores[best] < MAYBE:
            why = "Left out: no field has a name or words like these." + self._of_consent()
            if self.is_left_out:
                why = "Left out, as in a profile of a known system."
            return Guess(
                column=self.name, field=None, score=0 if best is None else self.scores[best],
                seen=len(self.cells), understood=0, why=why, is_sure=False,
            )  # fmt: skip
        fit, score = self.values[best], self.scores[best]
        sure = chosen == best and score >= SURE and self.by_name[best] >= NAME_SURE and best not in self.rivals
        return Guess(
            column=self.name,
            field=best,
            score=score,
            seen=fit.seen,
            understood=fit.understood,
            why=f"Its name is {self.by_name[best]} % like {words_of(best)}; {fit.in_words()}",
            is_sure=sure,
            about=self._about(best),
        )

    def _about(self, best: str) -> dict[str, Any]:
        about: dict[str, Any] = {}
        order = order_of(best, self.cells)
        if order is not None:
            about["order"] = order
        separator = separator_of(best, self.cells)
        if separator is not None:
            about["separator"] = separator
        words = proposed_words(best, self.cells, separator)
        if words:
            about["words"] = words
        return about

    def _of_consent(self) -> str:
        return " Its name may speak of a consent: look at it." if _CONSENT.search(self.name) else ""


def _one_each(columns: Iterable[_Column]) -> dict[str, str]:
    """Give each field to the column that fits it best; another that fits nearly as well makes it a question."""
    pairs = sorted(
        ((score, column.name, one, column) for column in columns for one, score in column.scores.items()),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    taken: dict[str, tuple[int, _Column]] = {}
    given: dict[str, str] = {}
    for score, name, one, column in pairs:
        if score < MAYBE or name in given:
            continue
        if one in taken:
            best, first = taken[one]
            if best - score <= _NEAR or column.by_name[one] >= NAME_SURE:
                column.rivals.add(one)
                first.rivals.add(one)
            continue
        taken[one] = (score, column)
        given[name] = one
    return given


def _questions(guesses: tuple[Guess, ...], columns: list[_Column]) -> Iterable[str]:
    for guess, column in zip(guesses, columns, strict=True):
        if guess.field and guess.is_sure:
            yield from _of_words(guess, column)
        elif guess.field:
            rivals = [other.name for other in columns if other is not column and guess.field in other.rivals]
            other = f" or {rivals[0]}" if guess.field in column.rivals and rivals else ""
            yield f"Is {guess.column}{other} {words_of(guess.field)}?"
        elif _CONSENT.search(guess.column):
            yield f"What does {guess.column} say? It is left out, and a no in it would not be heard."
    found = {guess.field for guess in guesses if guess.is_sure}
    for needed, question in _NEEDED:
        if not found & needed:
            yield question


def _of_words(guess: Guess, column: _Column) -> Iterable[str]:
    explained = guess.about.get("words", {})
    words = unknown_words(guess.field or "", column.cells, guess.about.get("separator"))
    counted = Counter(word for word in words if word not in explained and not is_not_known(word))
    if counted:
        yield (
            f"{guess.column}: {sum(counted.values())} cells hold words that are in no list ({len(counted)} different). "
            "Write what they mean under words, or correct them in the system."
        )


_NEEDED = (
    ({"reference"}, "Which column is the person's own number in your system? Without one nobody is known again."),
    (
        {"age_at_referral", "date_of_birth"},
        "Which column says the age at referral, or the birth date? Without one nobody is counted.",
    ),
    ({"nation"}, "In which nation do you work? With one nation for everybody, write constants: {nation: ENGLAND}."),
    ({"consent"}, "Which column says whether the person agreed to the statistics? Without one nobody is counted."),
)
