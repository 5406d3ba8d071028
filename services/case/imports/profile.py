"""Mapping profiles: which column of a host's export means what.

A column that no profile knows is dropped and listed by its name. A column of age at *exploitation* is
refused as the source of eligibility, whatever it is called: only age at referral decides (decisions 4).
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml

from services.case.imports.reading import Sheet, plain
from shared.kernel.errors import InvalidInputError

REQUIRED = frozenset(
    {"reference", "referral_date", "age_at_referral", "gender", "nationality", "exploitation", "nation"}
)
FIELDS = REQUIRED | {
    "advocacy_area",
    "consent",
    "consent_date",
    "consent_wording",
    "consent_language",
    "consent_method",
    "consent_private",
}
_AT_EXPLOITATION = re.compile(r"\bage\b.*\bexploitation\b|\bexploitation\b.*\bage\b", re.IGNORECASE)


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


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A mapping from column names to fields."""

    id: str
    title: str
    columns: Mapping[str, str]
    drop: tuple[str, ...] = ()

    def bind(self, sheet: Sheet) -> "Binding":
        """Find the profile's columns in a file.

        Raises:
            AgeAtExploitationError: The age column is of the wrong age.
            ProfileError: A needed column is missing.
        """
        wanted = {plain(column): field for column, field in self.columns.items()}
        positions: dict[str, int] = {}
        dropped = []
        for position, column in enumerate(sheet.header):
            field = wanted.get(plain(column))
            if field is None:
                dropped.append(column)
            else:
                positions[field] = position
                if field == "age_at_referral" and _AT_EXPLOITATION.search(column):
                    raise AgeAtExploitationError
        missing = REQUIRED - positions.keys()
        if missing == {"age_at_referral"} and any(_AT_EXPLOITATION.search(c) for c in sheet.header):
            raise AgeAtExploitationError
        if missing:
            raise ProfileError(
                f"The file has no column for {', '.join(sorted(missing))} under profile {self.id}. "
                "Add the column to the export, or map it in the profile."
            )
        return Binding(positions=positions, dropped=tuple(name for name in dropped if name))


@dataclass(frozen=True, kw_only=True)
class Binding:
    """Where each field stands in a file, and which columns are dropped, by name."""

    positions: Mapping[str, int]
    dropped: tuple[str, ...]


@functools.cache
def shipped() -> Mapping[str, Profile]:
    """Give the shipped profiles by id."""
    folder = resources.files(__package__).joinpath("profiles")
    found = [
        parse_profile(entry.read_text(encoding="utf-8")) for entry in folder.iterdir() if entry.name.endswith(".yaml")
    ]
    return {profile.id: profile for profile in found}


def parse_profile(text: str) -> Profile:
    """Read a profile written as YAML.

    Raises:
        ProfileError: It is not one.
    """
    try:
        content: Any = yaml.safe_load(text)
        profile = Profile(
            id=str(content["id"]),
            title=str(content.get("title", content["id"])),
            columns={str(k): str(v) for k, v in content["columns"].items()},
            drop=tuple(content.get("drop", ())),
        )
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ProfileError("A mapping profile is YAML with id and columns (column name: field).") from error
    unknown = set(profile.columns.values()) - FIELDS
    if unknown:
        raise ProfileError(f"A mapping profile may use the fields {', '.join(sorted(FIELDS))} only.")
    if any(f == "age_at_referral" and _AT_EXPLOITATION.search(c) for c, f in profile.columns.items()):
        raise AgeAtExploitationError
    return profile


def choose(sheet: Sheet, profile_id: str | None) -> Profile:
    """Give the named profile, or the one whose columns the file has most of.

    Raises:
        ProfileError: There is no such profile.
    """
    profiles = shipped()
    if profile_id is not None:
        if profile_id not in profiles:
            raise ProfileError(f"There is no such mapping profile; there are {', '.join(sorted(profiles))}.")
        return profiles[profile_id]
    header = {plain(column) for column in sheet.header}
    return max(profiles.values(), key=lambda p: sum(plain(c) in header for c in p.columns))
