"""Mapping profiles: which column of a host's export means what.

A column that no profile knows is dropped before the file is kept anywhere; it is listed by its letter, since its name
may say something of a person. A column in which a system notes that a consent was withdrawn is read under whatever
name it has, in every profile. Two columns of one name, or for one field, refuse the file. A column of age at
*exploitation* is refused as the source of eligibility, whatever it is called: age at referral decides (decisions 4).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from dataclasses import field as made

from services.case.imports.rules.columns import (
    MAY_SPEAK_OF_CONSENT,
    AgeAtExploitationError,
    HeaderChangedError,
    ProfileError,
    consent_columns,
    is_withdrawal,
    letter,
    two_for_one,
)
from services.case.imports.rules.form_words import AT_EXPLOITATION, REQUIRED
from services.case.imports.rules.reading import Sheet, Stated, plain
from shared.codelists.words import fold


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
        instead: The shipped profile that is offered in its place; files that are read by this one still are.
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
    instead: str | None = None

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
            field = "consent_withdrawn" if is_withdrawal(column) else wanted.get(plain(column))
            if field is None:
                dropped.append(position)
            else:
                found.setdefault(field, []).append(position)
                if field == "age_at_referral" and AT_EXPLOITATION.search(column):
                    raise AgeAtExploitationError
        withdrawn = tuple(found.pop("consent_withdrawn", ()))
        # A second answer under another profile's name may be a no: nobody may choose between them.
        others = [at for at in dropped if plain(sheet.header[at]) in consent_columns()]
        if others:
            found.setdefault("consent", []).extend(others)
        twice = {field: at for field, at in found.items() if len(at) > 1}
        if twice:
            raise ProfileError(two_for_one(twice, self.id))
        self._refuse_incomplete(found.keys(), sheet.header)
        positions = {field: at[0] for field, at in found.items()}
        return Binding(
            positions=positions,
            withdrawn=withdrawn,
            dropped=tuple(self._shown(sheet.header[at], at) for at in dropped if sheet.header[at]),
            unread=tuple(letter(at) for at in dropped if MAY_SPEAK_OF_CONSENT.search(sheet.header[at])),
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
