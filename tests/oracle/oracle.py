"""What the real files say, counted straight from them; shares nothing with the product.

The data lies beside the project and is never shipped; see ``folder``. Limit: it knows the columns of those
files and the tables of plan year-v1 only, and what is certain whatever the coin, never a rounded value.
"""

import csv
import os
from collections import Counter, defaultdict
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from math import sqrt
from pathlib import Path

from tests.oracle import nationalities, spellings

QUARTERS = ("2023q3", "2023q4")
REGION = "REGION_OF_NATIONALITY"
CELL_HOSTS, MAX_SHARE, BASE, THRESHOLD = 3, 0.8, 5, 10
SURE, NEVER, COIN = "SURE", "NEVER", "COIN"

_ROOT = Path(__file__).resolve().parents[2]
_TYPES = ("Labour", "Sexual", "Criminal", "Domestic")
_REST = "EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN"
# Region at levels 1, 2 and 3.
_REGIONS = {
    "UK": ("UK", f"UK_{_REST}", "REST"),
    "REST": (_REST, f"UK_{_REST}", "REST"),
    "AFRICA": ("AFRICA", "AFRICA", "REST"),
    "ASIA": ("ASIA", "ASIA", "ASIA"),
}
_CATEGORIES = {
    ("GENDER", 1): ("FEMALE", "MALE_OR_OTHER_OR_NOT_STATED"),
    **{(f"EXPLOITATION_{word.upper()}", 1): ("YES", "NO") for word in _TYPES},
    **{(REGION, level): tuple(dict.fromkeys(r[level - 1] for r in _REGIONS.values())) for level in (1, 2, 3)},
}


@dataclass(frozen=True, kw_only=True)
class Fates:
    """What becomes of the rows; consents are those of adults, so the last four add up to ``adults``."""

    children: int = 0
    held: int = 0
    adults: int = 0
    effective: int = 0
    reconfirm: int = 0
    refused: int = 0
    unknown: int = 0

    def __add__(self, other):
        """Add up name by name."""
        return Fates(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One true cell: people by host, hosts with nobody left out."""

    by_host: dict

    @property
    def people(self):
        return sum(self.by_host.values())

    @property
    def hosts(self):
        return len(self.by_host)

    @property
    def squares(self):
        return sum(count * count for count in self.by_host.values())

    def verdict(self):
        """Whether it may be shown: SURE and NEVER hold for every coin; a COIN cell may round either way."""
        if self.hosts < CELL_HOSTS or sqrt(self.squares) / self.people > MAX_SHARE:
            return NEVER
        if -(-self.people // BASE) * BASE < THRESHOLD:
            return NEVER
        return SURE if self.people // BASE * BASE >= THRESHOLD else COIN


class RealQuarter:
    """One quarter of the real files, ``2023q3`` or ``2023q4``."""

    def __init__(self, quarter):
        self.quarter = quarter
        self.rows = {host: rows(path) for host, path in files(quarter).items()}

    @cached_property
    def hosts(self):
        """Fates by host."""
        return {
            host: sum((Fates(**dict.fromkeys(_fate(r), 1)) for r in lines), Fates())
            for host, lines in self.rows.items()
        }

    @cached_property
    def total(self):
        """Fates of all hosts together."""
        return sum(self.hosts.values(), Fates())

    @property
    def people(self):
        """Adults with an effective consent: the true total of every table."""
        return self.total.effective

    @property
    def contributing_hosts(self):
        """Hosts with at least one of them."""
        return sum(1 for fates in self.hosts.values() if fates.effective)

    @cached_property
    def cells(self):
        """True cells of plan year-v1 by (table, level, category); those with nobody stand there too."""
        found = {(*table, category): {} for table, names in _CATEGORIES.items() for category in names}
        for host, lines in self.rows.items():
            for row in lines:
                if "effective" in _fate(row):
                    for key in _places(row):
                        found[key][host] = found[key].get(host, 0) + 1
        return {key: Cell(by_host=by_host) for key, by_host in found.items()}

    def verdict(self, table, level):
        """Whether a table passes at a level: as its weakest category does."""
        found = {self.cells[table, level, category].verdict() for category in _CATEGORIES[table, level]}
        return NEVER if NEVER in found else COIN if COIN in found else SURE

    def expected_levels(self):
        """By table, the levels at which it may come out; 0 is not published. One level means certain."""
        levels = {}
        for table in dict.fromkeys(name for name, _ in _CATEGORIES):
            possible = []
            for level in sorted(number for name, number in _CATEGORIES if name == table):
                verdict = self.verdict(table, level)
                possible += [level] if verdict != NEVER else []
                if verdict == SURE:
                    break
            else:
                possible.append(0)
            levels[table] = tuple(possible)
        return levels


def folder():
    """Where the real data is, or None."""
    named = os.environ.get("ALONGSIDE_REAL_DATA")
    found = Path(named) if named else _ROOT.parent / "shared" / "data"
    return found if (found / "hosts").is_dir() else None


def files(quarter):
    """Give the files by host, as a tenant is called: ``hosta``."""
    return {path.stem.replace("_", ""): path for path in sorted((folder() / "hosts" / quarter).glob("*.csv"))}


def rows(path):
    """Read a file's records."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _fate(row):
    """Give the names of the Fates that a row adds to."""
    age, consent = row["Age At Referral"], row["Statistics Consent"]
    if age == "Child (17 or under)":
        return ("children",)
    if age == "Not specified or unknown":
        return ("held",)
    if age != "Adult (18 or over)":
        raise ValueError(age)
    named = all(row[column] for column in ("Consent Wording", "Consent Language", "Consent Method"))
    if consent == "Given" and _day(row["Consent Date"]) and named and row["Private Setting"] == "Yes":
        return ("adults", "effective")
    return ("adults", {"Given": "reconfirm", "Yes": "reconfirm", "Refused": "refused", "": "unknown"}[consent])


def _places(row):
    """Give the (table, level, category) in which a person counts."""
    yield "GENDER", 1, "FEMALE" if row["Gender"] == "Female" else "MALE_OR_OTHER_OR_NOT_STATED"
    kinds = set(row["Exploitation Type"].replace(",", " ").replace("&", " ").split())
    for word in _TYPES:
        yield f"EXPLOITATION_{word.upper()}", 1, "YES" if word in kinds else "NO"
    for level, category in enumerate(_REGIONS[nationalities.region(row["Nationality"])], 1):
        yield REGION, level, category


def _day(text):
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007  A day without a time has no zone.
    except ValueError:
        return None


def secrets_of(quarter):
    """Strings that must never be seen at the centre: ids, days however spelled, notes, single hosts' counts."""
    real = RealQuarter(quarter)
    found = set()
    for lines in real.rows.values():
        for row in lines:
            found |= {row["Client Ref"], row["Notes"].strip()} - {""}
            for day in filter(None, (_day(row["Referral Date"]), _day(row["Consent Date"]))):
                found |= set(spellings.of_day(day))
    for host in real.rows:
        for (table, level), names in _CATEGORIES.items():
            found |= set(spellings.of_counts({n: real.cells[table, level, n].by_host.get(host, 0) for n in names}))
    return frozenset(found)


@dataclass
class Count:
    """A quarter in short: ``effective`` by host, ``cells`` by (table, category) and host."""

    children: int
    held: int
    adults: int
    effective: dict
    reconfirm: int
    refused: int
    unknown: int
    cells: dict


def count(quarter):
    """Count a quarter's files in short, the finest regions called UK, REST, AFRICA and ASIA."""
    real, cells = RealQuarter(quarter), defaultdict(Counter)
    short = {"MALE_OR_OTHER_OR_NOT_STATED": "OTHERS", _REST: "REST"}
    for (table, level, category), cell in real.cells.items():
        if level == 1:
            cells["REGION" if table == REGION else table, short.get(category, category)].update(cell.by_host)
    total = real.total
    return Count(
        children=total.children, held=total.held, adults=total.adults, reconfirm=total.reconfirm,
        refused=total.refused, unknown=total.unknown, cells={key: dict(found) for key, found in cells.items()},
        effective={host: fates.effective for host, fates in real.hosts.items()},
    )  # fmt: skip


def secrets(quarter):
    """The same as ``secrets_of``."""
    return secrets_of(quarter)
