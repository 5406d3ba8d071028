"""What the name of a column says by itself, and what is refused about a file's columns."""

import functools
import re
from collections.abc import Mapping
from importlib import resources

import yaml

from services.case.imports.rules.reading import plain
from shared.codelists.words import fold
from shared.kernel.errors import InvalidInputError

PROFILES = "profiles"
_ENDED = ("withdr", "revok", "revoc", "rescind", "retract", "optout", "unsubscri")
_OF_THE_CONSENT = frozenset(
    {
        "consent", "consents", "permission", "permissions", "statistics", "stats", "statistical", "data", "sharing",
        "share", "shared", "to", "their", "client", "survivor", "aggregate", "from", "for", "in", "on", "date", "dates",
        "of", "the", "at", "when", "day", "is", "was", "has", "been", "if", "yes", "no", "y", "n", "dd", "mm", "yyyy",
        "time", "reason", "out", "opt", "opted", "or", "and", "by", "flag", "status",
    }
)  # fmt: skip
MAY_SPEAK_OF_CONSENT = re.compile(
    r"consent|permission|withdr|revok|revoc|opt(?:ed)?[ -]?out|refus|declin|object(?:ion|ed)", re.IGNORECASE
)


class ProfileError(InvalidInputError):
    """A mapping profile, or the file for it, does not fit."""

    code = "import-profile"


class AgeAtExploitationError(InvalidInputError):
    """Age at exploitation says nothing about who is an adult now; the file is refused whole."""

    code = "age-at-exploitation"

    def __init__(self) -> None:
        """Say why and how to mend it."""
        super().__init__(
            "The age column is age at exploitation. Whether someone is an adult is decided by age at referral "
            "only; export that column, or leave the age empty so that a person looks at each row."
        )


class HeaderChangedError(InvalidInputError):
    """The columns are not those that a mapping was approved for; somebody looks at it again."""

    code = "header-changed"


def letter(position: int) -> str:
    """Give a column's letter as a spreadsheet shows it; the first is A."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def is_withdrawal(column: str) -> bool:
    """Whether a column is the note of a withdrawn consent, such as "Consent withdrawn on" or "Opted out (date)"."""
    words = re.findall(r"[^\W_]+", fold(column))
    joined = " ".join(words)
    ended = [word for word in words if word.startswith(_ENDED)]
    if not ended and not re.search(r"\bopt(?:ed)? ?out\b", joined):
        return False
    return set(words) - set(ended) <= _OF_THE_CONSENT


@functools.cache
def consent_columns() -> frozenset[str]:
    """Give the plain names that any shipped profile has for the answer about statistics."""
    found = set()
    for entry in resources.files(__package__).joinpath(PROFILES).iterdir():
        if entry.name.endswith(".yaml"):
            for column, about in yaml.safe_load(entry.read_text(encoding="utf-8"))["columns"].items():
                if (about["field"] if isinstance(about, dict) else about) == "consent":
                    found.add(plain(column))
    return frozenset(found)


def two_for_one(twice: Mapping[str, list[int]], profile: str) -> str:
    """Say which columns are for one field."""
    pairs = "; ".join(f"{' and '.join(letter(at) for at in where)} for {field}" for field, where in twice.items())
    return (
        f"The file has two columns for one field under profile {profile}: {pairs}. Nobody can tell which of them "
        "is right. Take one out of the export."
    )
