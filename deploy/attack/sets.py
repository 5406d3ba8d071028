"""The published tables as years of the plan: what each host counts, with the product's own reading of its export.

Only files that lie beside the project are read; without them there are generated hosts alone. Consent columns of
those files are simulated, and a given consent counts when it says date, words, language, method and setting.
"""

import csv
import os
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from services.case.imports.profile import choose, shipped
from services.case.imports.reading import read_sheet
from services.case.imports.verdicts import Verdict, judge
from services.custodian.domain.opening import open_cohort
from services.custodian.gate.model import PublicCount
from shared.codelists import exploitation, nationality
from shared.codelists.periods import Period
from shared.codelists.plan import Plan
from shared.contracts.vector import Opened, VectorLayout
from shared.keys.sharing import add_up

QUARTERS = ("2023q3", "2023q4")
_PROJECT = Path(__file__).resolve().parents[2]
_GIVEN = "GIVEN"
_WOMEN = 0.6
_KINDS = (("LABOUR", 0.5), ("SEXUAL", 0.4), ("CRIMINAL", 0.2), ("DOMESTIC", 0.2))
"""Shares of the generated people, near those of the published tables."""

Facts = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class YearOfHosts:
    """One year of the plan.

    Attributes:
        period: Its name.
        covers: The quarters taken together as that year.
        hosts: Facts of each host's counted people.
        public: What is published of the wider population.
    """

    period: str
    covers: tuple[str, ...]
    hosts: Mapping[str, Sequence[Facts]]
    public: tuple[PublicCount, ...] = ()

    def opened(self, plan: Plan) -> Opened:
        """Share-free sums of all hosts, as a cohort's opening gives them."""
        layout = VectorLayout.of(plan)
        vectors = [layout.build(*_counts(plan, people)) for people in self.hosts.values()]
        zero = layout.build(*_counts(plan, ()))
        opening = open_cohort(
            layout=layout,
            sum_a=add_up(vectors, layout.length),
            sum_of_expansions=zero,
            hosts=len(vectors),
            minimums=plan.minimums,
        )
        if opening.opened is None:
            raise RuntimeError(f"this set cannot be opened: {opening.verdict}")
        return opening.opened

    @property
    def people(self) -> int:
        """People counted."""
        return sum(len(people) for people in self.hosts.values())

    @property
    def contributing(self) -> int:
        """Hosts with anybody counted."""
        return sum(bool(people) for people in self.hosts.values())


def folder() -> Path | None:
    """Give the folder of the published tables, or None where there is none."""
    for place in (os.environ.get("ALONGSIDE_REAL_DATA"), _PROJECT.parent / "shared" / "data"):
        if place and Path(place).is_dir():
            return Path(place)
    return None


def real_year(root: Path, quarter: str) -> YearOfHosts:
    """Read one quarter's host files as a year of the plan."""
    period = Period.parse(f"{quarter[:4]}-{quarter[4:].upper()}")
    files = sorted((root / "hosts" / quarter).glob("host_*.csv"))
    hosts = {file.stem: _counted(file.read_bytes()) for file in files}
    table = root / f"nrm_ngo_{quarter[:4]}_{quarter[4:]}_leaf.csv"
    return YearOfHosts(period=str(period), covers=(str(period),), hosts=hosts, public=_public(table, period))


def generated_year(year: int, hosts: int, *, seed: int, mean: float = 3.3) -> YearOfHosts:
    """Make a year of invented hosts with shares like the published ones; about 150 people of 46 hosts."""
    rng = random.Random(seed * 10_000 + year)  # noqa: S311  Invented people, the same at every run.
    made = {}
    for number in range(hosts):
        people = min(40, max(0, round(rng.expovariate(1 / mean))))
        made[f"host{number}"] = [_person(rng) for _ in range(people)]
    return YearOfHosts(period=str(year), covers=(str(year),), hosts=made)


def _person(rng: random.Random) -> Facts:
    kinds = [kind for kind, share in _KINDS if rng.random() < share]
    regions = ["UK", "EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN", "AFRICA", "ASIA"]
    return {
        "gender": "FEMALE" if rng.random() < _WOMEN else "MALE",
        "exploitation_types": tuple(kinds),
        "region": rng.choices(regions, weights=(6, 22, 40, 32))[0],
        "nation": "ENGLAND",
        "setting": "OTHER",
    }


def _counted(content: bytes) -> list[Facts]:
    sheet = read_sheet(content, [column for profile in shipped().values() for column in profile.columns])
    verdicts = judge(sheet, choose(sheet, None).bind(sheet), today=date(2024, 12, 31))
    return [_facts(verdict) for verdict in verdicts if _may_count(verdict)]


def _may_count(verdict: Verdict) -> bool:
    said = verdict.consent
    return (
        verdict.kind == "ACCEPTED"
        and said is not None
        and said.stated == _GIVEN
        and None not in (said.said_at, said.wording_code, said.language, said.method, said.setting_private)
    )


def _facts(verdict: Verdict) -> Facts:
    facts = verdict.facts
    if facts is None:
        raise TypeError("an accepted row has facts")
    return {
        "gender": facts.gender,
        "exploitation_types": facts.exploitation_types,
        "region": facts.region,
        "nation": facts.nation,
        "setting": "OTHER",
    }


def _counts(plan: Plan, people: Iterable[Facts]) -> tuple[dict[str, dict[str, int]], int]:
    counts = {table.id: {c.code: 0 for c in table.levels[0].categories} for table in plan.tables}
    number = 0
    for facts in people:
        number += 1
        for table, category in plan.categorise(facts).items():
            counts[table][category] += 1
    return counts, number


def _public(file: Path, period: Period) -> tuple[PublicCount, ...]:
    """Count the public rows of adults by the plan's finest categories."""
    if not file.exists():
        return ()
    counts: Counter[tuple[str, str]] = Counter()
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["Age at exploitation"].startswith("Child"):
                continue
            people = round(float(row["People"]))
            gender = "FEMALE" if row["Gender"] == "Female" else "MALE_OR_OTHER_OR_NOT_STATED"
            counts["GENDER", gender] += people
            kinds = exploitation.parse(row["Exploitation type"])
            for kind in ("LABOUR", "SEXUAL", "CRIMINAL", "DOMESTIC"):
                counts[f"EXPLOITATION_{kind}", "YES" if kind in kinds else "NO"] += people
            region = nationality.region_level_1(nationality.parse(row["Nationality"]).iso_codes)
            counts["REGION_OF_NATIONALITY", region] += people
    quarters = frozenset(period.quarters())
    return tuple(
        PublicCount(quarters=quarters, table=table, category=category, count=count)
        for (table, category), count in sorted(counts.items())
    )
