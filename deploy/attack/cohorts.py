"""Cohorts to attack: the published tables beside the project, read as a host's import reads them, and invented ones.

The data lies in ``ALONGSIDE_REAL_DATA`` or beside the project and is never shipped. A person counts whose row
is accepted and states a consent that would be effective once its words are registered. Limit: a referral
stands for a survivor of the pilot, see the data's SOURCES.md.
"""

import csv
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from services.case.imports.rules.profile import choose, shipped
from services.case.imports.rules.reading import read_sheet
from services.case.imports.rules.said import ConsentStatement
from services.case.imports.rules.verdicts import judge
from services.custodian.gate.release import PublicTable
from shared.codelists import exploitation, nationality
from shared.codelists.consent_words import GIVEN
from shared.codelists.errors import UnknownCodeError
from shared.codelists.plan import Plan
from shared.contracts.vector import Opened, VectorLayout

QUARTERS = ("2023q3", "2023q4")
"""The two published tables; each is taken as one year of the plan."""

# Quartiles of people a police force referred in a quarter of 2023 are 7, 14 and 20; the pilot's hosts are smaller.
_MEDIAN, _SPREAD = 8.0, 0.9
_ADULT = "Adult (18 or over)"
_GENDERS = {"Female": "FEMALE", "Male": "MALE"}


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Hosts with their true counts, by host, table and level-1 category; what no server ever sees."""

    name: str
    plan: Plan
    people: Mapping[str, int]
    counts: Mapping[str, Mapping[str, Mapping[str, int]]]

    def opened(self) -> Opened:
        """Add up the hosts' vectors, as the two servers do."""
        layout = VectorLayout.of(self.plan)
        vectors = [layout.build(self.counts[host], self.people[host]) for host in self.people]
        return layout.read(np.sum(vectors, axis=0, dtype=np.uint32))

    def of_host(self, host: str) -> Opened:
        """Give one host's own figures."""
        layout = VectorLayout.of(self.plan)
        return layout.read(layout.build(self.counts[host], self.people[host]))


def folder() -> Path | None:
    """Give the folder of the real data, or None."""
    named = os.environ.get("ALONGSIDE_REAL_DATA")
    found = Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "data"
    return found if (found / "hosts").is_dir() else None


def read_cohort(data: Path, quarter: str, plan: Plan) -> Cohort:
    """Count the files of one published table."""
    facts = {path.stem: list(_counted(path)) for path in sorted((data / "hosts" / quarter).glob("*.csv"))}
    return _cohort(quarter, plan, facts)


def read_everyone(data: Path, quarter: str, plan: Plan) -> Cohort:
    """Count every adult of a published table, first responder by first responder, as if all had agreed."""
    counts: dict[str, dict[str, Counter[str]]] = {}
    people: Counter[str] = Counter()
    with _published(data, quarter).open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["Age at exploitation"] == _ADULT:
                host, number = row["First responder"], round(float(row["People"]))
                people[host] += number
                for table, category in plan.categorise(_public_facts(row)).items():
                    counts.setdefault(host, {one.id: Counter() for one in plan.tables})[table][category] += number
    return Cohort(name=f"everyone-{quarter}", plan=plan, people=people, counts=counts)


def read_public(data: Path, quarter: str, plan: Plan, period: str) -> tuple[PublicTable, ...]:
    """Read the Home Office's own table as an attacker would: adults, by our tables' categories.

    Here everyone counted does stand in it, so its counts are upper bounds too; a real release has no such
    table, see ``PublicTable.covers``.
    """
    found: dict[str, Counter[str]] = {table.id: Counter() for table in plan.tables}
    with _published(data, quarter).open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["Age at exploitation"] == _ADULT:
                for table, category in plan.categorise(_public_facts(row)).items():
                    found[table][category] += round(float(row["People"]))
    return tuple(PublicTable(period=period, table=t, counts=dict(c), covers=True) for t, c in found.items())


def invent_cohort(name: str, plan: Plan, public: Iterable[PublicTable], *, hosts: int, seed: int) -> Cohort:
    """Invent hosts whose people fall into the categories with the public shares, each table by itself.

    Hosts differ: their sizes are log-normal, and each has shares of its own around the public ones.
    """
    random = np.random.default_rng(seed)
    sizes = np.maximum(0, np.rint(random.lognormal(np.log(_MEDIAN), _SPREAD, hosts))).astype(int)
    counts: dict[str, dict[str, dict[str, int]]] = {}
    people = {f"invented{number:02}": int(size) for number, size in enumerate(sizes, 1)}
    tables = list(public)
    for host, size in people.items():
        counts[host] = {}
        for table in tables:
            codes = sorted(table.counts)
            shares = random.dirichlet([1 + 4 * table.counts[c] / sum(table.counts.values()) for c in codes])
            drawn = random.multinomial(size, shares)
            counts[host][table.table] = {c: int(n) for c, n in zip(codes, drawn, strict=True)}
    return Cohort(name=name, plan=plan, people=people, counts=counts)


def into_quarters(cohort: Cohort, seed: int) -> tuple[Cohort, ...]:
    """Spread a year's people over four quarters by chance, host by host and table by table."""
    random = np.random.default_rng(seed)
    people: list[dict[str, int]] = [{} for _ in range(4)]
    counts: list[dict[str, dict[str, dict[str, int]]]] = [{} for _ in range(4)]
    for host, size in cohort.people.items():
        sizes = random.multinomial(size, [0.25] * 4)
        starts = np.concatenate(([0], np.cumsum(sizes)))
        for quarter in range(4):
            people[quarter][host] = int(sizes[quarter])
            counts[quarter][host] = {}
        for table, cells in cohort.counts[host].items():
            codes = random.permutation([code for code, count in cells.items() for _ in range(count)])
            for quarter in range(4):
                own = Counter(str(code) for code in codes[starts[quarter] : starts[quarter + 1]])
                counts[quarter][host][table] = dict(own)
    return tuple(
        Cohort(name=f"{cohort.name}-Q{n + 1}", plan=cohort.plan, people=people[n], counts=counts[n]) for n in range(4)
    )


def counted_by(cohort: Cohort, plan: Plan) -> Cohort:
    """Give the same people counted by a plan with fewer tables."""
    names = {table.id for table in plan.tables}
    kept = {h: {t: cells for t, cells in tables.items() if t in names} for h, tables in cohort.counts.items()}
    return Cohort(name=cohort.name, plan=plan, people=cohort.people, counts=kept)


def _published(data: Path, quarter: str) -> Path:
    return data / f"nrm_ngo_{quarter[:4]}_{quarter[4:]}_leaf.csv"


def _cohort(name: str, plan: Plan, facts: Mapping[str, list[dict[str, Any]]]) -> Cohort:
    counts: dict[str, dict[str, dict[str, int]]] = {}
    for host, rows in facts.items():
        counts[host] = {table.id: {} for table in plan.tables}
        for row in rows:
            for table_id, category in plan.categorise(row).items():
                counts[host][table_id][category] = counts[host][table_id].get(category, 0) + 1
    return Cohort(name=name, plan=plan, people={host: len(rows) for host, rows in facts.items()}, counts=counts)


def _counted(path: Path) -> Iterable[dict[str, Any]]:
    sheet = read_sheet(path.read_bytes(), [column for p in shipped().values() for column in p.columns])
    # Any day after the files' last one; it only refuses dates that have not come yet.
    for verdict in judge(sheet, choose(sheet, None).bind(sheet), today=date(2024, 12, 31)):
        if verdict.kind == "ACCEPTED" and verdict.facts and verdict.consent and _is_effective(verdict.consent):
            facts = verdict.facts
            types = facts.exploitation_types
            yield {"gender": facts.gender, "exploitation_types": types, "region": facts.region}


def _is_effective(consent: ConsentStatement) -> bool:
    said = (consent.said_at, consent.wording_code, consent.language, consent.method, consent.setting_private)
    return consent.stated == GIVEN and all(said)


def _public_facts(row: Mapping[str, str]) -> dict[str, Any]:
    try:
        region = nationality.region_level_1(nationality.parse(row["Nationality"]).iso_codes)
    except UnknownCodeError:
        region = nationality.REST
    return {
        "gender": _GENDERS.get(row["Gender"], "NOT_SPECIFIED"),
        "exploitation_types": exploitation.parse(row["Exploitation type"]),
        "region": region,
    }
