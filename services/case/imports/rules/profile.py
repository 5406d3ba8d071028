"""Mapping profiles: which column of a host's export means what.

A column that no profile knows is dropped before the file is kept anywhere; it is listed by its letter, since its name
may say something of a person. A column in which a system notes that a consent was withdrawn is read under whatever
name it has, in every profile. Two columns of one name, or for one field, refuse the file. A column of age at
*exploitation* is refused as the source of eligibility, whatever it is called: age at referral decides (decisions 4).
"""

import functools
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from importlib import resources
from typing import Any

import yaml

from services.case.imports.rules.form import FormError, read_form
from services.case.imports.rules.form_words import AT_EXPLOITATION, FIELDS, REQUIRED
from services.case.imports.rules.reading import Sheet, Stated, plain
from shared.codelists.words import fold
from shared.kernel.errors import InvalidInputError

_ENDED = ("withdr", "revok", "revoc", "rescind", "retract", "optout", "unsubscri")
_OF_THE_CONSENT = frozenset(
    {
        "consent", "consents", "permission", "permissions", "statistics", "stats", "statistical", "data", "sharing",
        "share", "shared", "to", "their", "client", "survivor", "aggregate", "from", "for", "in", "on", "date", "dates",
        "of", "the", "at", "when", "day", "is", "was", "has", "been", "if", "yes", "no", "y", "n", "dd", "mm", "yyyy",
        "time", "reason", "out", "opt", "opted", "or", "and", "by", "flag", "status",
    }
)  # fmt: skip
_MAY_SPEAK_OF_CONSENT = re.compile(
    r"consent|permission|withdr|revok|revoc|opt(?:ed)?[ -]?out|refus|declin|object(?:ion|ed)", re.IGNORECASE
)

__all__ = [
    "FIELDS", "REQUIRED", "AgeAtExploitationError", "Binding", "ColumnRule", "FormError", "HeaderChangedError",
    "Profile", "ProfileError", "choose", "letter", "parse_profile", "profile_of", "shipped", "shipped_text",
]  # fmt: skip


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


@dataclass(frozen=True, kw_only=True)
class ColumnRule:
    """How the cells of one field are read, beyond what every file's cells are.

    Attributes:
        order: ``day-first`` or ``month-first``, of dates.
        words: What a word of this system means, by the folded word.
        separator: What parts several values in one cell.
    """

    order: str | None = None
    words: Mapping[str, str] = made(default_factory=dict)
    separator: str | None = None


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A mapping from column names to fields, and from a system's words to ours.

    Attributes:
        version: Of this profile, counted up by whoever changes it.
        tenant: The host that it is for; None for every host.
        source: The system whose references these are; None where it is not bound to one.
        kind: ``csv``, ``spreadsheet`` or ``any``.
        fingerprint: Of the header that it was approved for; None for any header that has its columns.
        rules: How a field's cells are read.
        constants: What a field is in every row, such as a host's one nation.
        defaults: What an empty cell of a field means.
        not_known: Folded words that say that something is not known.
        footer: Folded beginnings of lines that close a report.
        stated: What is known of the file beforehand.
        is_whole: Whether every field that a new person needs has to have a column; else only the reference.
        applies_itself: Whether it may be chosen by the columns of a file alone.
    """

    id: str
    title: str
    columns: Mapping[str, str]
    drop: tuple[str, ...] = ()
    version: int = 1
    tenant: str | None = None
    source: str | None = None
    kind: str = "any"
    fingerprint: str | None = None
    rules: Mapping[str, ColumnRule] = made(default_factory=dict)
    constants: Mapping[str, str] = made(default_factory=dict)
    defaults: Mapping[str, str] = made(default_factory=dict)
    not_known: frozenset[str] = frozenset()
    footer: tuple[str, ...] = ()
    stated: Stated = made(default_factory=Stated)
    is_whole: bool = True
    applies_itself: bool = True

    def bind(self, sheet: Sheet) -> "Binding":
        """Find the profile's columns in a file.

        Raises:
            AgeAtExploitationError: The age column is of the wrong age.
            HeaderChangedError: The columns are not those that the profile was approved for.
            ProfileError: A needed column is missing, or two columns have one name or are for one field.
        """
        self._refuse_twins(sheet.header)
        self._refuse_another(sheet)
        wanted = {plain(column): field for column, field in self.columns.items()}
        found: dict[str, list[int]] = {}
        dropped = []
        for position, column in enumerate(sheet.header):
            field = wanted.get(plain(column)) or ("consent_withdrawn" if _is_withdrawal(column) else None)
            if field is None:
                dropped.append(position)
            else:
                found.setdefault(field, []).append(position)
                if field == "age_at_referral" and AT_EXPLOITATION.search(column):
                    raise AgeAtExploitationError
        withdrawn = tuple(found.pop("consent_withdrawn", ()))
        # A second answer under another profile's name may be a no: nobody may choose between them.
        others = [at for at in dropped if plain(sheet.header[at]) in _consent_columns()]
        if others:
            found.setdefault("consent", []).extend(others)
        twice = {field: at for field, at in found.items() if len(at) > 1}
        if twice:
            raise ProfileError(_two_for_one(twice, self.id))
        self._refuse_incomplete(found.keys(), sheet.header)
        positions = {field: at[0] for field, at in found.items()}
        return Binding(
            positions=positions,
            withdrawn=withdrawn,
            dropped=tuple(self._shown(sheet.header[at], at) for at in dropped if sheet.header[at]),
            unread=tuple(letter(at) for at in dropped if _MAY_SPEAK_OF_CONSENT.search(sheet.header[at])),
            profile=self,
        )

    def _refuse_incomplete(self, found: Collection[str], header: tuple[str, ...]) -> None:
        # Who wrote a profile knows what the system has; what it says that there is has to be there.
        needed = REQUIRED if self.is_whole else frozenset({"reference"}) & set(self.columns.values())
        missing = needed - set(found) - set(self.constants)
        if "date_of_birth" in found:
            missing -= {"age_at_referral"}
        if missing == {"age_at_referral"} and any(AT_EXPLOITATION.search(c) for c in header):
            raise AgeAtExploitationError
        if missing:
            raise ProfileError(
                f"The file has no column for {', '.join(sorted(missing))} under profile {self.id}. "
                "Add the column to the export, or map it in the profile."
            )

    def _refuse_another(self, sheet: Sheet) -> None:
        if self.kind not in {"any", sheet.kind}:
            raise ProfileError(
                f"Profile {self.id} is for a {self.kind} file, and this one is a {sheet.kind} file. Name the profile "
                "of this export."
            )
        if self.fingerprint is None or self.fingerprint == sheet.fingerprint:
            return
        now = {plain(name) for name in sheet.header}
        known = {plain(name) for name in (*self.columns, *self.drop)}
        gone = [name for name in (*self.columns, *self.drop) if plain(name) not in now]
        new = [letter(at) for at, name in enumerate(sheet.header) if plain(name) not in known]
        changes = [f"no longer there: {', '.join(gone[:10])}"] if gone else []
        changes += [f"not in the mapping: column {', '.join(new[:10])}"] if new else []
        raise HeaderChangedError(
            f"The columns are not those that mapping {self.id} was approved for"
            + (f" ({'; '.join(changes)})" if changes else " (their order, or names that it does not keep, changed)")
            + ". Look at the mapping, and approve it again for these columns."
        )

    def _refuse_twins(self, header: tuple[str, ...]) -> None:
        where: dict[str, list[int]] = {}
        for position, column in enumerate(header):
            if plain(column):
                where.setdefault(" ".join(re.findall(r"\w+", fold(column))) or plain(column), []).append(position)
        known = {plain(column) for column in (*self.columns, *self.drop)}
        twins = [
            " and ".join(letter(at) for at in positions)
            + (f" ({header[positions[0]]})" if plain(header[positions[0]]) in known else "")
            for positions in where.values()
            if len(positions) > 1
        ]
        if twins:
            raise ProfileError(
                f"The file has columns of one name: {'; '.join(twins[:10])}. Nobody can tell which of them is right. "
                "Take one out of the export, or give each its own name."
            )

    def _shown(self, column: str, position: int) -> str:
        """A dropped column's name only where the profile itself names it: else it may say something of a person."""
        return next((name for name in self.drop if plain(name) == plain(column)), f"column {letter(position)}")


@dataclass(frozen=True, kw_only=True)
class Binding:
    """Where each field stands in a file, and which columns are dropped.

    Attributes:
        withdrawn: Every column that says whether a consent was withdrawn; a no in any of them counts.
        dropped: Names that the profile knows, else letters.
        unread: Letters of dropped columns whose name may speak of a consent.
        profile: By which the cells are read.
    """

    positions: Mapping[str, int]
    dropped: tuple[str, ...]
    withdrawn: tuple[int, ...] = ()
    unread: tuple[str, ...] = ()
    profile: Profile


def letter(position: int) -> str:
    """Give a column's letter as a spreadsheet shows it; the first is A."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _is_withdrawal(column: str) -> bool:
    """Whether a column is the note of a withdrawn consent, such as "Consent withdrawn on" or "Opted out (date)"."""
    words = re.findall(r"[^\W_]+", fold(column))
    joined = " ".join(words)
    ended = [word for word in words if word.startswith(_ENDED)]
    if not ended and not re.search(r"\bopt(?:ed)? ?out\b", joined):
        return False
    return set(words) - set(ended) <= _OF_THE_CONSENT


@functools.cache
def _consent_columns() -> frozenset[str]:
    return frozenset(plain(c) for p in shipped().values() for c, f in p.columns.items() if f == "consent")


def _two_for_one(twice: Mapping[str, list[int]], profile: str) -> str:
    pairs = "; ".join(f"{' and '.join(letter(at) for at in where)} for {field}" for field, where in twice.items())
    return (
        f"The file has two columns for one field under profile {profile}: {pairs}. Nobody can tell which of them "
        "is right. Take one out of the export."
    )


@functools.cache
def shipped() -> Mapping[str, Profile]:
    """Give the shipped profiles by id."""
    folder = resources.files(__package__).joinpath("profiles")
    found = [
        parse_profile(entry.read_text(encoding="utf-8")) for entry in folder.iterdir() if entry.name.endswith(".yaml")
    ]
    return {profile.id: profile for profile in found}


def shipped_text(name: str) -> str:
    """Give a shipped profile as it is written; the name is one that ``shipped`` gives."""
    return resources.files(__package__).joinpath(f"profiles/{name}.yaml").read_text(encoding="utf-8")


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
