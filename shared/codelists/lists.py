"""Code lists and nation policy: loaded once, frozen, each with version, date and source.

Promise: ``require`` gives back a code that is in its list, or raises without repeating the value.
"""

import functools
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from typing import Any

import yaml

from shared.codelists.errors import UnknownCodeError
from shared.kernel.errors import NotFoundError

DECLINED = ("NOT_ASKED", "DECLINED_TO_ANSWER", "NOT_KNOWN")


class NoPolicyError(NotFoundError):
    """The policy table says nothing for this nation on this day."""

    code = "no-policy"

    def __init__(self, key: str, nation: str) -> None:
        """Name the rule and the nation."""
        super().__init__(f"There is no rule {key} for {nation} on that day; add it to the nation policy.")


@dataclass(frozen=True, kw_only=True)
class CodeList:
    """A closed list of codes; codes are never reused."""

    name: str
    version: int
    valid_from: date
    source: str
    codes: tuple[str, ...]
    labels: dict[str, str] = field(default_factory=dict)

    def has(self, code: str) -> bool:
        """Whether a code is in the list."""
        return code in self.codes

    def require(self, code: str) -> str:
        """Give the code back.

        Raises:
            UnknownCodeError: It is not in the list.
        """
        if code not in self.codes:
            raise UnknownCodeError(self.name)
        return code

    def label(self, code: str) -> str:
        """Give the words for a code."""
        return self.labels.get(code) or code.replace("_", " ").capitalize()


@functools.cache
def get(name: str) -> CodeList:
    """Give a code list by name.

    Raises:
        UnknownCodeError: There is no such list.
    """
    content = _load("lists.yaml").get(name)
    if content is None:
        raise UnknownCodeError("code lists")
    codes = list(content["codes"])
    if content["declinable"]:
        codes += [code for code in DECLINED if code not in codes]
    return CodeList(
        name=name,
        version=content["version"],
        valid_from=content["valid_from"],
        source=content["source"],
        codes=tuple(str(code) for code in codes),
        labels=dict(content.get("labels", {})),
    )


def names() -> tuple[str, ...]:
    """Give the names of all lists."""
    return tuple(_load("lists.yaml"))


def nation_policy(key: str, nation: str, on: date) -> Any:
    """Give the rule in force in a nation on a day.

    Raises:
        NoPolicyError: The table says nothing.
    """
    for rule in _load("nation_policy.yaml"):
        if rule["key"] != key or rule["nation"] not in (nation, "ALL"):
            continue
        if rule.get("valid_from", date.min) <= on <= rule.get("valid_to", date.max):
            return rule["value"]
    raise NoPolicyError(key, nation)


@functools.cache
def _load(name: str) -> Any:
    return yaml.safe_load(resources.files(__package__).joinpath("data").joinpath(name).read_text(encoding="utf-8"))
