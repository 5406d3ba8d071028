"""Broken files of every kind: read, or refused with a sentence; never a crash, never a yes that was not there.

Each file begins as a good one, whose answers are known, and is then saved in another encoding, cut, dotted with NULs,
its marks and separators moved. Seeded, so that a failure comes again; the seed stands in its name.
"""

import random
from datetime import date

import pytest

from services.case.imports.rules.opening import open_file
from services.case.imports.rules.profile import ColumnRule, Profile
from services.case.imports.rules.reading import Stated
from services.case.imports.rules.table import Table
from services.case.imports.rules.verdicts import judge_table
from shared.codelists.consent_words import NOES, read_consent
from shared.kernel.errors import InvalidInputError
from tests.kit.import_files import COLUMNS, export, line
from tests.kit.spreadsheets import ods, xlsx

TODAY = date(2026, 11, 27)
ANSWERS = ("Given", "Refused", "Withdrawn", "No", "", "Yes", "perhaps")
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "cp1252",
    "cp1250",
    "cp1251",
    "big5",
    "cp037",
)
PROFILE = Profile(
    id="house", title="", is_whole=False, not_known=frozenset({"n/k"}),
    columns={
        "Client Ref": "reference", "Referral Date": "referral_date", "Age At Referral": "age_at_referral", "Gender": "gender",
        "Statistics Consent": "consent", "Nation": "nation", "Consent Wording": "consent_wording", "Consent Date": "consent_date",
    },
    rules={"referral_date": ColumnRule(order="month-first"), "consent": ColumnRule(words={"ja": "YES_UNSPECIFIED"})},
)  # fmt: skip


def good(draw):
    """Rows whose references tell what each of them answered."""
    said = {}
    rows = []
    for n in range(draw.randint(1, 8)):
        answer = draw.choice(ANSWERS)
        reference = f"SYN-{n}-{draw.randrange(10**6):06d}"
        said[reference] = answer
        rows.append(
            line(reference, Statistics_Consent=answer, Notes=draw.choice(["", "caf\u00e9", '"a, b"', "\u0142"]))
        )
    return said, rows


def spoilt(draw, rows):
    """The file, saved and broken in some ways."""
    text = export(*rows, end=draw.choice(["\n", "\r\n", "\r"])).decode()
    for _ in range(draw.randrange(4)):
        at = draw.randrange(len(text))
        text = (
            text[:at]
            + draw.choice(['"', ",", "\n", "\r", ";", "\x00", "=", "\ufeff", "\u2028", '""', "\t"])
            + text[at:]
        )
    if draw.random() < 0.3:
        text = text.replace(",", draw.choice([";", "\t", "|", "^"]))
    content = text.encode(draw.choice(ENCODINGS), "replace")
    if draw.random() < 0.3:
        content = content[: draw.randrange(len(content) + 1)]
    if draw.random() < 0.2:
        at = draw.randrange(len(content) + 1)
        content = content[:at] + bytes(draw.randrange(256) for _ in range(draw.randrange(1, 9))) + content[at:]
    return content


def spreadsheet(draw, rows):
    """The same as XLSX or ODS, and perhaps broken."""
    cells = [row.replace('"a, b"', "a").split(",") for row in rows]
    content = draw.choice([lambda r: xlsx({"Clients": r}), ods])([COLUMNS, *cells])
    if draw.random() < 0.6:
        at, size = draw.randrange(len(content)), draw.randrange(1, 60)
        content = content[:at] + bytes(draw.randrange(256) for _ in range(size)) + content[at + size :]
    return content


def check(content, said, draw):
    """Read it like an import; everybody who is taken with a yes has said it."""
    stated = Stated(encoding=draw.choice([None, None, "utf-8", "windows-1250"]))
    for profile in (None, PROFILE):
        try:
            file = open_file(content, profile, stated)
            lines = tuple(file.lines())
        except InvalidInputError as error:
            assert 20 < len(str(error)) < 1_500  # noqa: PT017
            continue
        table = Table(profile="", fields=file.fields, lines=lines, encoding="", header_row=1)
        for verdict in judge_table(table, today=TODAY):
            yes = (
                verdict.kind == "ACCEPTED"
                and verdict.consent is not None
                and verdict.consent.stated in {"GIVEN", "YES_UNSPECIFIED"}
            )
            if yes and verdict.reference in said:
                answer = read_consent(said[verdict.reference])
                assert answer in {"GIVEN", "YES_UNSPECIFIED"}, (answer, verdict.row)
                assert answer not in NOES


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", range(4))
def test_no_broken_file_crashes_or_says_a_yes_that_was_not_there(seed):
    """Encodings, separators, cuts, marks, NULs, bytes of no meaning."""
    draw = random.Random(seed)
    for _ in range(60):
        said, rows = good(draw)
        check(spoilt(draw, rows), said, draw)


@pytest.mark.timeout(120)
def test_no_broken_spreadsheet_does_either():
    """Bytes of no meaning anywhere in the packed file."""
    draw = random.Random(11)
    for _ in range(6):
        said, rows = good(draw)
        check(spreadsheet(draw, rows), said, draw)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("seed", range(100, 110))
def test_many_more_of_them(seed):
    """The same at length."""
    draw = random.Random(seed)
    for n in range(1_000):
        said, rows = good(draw)
        check(spreadsheet(draw, rows) if n % 50 == 0 else spoilt(draw, rows), said, draw)
