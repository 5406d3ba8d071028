"""What the pages of mappings ask and offer: the choices of each select, in words, and what was chosen."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.case.imports.page_words import FIELDS, system_words
from services.case.imports.rules.columns import is_withdrawal
from services.case.imports.rules.encodings import ENCODINGS
from services.case.imports.rules.reading import Stated
from services.case.mappings.rules.draft import (
    DATED,
    NOT_KNOWN,
    ORDERS,
    SEPARATORS,
    SEVERAL,
    Named,
    field_name,
    word_name,
    words_to_say,
)
from services.case.mappings.rules.seen import SeenColumn, SeenFile
from shared.codelists.lists import get

CONSTANTS = (("nation", "nation"), ("gender", "gender"))
"""What may be the same for everybody, with its code list."""

_LISTS = {
    "gender": "gender",
    "exploitation": "exploitation_type",
    "nation": "nation",
    "advocacy_area": "advocacy_area",
    "consent_method": "consent_method",
    "consent_language": "language",
}
_CONSENT = (
    ("GIVEN", "Yes, the person agreed to the statistics"),
    ("YES_UNSPECIFIED", "Yes, but to what it does not say"),
    ("REFUSED", "No"),
    ("WITHDRAWN", "Agreed once, and took it back"),
    ("NOT_STATED", "Nobody has asked, or there is no answer"),
)
_AGE = (("ADULT_18_OVER", "Adult (18 or over)"), ("CHILD_17_UNDER", "Child (17 or under)"))
_ORDER_WORDS = ("Day first, as 31/12/2026", "Month first, as 12/31/2026")
_SEPARATOR_WORDS = {";": "semicolon ;", ",": "comma ,", "/": "slash /", "|": "bar |", "+": "plus +"}

Choice = tuple[str, str]


def column_rows(seen: SeenFile, form: Mapping[str, str] | None) -> list[dict[str, Any]]:
    """Give each column with what is chosen for it: as sent, else what was proposed."""
    rows = []
    for at, column in enumerate(seen.columns):
        proposed = column.guess if column.sure else ""
        name = field_name(at)
        chosen = proposed if form is None or name not in form else form[name]
        rows.append(
            {
                "name": name,
                "column": column.name,
                "why": column.why,
                "asked": FIELDS.get(column.guess) if column.guess and not column.sure else None,
                "chosen": chosen,
                "fixed": is_withdrawal(column.name),
            }
        )
    return rows


def field_choices() -> list[Choice]:
    """Give every field that a column can be."""
    return [("", "Leave it out"), *FIELDS.items()]


def word_sections(seen: SeenFile, chosen: Sequence[str], form: Mapping[str, str] | None) -> list[dict[str, Any]]:
    """Give each column of which something is asked: the order of its days, what parts its values, its words."""
    sections = []
    for at, (column, field) in enumerate(zip(seen.columns, chosen, strict=True)):
        words = [_word(at, column, field, one, form) for one in words_to_say(column, field)]
        hidden = column.hidden if field in {*_LISTS, "nationality", "consent", "age_at_referral"} else 0
        asks = []
        if field in DATED:
            asks.append(_ask(f"o{at}", "How its days are written", _orders(), column.order or ORDERS[0], form))
        if field in SEVERAL:
            asks.append(_ask(f"s{at}", "What parts several values", _separators(), column.separator or "", form))
        if words or hidden or asks:
            sections.append(
                {"column": column.name, "field": FIELDS[field], "asks": asks, "words": words, "hidden": hidden}
            )
    return sections


def carried(chosen: Sequence[str]) -> list[tuple[str, str]]:
    """Give the choices of fields as a later form carries them."""
    return [(field_name(at), field) for at, field in enumerate(chosen)]


def constant_rows(chosen: Sequence[str], before: Mapping[str, str], form: Mapping[str, str] | None) -> list[Any]:
    """Give what may be said for everybody, where no column says it."""
    rows = []
    for field, name in CONSTANTS:
        if field not in chosen:
            choices = [("", "It differs, or we do not know"), *_of_list(name)]
            rows.append(_ask(f"all-{field}", FIELDS[field], choices, before.get(field, ""), form))
    return rows


def named_of(form: Mapping[str, str]) -> Named:
    """Read the names of a mapping."""
    return Named(
        name=form.get("name", "").strip(),
        title=" ".join(form.get("title", "").split()),
        source=form.get("source_new", "").strip() or form.get("source", ""),
        constants={field: form.get(f"all-{field}", "") for field, _ in CONSTANTS},
    )


def stated_of(form: Mapping[str, str], before: Stated) -> Stated:
    """Read what is said of the file itself; where nothing is, or what cannot be, it is as before."""
    encoding, row = form.get("encoding", ""), form.get("header_row", "").strip()
    is_row = row.isascii() and row.isdecimal() and 1 <= int(row[:6]) <= 1_000  # noqa: PLR2004  As the profile's.
    return Stated(
        encoding=encoding if encoding in ENCODINGS else before.encoding,
        delimiter=before.delimiter,
        sheet=form.get("sheet", "").strip()[:100] or before.sheet,
        header_row=int(row) if is_row else before.header_row,
    )


def system_choices(known: Sequence[str]) -> list[Choice]:
    """Give the systems of which files were imported or mapped here."""
    return [(source, system_words(source)) for source in known]


def _word(
    at: int, column: SeenColumn, field: str, said: tuple[int, str, int], form: Mapping[str, str] | None
) -> dict[str, Any]:
    number, word, times = said
    proposed = column.means.get(word, "")
    choices = _meanings(field)
    one = _ask(word_name(at, number), word, choices, proposed, form)
    return {**one, "times": times, "proposed": bool(proposed), "free": field == "nationality"}


def _meanings(field: str) -> list[Choice]:
    if field == "consent":
        listed: Sequence[Choice] = _CONSENT
    elif field == "age_at_referral":
        listed = _AGE
    else:
        listed = _of_list(_LISTS[field]) if field in _LISTS else ()
    return [("", "Leave it; such rows are shown to be mended"), *listed, (NOT_KNOWN, "It says that it is not known")]


def _ask(
    name: str, label: str, choices: Sequence[Choice], proposed: str, form: Mapping[str, str] | None
) -> dict[str, Any]:
    chosen = proposed if form is None or name not in form else form[name]
    return {"name": name, "label": label, "choices": choices, "chosen": chosen}


def _orders() -> list[Choice]:
    return list(zip(ORDERS, _ORDER_WORDS, strict=True))


def _separators() -> list[Choice]:
    return [("", "One value in each cell"), *((mark, _SEPARATOR_WORDS[mark]) for mark in SEPARATORS)]


def _of_list(name: str) -> list[Choice]:
    codes = get(name)
    return [(code, codes.label(code)) for code in codes.codes]
