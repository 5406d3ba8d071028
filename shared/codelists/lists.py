"""Code lists: each a file with version, date and source, read once and frozen.

Promise: ``require`` gives back a code that is in its list, or raises without repeating the value; codes are
never reused.
Shown by tests/unit/statistics/test_code_lists.py.
Limit: a list says which codes there are, not which of them a table may show (plans do).
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from shared.codelists.errors import UnknownCodeError

ENGLISH, WELSH = "en", "cy"
DECLINED = MappingProxyType(
    {"NOT_ASKED": "Not asked", "DECLINED_TO_ANSWER": "Declined to answer", "NOT_KNOWN": "Not known"}
)
"""Added to every list whose question a person may decline; three answers, never merged into one."""

_SUFFIX = ".yaml"


@dataclass(frozen=True, kw_only=True)
class Code:
    """One code of a list.

    Attributes:
        label_cy: Welsh words, where there are any.
        valid_from: First day of use; None for always.
        valid_to: Last day of use; None for no end. A code that ended stays readable.
        source: Where the code comes from.
        rolls_up_to: The coarser code that stands for it before the board: of the same list, or of ``board_<list>``.
        external: Its name in the list's external system, such as an ONS code.
    """

    code: str
    label_en: str
    label_cy: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: str
    rolls_up_to: str | None = None
    external: str | None = None

    def is_valid(self, on: date) -> bool:
        """Whether the code is in use on a day, both ends included."""
        return (self.valid_from or date.min) <= on <= (self.valid_to or date.max)


@dataclass(frozen=True, kw_only=True)
class CodeList:
    """A closed list of codes.

    Attributes:
        version: Rises with each change of the file.
        dated: Day of this version.
        external_system: What the codes' ``external`` names belong to.
        entries: The codes by name, in the list's order.
    """

    name: str
    version: int
    dated: date
    source: str
    external_system: str | None
    entries: Mapping[str, Code]

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, in the list's order; ended ones too."""
        return tuple(self.entries)

    def has(self, code: str, on: date | None = None) -> bool:
        """Whether a code is in the list, and in use on ``on`` if a day is given."""
        entry = self.entries.get(code)
        return entry is not None and (on is None or entry.is_valid(on))

    def require(self, code: str, on: date | None = None) -> str:
        """Give the code back.

        Raises:
            UnknownCodeError: It is not in the list, or not in use on ``on``.
        """
        if not self.has(code, on):
            raise UnknownCodeError(self.name)
        return code

    def label(self, code: str, lang: str = ENGLISH) -> str:
        """Give the words for a code; English where there is no Welsh.

        A code of a newer version is shown as its own words: an old page must not fail on it.
        """
        entry = self.entries.get(code)
        if entry is None:
            return code.replace("_", " ").capitalize()
        return (lang == WELSH and entry.label_cy) or entry.label_en


@functools.cache
def get(name: str) -> CodeList:
    """Give a code list by name.

    Raises:
        UnknownCodeError: There is no such list.
    """
    if name not in names():
        raise UnknownCodeError("code lists")
    content = yaml.safe_load(_folder().joinpath(name + _SUFFIX).read_text(encoding="utf-8"))
    rows = list(content["codes"])
    if content.get("declinable", False):
        written = {row["code"] for row in rows}
        rows += [{"code": code, "label_en": label} for code, label in DECLINED.items() if code not in written]
    inherited = {key: content.get(key) for key in ("valid_from", "valid_to", "source")}
    return CodeList(
        name=content["name"],
        version=content["version"],
        dated=content["date"],
        source=content["source"],
        external_system=content.get("external_system"),
        entries=MappingProxyType({row["code"]: Code(**{**inherited, **row}) for row in rows}),
    )


@functools.cache
def names() -> tuple[str, ...]:
    """Give the names of all lists, in alphabetical order."""
    return tuple(sorted(f.name.removesuffix(_SUFFIX) for f in _folder().iterdir() if f.name.endswith(_SUFFIX)))


def _folder() -> Any:
    return resources.files(__package__).joinpath("data/lists")
