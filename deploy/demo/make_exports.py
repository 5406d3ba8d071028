"""Writes the demo's synthetic exports: seeded, the same bytes every time, every record marked SYNTHETIC.

``python -m deploy.demo.make_exports`` writes them beside this file. The people are drawn so that the
release shows a table, a coarser one and one that is not published, whatever the coin.
"""

import csv
import io
import random
from datetime import date, timedelta
from pathlib import Path

from deploy.demo.hosts import HOSTS, WORDING, DemoHost

EXPORTS = Path(__file__).parent / "exports"
_SEED = "alongside-demo-1"
# A consent lasts a year: whoever agreed in January would have to be asked again before the year is sealed.
_FIRST_DAY = date(2026, 2, 2)
_DAYS = 310
_PER_HOST = 13
_ADULT_AGE = 18

_NATIONALITIES = (
    ["UK"] * 3 + ["Albanian"] * 8 + ["Romanian"] * 4 + ["Brazilian"] * 2
    + ["Eritrean"] * 13 + ["Sudanese"] * 8 + ["Nigerian"] * 6 + ["Somali"] * 4
    + ["Vietnamese"] * 14 + ["Chinese"] * 6 + ["Filipino"] * 5 + ["Indian"] * 5
)  # fmt: skip
_TYPES = (
    ["Labour"] * 34 + ["Labour & Domestic"] * 12 + ["Sexual"] * 18 + ["Domestic"] * 8 + ["Labour & Criminal"] * 3
    + ["Not specified or unknown"] * 3
)  # fmt: skip
_GENDERS = ["Female"] * 32 + ["Male"] * 46
_NEEDS = ("Housing", "Immigration", "Asylum", "Legal advice", "Welfare benefits", "Mental health", "Education")
_NATION_WORDS = {
    "ENGLAND": "England",
    "SCOTLAND": "Scotland",
    "WALES": "Wales",
    "NORTHERN_IRELAND": "Northern Ireland",
}
_NOTHING_SAID = {"said": "", "wording": "", "language": "", "method": "", "private": ""}

Row = dict[str, str]


def make_exports() -> dict[str, bytes]:
    """Give each file's name and bytes."""
    rng = random.Random(_SEED)  # noqa: S311  Invented people, the same every time.
    pools = [list(_NATIONALITIES), list(_TYPES), list(_GENDERS)]
    for pool in pools:
        rng.shuffle(pool)
    people = list(zip(*pools, strict=True))
    files = {}
    for number, host in enumerate(HOSTS):
        chosen = people[number * _PER_HOST : (number + 1) * _PER_HOST]
        files[host.file_name] = _shape(host, _rows(host, chosen, rng, number))
    return files


def _rows(host: DemoHost, people: list[tuple[str, str, str]], rng: random.Random, number: int) -> list[Row]:
    """Give a host's records: people who may be counted, and each kind that may not; one record stands twice."""
    rows = [_row(host, rng, nationality, kinds, gender) for nationality, kinds, gender in people]
    # Hosts differ a little in who said no and who was not asked.
    others: list[Row] = [
        *[{"consent": "Refused", **_NOTHING_SAID}] * (1 + number % 2),
        *[{"consent": "", **_NOTHING_SAID}] * (1 + number // 2 % 2),
        {"consent": "Yes", **_NOTHING_SAID},
        {"private": ""},
        {"age": "16"},
        {"age": "Not specified or unknown"},
        {"nationality": "Atlantean"},
    ]
    rows += [_row(host, rng, "Vietnamese", "Labour", "Male") | change for change in others]
    rows[0]["note"] = '=HYPERLINK("http://example.org")'
    rng.shuffle(rows)
    for place, row in enumerate(rows, 1):
        row["ref"] = f"SYN-{host.id[:3].upper()}-{place:03d}"
    return [*rows, dict(rows[0])]


def _row(host: DemoHost, rng: random.Random, nationality: str, kinds: str, gender: str) -> Row:
    day = _FIRST_DAY + timedelta(days=rng.randrange(_DAYS))
    said = day + timedelta(days=rng.randrange(14))
    return {
        "ref": "",
        "day": day.strftime("%d/%m/%Y"),
        "age": str(rng.randrange(19, 60)),
        "gender": gender,
        "nationality": nationality,
        "kinds": kinds,
        "nation": _NATION_WORDS[host.nation],
        "need": rng.choice(_NEEDS),
        "consent": "Given",
        "said": said.strftime("%d/%m/%Y"),
        "wording": WORDING,
        "language": rng.choice(("en", "en", "sq", "vi", "ti", "ar", "cy")),
        "method": rng.choice(("In person", "Interpreter")),
        "private": "Yes",
        "note": rng.choice(("", "SYNTHETIC: prefers mornings", "SYNTHETIC: café near the station")),
    }


def _shape(host: DemoHost, rows: list[Row]) -> bytes:
    return {"salesforce_report": _salesforce, "charity_semicolon": _charity, "worker_spreadsheet": _worker}[
        host.profile
    ](rows)


def _salesforce(rows: list[Row]) -> bytes:
    header = [
        "Contact ID", "Program Engagement: Start Date", "Age at Referral", "Gender", "Country of Nationality",
        "Exploitation Type(s)", "Nation", "Primary Need", "Consent to share stats", "Consent Date", "Consent Wording",
        "Consent Language", "Consent Method", "Consent in Private", "Record Type", "Notes",
    ]  # fmt: skip
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        kinds = row["kinds"].replace(" & ", ";").replace(", ", ";")
        writer.writerow([*_common(row, kinds), "SYNTHETIC", row["note"]])
    out.write('"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved. SYNTHETIC"\r\n')
    return out.getvalue().encode("utf-8")


def _charity(rows: list[Row]) -> bytes:
    header = [
        "Case Ref", "Opened", "Age group", "Sex", "Nationality", "Exploitation", "Country", "Matter",
        "Statistics permission", "Permission date", "Permission wording", "Permission language", "Permission method",
        "Asked in private", "Marker", "Comment",
    ]  # fmt: skip
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([*_common(row | {"age": _age_group(row["age"])}, row["kinds"]), "SYNTHETIC", row["note"]])
    return out.getvalue().encode("cp1252")


def _age_group(age: str) -> str:
    if not age.isdigit():
        return age
    return "Adult (18 or over)" if int(age) >= _ADULT_AGE else "Child (17 or under)"


def _worker(rows: list[Row]) -> bytes:
    header = [
        "Ref", "Started", "Age", "M/F", "Nat.", "Type", "Nation", "Need", "Stats OK?", "When said", "Wording",
        "Language", "How", "Private?", "SYNTHETIC", "Notes",
    ]  # fmt: skip
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    blank = [""] * len(header)
    writer.writerow(["Caseload 2026: SYNTHETIC", *blank[1:]])
    writer.writerow(blank)
    writer.writerow(header)
    for number, row in enumerate(rows):
        sex = {"Female": "F", "Male": "M"}[row["gender"]]
        writer.writerow([*_common(row | {"gender": sex}, row["kinds"]), "SYNTHETIC", row["note"]])
        if number % 9 == 8:  # noqa: PLR2004  A worker leaves a blank row now and then.
            writer.writerow(blank)
    writer.writerow(["Total", str(len(rows)), *blank[2:]])
    return out.getvalue().encode("utf-8-sig")


def _common(row: Row, kinds: str) -> list[str]:
    names = ("ref", "day", "age", "gender", "nationality")
    rest = ("nation", "need", "consent", "said", "wording", "language", "method", "private")
    return [*(row[name] for name in names), kinds, *(row[name] for name in rest)]


if __name__ == "__main__":
    EXPORTS.mkdir(exist_ok=True)
    for name, content in make_exports().items():
        (EXPORTS / name).write_bytes(content)
