"""How much the name of a column is like the names that a field usually has."""

import functools
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

import yaml
from rapidfuzz import fuzz, process

from services.case.imports.rules.profile import shipped
from shared.codelists.words import fold

_LONGEST = 120

_WORDS: Mapping[str, str] = {
    "reference": "the person's own number",
    "referral_date": "the day of referral",
    "age_at_referral": "the age at referral",
    "date_of_birth": "the birth date",
    "gender": "the gender",
    "nationality": "the nationality",
    "exploitation": "the exploitation",
    "nation": "the nation",
    "advocacy_area": "the need",
    "consent": "the answer about statistics",
    "consent_date": "the day of that answer",
    "consent_wording": "the wording that was read out",
    "consent_language": "the language of the answer",
    "consent_method": "how the answer was given",
    "consent_private": "whether it was asked in private",
    "consent_withdrawn": "the day on which the answer was taken back",
}


def words_of(field: str) -> str:
    """Name a field as its reader would."""
    return _WORDS.get(field, field)


class Names:
    """The usual names of every field."""

    def __init__(self, names: Mapping[str, tuple[str, ...]], left_out: frozenset[str]) -> None:
        """Take the folded names of each field, and of columns that known systems' profiles leave out."""
        self._names = names
        self._left_out = left_out

    def is_left_out(self, column: str) -> bool:
        """Whether a profile of a known system leaves a column of this name out."""
        return _bare(column) in self._left_out

    @classmethod
    @functools.cache
    def shipped(cls) -> "Names":
        """Give the shipped list, with the columns of every shipped profile."""
        text = resources.files(__package__).joinpath("names.yaml").read_text(encoding="utf-8")
        content: Any = yaml.safe_load(text)
        found: dict[str, set[str]] = {field: {_bare(name) for name in said} for field, said in content["names"].items()}
        for profile in shipped().values():
            for column, field in profile.columns.items():
                found.setdefault(field, set()).add(_bare(column))
        left_out = frozenset(_bare(column) for profile in shipped().values() for column in profile.drop)
        return cls({field: tuple(sorted(said)) for field, said in sorted(found.items())}, left_out)

    def scores(self, column: str) -> dict[str, int]:
        """Give, for each field, how much a column's name is like one of its names, of 100."""
        bare = _bare(column)
        if not bare:
            return {}
        found = {}
        for field, names in self._names.items():
            best = process.extractOne(bare, names, scorer=_alike)
            found[field] = 0 if best is None else round(best[1])
        return found


def _alike(one: str, other: str, **_: Any) -> float:
    """Letters and words; a short name is like nothing but itself."""
    if min(len(one), len(other)) <= 3:  # noqa: PLR2004  "age" is part of "language".
        return 100.0 if one == other else 0.0
    return max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))


def _bare(name: str) -> str:
    """A name without the marks of a database: GenderIdentity__c is gender identity."""
    plain = re.sub(r"__[cr]$", "", name[:_LONGEST])
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain)
    return " ".join(re.findall(r"\w+", fold(parted)))
