"""A mapping as somebody chose it on a page: checked choice by choice, then written down as any other profile.

Promise: nothing is believed that a profile could not say: a word for no stays a no, a word for a child a child, and
each fault is told at the column or word where it stands. A mapping that is made here is bound to its system and to the
header that it was made for. Shown by ``tests/unit/case/test_mapping_draft.py``.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import yaml

from services.case.imports.rules.columns import is_withdrawal
from services.case.imports.rules.form import FORMAT
from services.case.imports.rules.form_words import CONSTANT_FIELDS, FIELDS, said_wrongly
from services.case.imports.rules.profile import ProfileError, parse_profile
from services.case.mappings.rules.looking import WITHDRAWN
from services.case.mappings.rules.said_words import WORDED, is_read
from services.case.mappings.rules.seen import SeenColumn, SeenFile
from shared.kernel.errors import InvalidInputError

NOT_KNOWN = "="
"""What somebody chooses for a word that says that something is not known."""

DATED = ("referral_date", "consent_date", "date_of_birth")
SEVERAL = ("exploitation", "nationality")
ORDERS = ("day-first", "month-first")
SEPARATORS = (";", ",", "/", "|", "+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
_LONGEST_TITLE = 200
_NEEDED = (
    (frozenset({"reference"}), "No column is the person's own number, so nobody is known again in the next file."),
    (frozenset({"age_at_referral", "date_of_birth"}), "No column says the age or the birth date: nobody is counted."),
    (frozenset({"referral_date"}), "No column says the day of referral, so nobody new is taken."),
    (frozenset({"consent"}), "No column says who agreed to the statistics: nobody is counted, and no is not heard."),
)

Faults = dict[str, str]
"""What is wrong, by the name of the part of the form."""


@dataclass(frozen=True, kw_only=True)
class Named:
    """What a mapping is called, and of what.

    Attributes:
        name: By which an import names it.
        source: The system whose references the file has.
        constants: What a field is for everybody.
    """

    name: str
    title: str
    source: str
    constants: Mapping[str, str]


def field_name(at: int) -> str:
    """Name the choice of a column's field."""
    return f"c{at}"


def word_name(at: int, number: int) -> str:
    """Name the choice of a word's meaning."""
    return f"w{at}-{number}"


def fields_of(seen: SeenFile, form: Mapping[str, str]) -> tuple[list[str], Faults]:
    """Read which field each column is; empty where it is left out."""
    chosen, faults = [], Faults()
    first: dict[str, str] = {}
    for at, column in enumerate(seen.columns):
        field = WITHDRAWN if is_withdrawal(column.name) else form.get(field_name(at), "")
        wrong = said_wrongly("column", column.name, field) if field else None
        if field and field not in FIELDS:
            wrong, field = "Choose one of the list.", ""
        if field in first and field != WITHDRAWN:
            wrong = f"{first[field]} is this already, and nobody could tell which of the two is right. Choose one."
        if wrong:
            faults[field_name(at)] = f"{column.name}: {wrong[:1].upper()}{wrong[1:]}"
        if field:
            first.setdefault(field, column.name)
        chosen.append(field)
    if not first:
        faults["columns"] = "Say of at least one column what it is."
    return chosen, faults


def missing(chosen: Iterable[str]) -> list[str]:
    """Say what nobody can be counted without, and no column is."""
    found = set(chosen)
    return [sentence for fields, sentence in _NEEDED if not found & fields]


def words_to_say(column: SeenColumn, field: str) -> list[tuple[int, str, int]]:
    """Give a column's words that its field does not understand by itself: place, word, how often it stands there."""
    if field not in WORDED:
        return []
    found = []
    for number, (word, times) in enumerate(column.words):
        if column.means.get(word) or not _understood(field, word, column.separator):
            found.append((number, word, times))
    return found


def write(seen: SeenFile, chosen: list[str], form: Mapping[str, str], named: Named) -> tuple[str, Faults]:
    """Write the mapping down; with faults, what is written is empty."""
    faults = _faults_of_names(named)
    columns: dict[str, Any] = {}
    not_known = list(seen.not_known)
    for at, (column, field) in enumerate(zip(seen.columns, chosen, strict=True)):
        if field:
            about: dict[str, Any] = {"field": field, **_of_cells(at, field, form)}
            words, unknown = _meanings(at, column, field, form, faults)
            about |= {"words": words} if words else {}
            not_known += [word for word in unknown if word not in not_known]
            columns[column.name] = about if len(about) > 1 else field
    more = {"defaults": dict(seen.kept.defaults), "footer": list(seen.kept.footer), "drop": list(seen.kept.drop)}
    # What an earlier mapping says of a field that the page does not ask about stays.
    everybody = {**seen.kept.constants, **named.constants}
    constants = {field: code for field, code in everybody.items() if code and field not in chosen}
    stated = msgspec.to_builtins(seen.stated)
    content = {
        "format": FORMAT,
        "id": named.name,
        "title": named.title or named.name,
        "version": seen.kept.version + 1,
        "source": named.source,
        "kind": seen.kind,
        **({} if seen.fingerprint is None else {"fingerprint": seen.fingerprint}),
        **({"file": stated} if stated else {}),
        "columns": columns,
        **({"constants": constants} if constants else {}),
        **({"not_known": not_known} if not_known else {}),
        **{key: said for key, said in more.items() if said},
    }
    if faults:
        return "", faults
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
    try:
        parse_profile(text)
    except (InvalidInputError, ProfileError) as error:
        return "", {"columns": str(error)}
    return text, {}


def _of_cells(at: int, field: str, form: Mapping[str, str]) -> dict[str, str]:
    order, separator = form.get(f"o{at}", ""), form.get(f"s{at}", "")
    found = {}
    if field in DATED and order in ORDERS:
        found["order"] = order
    if field in SEVERAL and separator in SEPARATORS:
        found["separator"] = separator
    return found


def _meanings(
    at: int, column: SeenColumn, field: str, form: Mapping[str, str], faults: Faults
) -> tuple[dict[str, str], list[str]]:
    means: dict[str, str] = {}
    unknown: list[str] = []
    for number, word, _ in words_to_say(column, field):
        name = word_name(at, number)
        said = form.get(name, "").strip()
        if said == NOT_KNOWN:
            wrong = said_wrongly("not_known", word, "")
            unknown += [] if wrong else [word]
        elif said:
            wrong = said_wrongly(field, word, said)
            if wrong and field == "nationality":
                wrong = "we do not know this country. Write its English name, such as Albania."
            means[word] = said
        else:
            wrong = None
        if wrong:
            faults[name] = f"{column.name}, “{word}”: {wrong[:1].upper()}{wrong[1:]}"
    return means, unknown


def _understood(field: str, word: str, separator: str | None) -> bool:
    parts = word.split(separator) if separator else [word]
    return all(is_read(field, part.strip()) for part in parts if part.strip())


def _faults_of_names(named: Named) -> Faults:
    faults = Faults()
    said = "Use letters, digits, dot, underscore and hyphen, and begin with a letter or digit."
    if not _NAME.fullmatch(named.name):
        faults["name"] = f"Give the mapping a short name. {said}"
    if not _NAME.fullmatch(named.source):
        faults["source"] = f"Say which system the file comes from. {said}"
    if len(named.title) > _LONGEST_TITLE:
        faults["title"] = "Describe it in at most 200 characters."
    for field, code in named.constants.items():
        if field not in CONSTANT_FIELDS or (code and said_wrongly(field, "for everybody", code)):
            faults[f"all-{field}"] = "Choose one of the list."
    return faults
