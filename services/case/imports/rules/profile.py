"""Mapping profiles: those that come with the software, how one is read, and which one a file is read by."""

import functools
from collections.abc import Mapping
from importlib import resources
from typing import Any

import yaml

from services.case.imports.rules.binding import Binding, ColumnRule, Profile
from services.case.imports.rules.columns import (
    PROFILES,
    AgeAtExploitationError,
    HeaderChangedError,
    ProfileError,
    letter,
)
from services.case.imports.rules.form import FormError, read_form
from services.case.imports.rules.form_words import AT_EXPLOITATION, FIELDS, REQUIRED
from services.case.imports.rules.reading import Sheet, Stated, plain
from shared.codelists.words import fold

__all__ = [
    "FIELDS", "REQUIRED", "AgeAtExploitationError", "Binding", "ColumnRule", "FormError", "HeaderChangedError",
    "Profile", "ProfileError", "choose", "letter", "offered", "parse_profile", "profile_of", "shipped", "shipped_text",
]  # fmt: skip


@functools.cache
def shipped() -> Mapping[str, Profile]:
    """Give the shipped profiles by id."""
    folder = resources.files(__package__).joinpath(PROFILES)
    found = [
        parse_profile(entry.read_text(encoding="utf-8")) for entry in folder.iterdir() if entry.name.endswith(".yaml")
    ]
    return {profile.id: profile for profile in found}


def offered() -> Mapping[str, Profile]:
    """Give the shipped profiles that somebody may begin with: of two for one kind of system, the fuller one."""
    return {name: profile for name, profile in shipped().items() if profile.instead is None}


def shipped_text(name: str) -> str:
    """Give a shipped profile as it is written; the name is one that ``shipped`` gives."""
    return resources.files(__package__).joinpath(f"{PROFILES}/{name}.yaml").read_text(encoding="utf-8")


def parse_profile(text: str) -> Profile:
    """Read a profile written as YAML; one without ``format`` is of the first kind, which knows columns only.

    Raises:
        FormError, ProfileError: It is not one.
        AgeAtExploitationError: It takes age at exploitation for the age at referral.
    """
    if _has_format(text):
        return profile_of(read_form(text)[0])
    try:
        content: Any = yaml.safe_load(text)
        profile = Profile(
            id=str(content["id"]),
            title=str(content.get("title", content["id"])),
            columns={str(k): str(v) for k, v in content["columns"].items()},
            drop=tuple(content.get("drop", ())),
            instead=content.get("instead"),
        )
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ProfileError("A mapping profile is YAML with id and columns (column name: field).") from error
    unknown = set(profile.columns.values()) - FIELDS
    if unknown:
        raise ProfileError(f"A mapping profile may use the fields {', '.join(sorted(FIELDS))} only.")
    if any(f == "age_at_referral" and AT_EXPLOITATION.search(c) for c, f in profile.columns.items()):
        raise AgeAtExploitationError
    return profile


def profile_of(content: Mapping[str, Any]) -> Profile:
    """Build a profile from what a checked form says."""
    columns = {
        name: about if isinstance(about, dict) else {"field": about} for name, about in content["columns"].items()
    }
    file = content.get("file", {})
    return Profile(
        id=content["id"],
        title=content.get("title", content["id"]),
        columns={name: about["field"] for name, about in columns.items()},
        drop=tuple(content.get("drop", ())),
        version=int(content.get("version", 1)),
        tenant=content.get("tenant"),
        source=content.get("source"),
        kind=content.get("kind", "any"),
        fingerprint=content.get("fingerprint"),
        rules={
            about["field"]: ColumnRule(
                order=about.get("order"),
                words={fold(word): meaning for word, meaning in about.get("words", {}).items()},
                separator=about.get("separator"),
            )
            for about in columns.values()
            if about.keys() - {"field"}
        },
        constants=content.get("constants", {}),
        defaults=content.get("defaults", {}),
        not_known=frozenset(fold(word) for word in content.get("not_known", ())),
        footer=tuple(fold(begin) for begin in content.get("footer", ())),
        stated=Stated(
            encoding=file.get("encoding"),
            delimiter=file.get("delimiter"),
            sheet=file.get("sheet"),
            header_row=int(file["header_row"]) if "header_row" in file else None,
        ),
        is_whole=False,
        applies_itself=False,
    )


def _has_format(text: str) -> bool:
    return any(line.startswith("format:") for line in text.splitlines())


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
    alone = [profile for profile in profiles.values() if profile.applies_itself]
    return max(alone, key=lambda p: sum(plain(c) in header for c in p.columns))
