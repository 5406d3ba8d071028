"""An empty file with the columns that we suggest; as XLSX with a sheet of the words that each column takes.

Promise: each word of the template is read back as its own code (``tests/unit/case/test_mapping_template.py``).
"""

import csv
import io
from collections.abc import Iterator

import xlsxwriter

from services.case.imports.rules.profile import shipped
from shared.codelists.lists import get

_LISTS = {
    "gender": "gender",
    "exploitation": "exploitation_type",
    "nation": "nation",
    "advocacy_area": "advocacy_area",
    "consent_method": "consent_method",
    "consent_language": "language",
}
_WORDS = {
    "reference": ("the person's own number in your system; format the column as text",),
    "referral_date": ("31/12/2026",),
    "age_at_referral": ("an age in years, such as 34", "Adult (18 or over)", "Child (17 or under)"),
    "nationality": ("a country or a nationality, such as Albania or Albanian; two with a slash between them",),
    "consent": ("Given", "Refused", "Withdrawn"),
    "consent_date": ("31/12/2026",),
    "consent_wording": ("the code of the wording that was read out, such as stats-2026-1",),
    "consent_private": ("Yes", "No"),
    "consent_withdrawn": ("31/12/2026; empty where nothing was withdrawn",),
}
_OF_A_LIST = 60
_DEEP = 1_000
_WIDE = 24


def columns() -> tuple[tuple[str, str], ...]:
    """Give the suggested columns, and the field of each."""
    return tuple(shipped()["standard"].columns.items())


def words(field: str) -> tuple[str, ...]:
    """Give the words that a column takes."""
    name = _LISTS.get(field)
    if name is None:
        return _WORDS.get(field, ())
    return tuple(entry.label_en or code for code, entry in get(name).entries.items())


def template_csv() -> bytes:
    """Write it as CSV, with a byte order mark by which Excel knows its encoding."""
    text = io.StringIO(newline="")
    csv.writer(text).writerow([column for column, _ in columns()])
    return text.getvalue().encode("utf-8-sig")


def template_xlsx() -> bytes:
    """Write it as XLSX: the sheet to fill, its columns formatted, and a sheet of words."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        clients, accepted = book.add_worksheet("Clients"), book.add_worksheet("Accepted words")
        head, text = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"num_format": "@"})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for at, (column, field) in enumerate(columns()):
            clients.write_string(0, at, column, head)
            clients.set_column(at, at, _WIDE, day if field.endswith(("_date", "_withdrawn")) else text)
            known = words(field)
            choices = f"='Accepted words'!${_letter(at)}$2:${_letter(at)}${len(known) + 1}"
            if field in _LISTS or field in {"consent", "consent_private"}:
                clients.data_validation(
                    1, at, _DEEP, at, {"validate": "list", "source": choices, "error_type": "warning"}
                )
            accepted.write_string(0, at, f"For {column}", head)
            accepted.set_column(at, at, _WIDE)
            for row, word in enumerate(known, start=1):
                accepted.write_string(row, at, word)
        clients.freeze_panes(1, 0)
    return content.getvalue()


def accepted() -> Iterator[tuple[str, str]]:
    """Give (field, word) of every list's word that the template offers."""
    return ((field, word) for _, field in columns() if field in _LISTS for word in words(field)[:_OF_A_LIST])


def _letter(at: int) -> str:
    return chr(ord("A") + at)
