"""The truth that attackers are measured against: people by host and place in the year's tables.

Real people come from the oracle's reading of the published tables; where those files are away there is only
the twin, generated from a seed in about the same shape, and every attack runs on the twin in any case.
"""

import functools
import random
from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np

from services.custodian.opening.deciding import Setting, decide
from services.custodian.protection.rules import protect
from shared.codelists.plan import load_plan
from shared.contracts.vector import VectorLayout
from tests.oracle import oracle

PLAN = load_plan("year-v1")
LAYOUT = VectorLayout.of(PLAN)
REGION = "REGION_OF_NATIONALITY"
REST = "EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN"
ITEMS = ("LABOUR", "SEXUAL", "CRIMINAL", "DOMESTIC")
LEVELS = {
    "UK": ("UK", f"UK_{REST}", "REST"),
    REST: (REST, f"UK_{REST}", "REST"),
    "AFRICA": ("AFRICA", "AFRICA", "REST"),
    "ASIA": ("ASIA", "ASIA", "ASIA"),
}
TABLES = ("GENDER", *(f"EXPLOITATION_{item}" for item in ITEMS), REGION)


@dataclass(frozen=True)
class Person:
    """Someone counted.

    Attributes:
        row: The dimensions of the public table: gender, types and nationality in words or region.
        need: A fact that the public tables do not have.
    """

    host: str
    female: bool
    types: frozenset
    region: str
    row: tuple = ()
    need: str = ""

    def places(self):
        """Give the (table, level, category) in which the person counts."""
        yield "GENDER", 1, "FEMALE" if self.female else "MALE_OR_OTHER_OR_NOT_STATED"
        for item in ITEMS:
            yield f"EXPLOITATION_{item}", 1, "YES" if item in self.types else "NO"
        for level, category in enumerate(LEVELS[self.region], 1):
            yield REGION, level, category


@dataclass(frozen=True)
class Truth:
    """One period's people and the hosts of its cohort, those without anybody too."""

    name: str
    hosts: tuple
    people: tuple = field(repr=False)
    public: tuple = field(repr=False, default=())
    """Everyone of whom the public tables tell, counted here or not."""

    @property
    def total(self):
        return len(self.people)

    @functools.cached_property
    def cells(self):
        """People by (table, level, category)."""
        return Counter(place for person in self.people for place in person.places())

    @functools.cached_property
    def by_host(self):
        """The same of each host."""
        return {
            host: Counter(place for person in self.people if person.host == host for place in person.places())
            for host in self.hosts
        }

    def held_by(self, hosts):
        """What some hosts hold together, and how many people."""
        own = sum((self.by_host[host] for host in hosts), Counter())
        return own, sum(person.host in hosts for person in self.people)

    def without(self, *people):
        """The same without these persons, by their place in the list."""
        return replace(self, people=tuple(p for n, p in enumerate(self.people) if n not in people))

    def opened(self):
        """The cohort's opened sums, by the product's own vectors."""
        return LAYOUT.read(np.sum([self.vector(host) for host in self.hosts], axis=0, dtype=np.uint32))

    def vector(self, host):
        """One host's vector, as its builder makes it."""
        counts = {table: {} for table in TABLES}
        for (table, level, category), number in self.by_host[host].items():
            if level == 1:
                counts[table][category] = number
        return LAYOUT.build(counts, sum(person.host == host for person in self.people))

    def release(self, key, period="2026", finest=None):
        """What the rounding would publish under a coin key, as the world sees it, before the gate looks at it.

        Attacks that fail on this need no gate; those that do not, run on ``gated`` too.
        """
        found = protect(self.opened(), plan=PLAN, hosts=len(self.hosts), coin_key=key, period=period, finest=finest)
        return Published.of(found)

    def gated(self, key, period="2026", history=(), public=()):
        """What the custodian lets out under a coin key: rounded, attacked by its own gate, coarser where it must be."""
        setting = Setting(
            plan=PLAN, period=period, covers=(period,), hosts=len(self.hosts), history=tuple(history),
            public=tuple(public),
        )  # fmt: skip
        return Published.of(decide(self.opened(), setting, coin_key=key).release)


@dataclass(frozen=True)
class Published:
    """A release as everybody sees it: the rounded total, and by table the level and its rounded cells."""

    people: int | None
    tables: dict
    levels: dict
    statuses: dict

    @classmethod
    def of(cls, release):
        return cls(
            people=release.people,
            tables={t.table: {c.category: c.value for c in t.cells} for t in release.tables if t.level},
            levels={t.table: t.level for t in release.tables if t.level},
            statuses={t.table: t.status for t in release.tables},
        )

    def cells(self):
        """Give ((table, level, category), rounded value) of each cell shown."""
        for table, cells in self.tables.items():
            for category, value in cells.items():
                yield (table, self.levels[table], category), value


def key_of(number):
    """The coin key of a numbered draw; the same numbers each run."""
    return random.Random(f"coin/{number}").randbytes(32)


def real(quarter):
    """A quarter of the real files; public are the adults of the published table."""
    read = oracle.RealQuarter(quarter)
    counted, public = [], []
    for host, lines in read.rows.items():
        for row in lines:
            fate = oracle._fate(row)
            if "adults" in fate:
                public.append(_person(host, row))
            if "effective" in fate:
                counted.append(public[-1])
    return Truth(quarter, tuple(read.rows), tuple(counted), tuple(public))


def _person(host, row):
    places = {(table, level): category for table, level, category in oracle._places(row)}
    return Person(
        host=host,
        female=places["GENDER", 1] == "FEMALE",
        types=frozenset(i for i in ITEMS if places[f"EXPLOITATION_{i}", 1] == "YES"),
        region=places[REGION, 1],
        row=(row["Exploitation Type"], row["Age At Referral"], row["Gender"], row["Nationality"].strip()),
        need=row["Advocacy Need"],
    )


def twin(number, *, hosts=8, people=120):
    """A generated period: a few large hosts, many small ones, one with nobody; shares about as in the field."""
    rng = random.Random(f"twin/{number}/{hosts}/{people}")
    names = tuple(f"host{chr(ord('a') + n)}" for n in range(hosts))
    weights = [0, *(0.55**n + 0.05 for n in range(hosts - 1))]
    public = [_invented(rng, rng.choices(names, weights)[0]) for _ in range(people * 5 // 3)]
    # Of each region the public table knows some who were not counted, as the real one does.
    public += [
        replace(public[0], region=region, row=("", "", "", f"{region}-0")) for region in LEVELS for _ in range(6)
    ]
    return Truth(f"twin{number}", names, tuple(public[:people]), tuple(public))


def _invented(rng, host):
    types = {rng.choices(ITEMS, (55, 30, 8, 14))[0]} | {i for i in ITEMS if rng.random() < 0.08}
    female, region = rng.random() < 0.45, rng.choices(list(LEVELS), (4, 36, 28, 32))[0]
    nationality = f"{region}-{min(int(rng.expovariate(0.25)), 20)}"
    return Person(
        host=host,
        female=female,
        types=frozenset(types),
        region=region,
        row=("+".join(sorted(types)), "Adult", str(female), nationality),
        need=rng.choice(("Housing", "Immigration", "Asylum", "Legal advice", "Mental health")),
    )


@functools.cache
def truths():
    """All periods that attacks run on: two generated ones, and the real ones where they lie beside the project."""
    found = [twin(1), twin(2, hosts=6, people=150)]
    if oracle.folder() is not None:
        found += [real(quarter) for quarter in oracle.QUARTERS]
    return tuple(found)


def names():
    """Names of ``truths``, for tests' ids."""
    return [truth.name for truth in truths()]
