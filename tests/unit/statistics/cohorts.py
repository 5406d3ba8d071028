"""Cohorts for the tests of opening and protection: hosts with counts, their opened sums, and all halves between."""

import numpy as np

from shared.codelists.plan import load_plan
from shared.contracts.vector import VectorLayout

PLAN = load_plan("year-v1")
LAYOUT = VectorLayout.of(PLAN)
REST = "EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN"


def counts_of(people, *, female=None, yes=(0, 0, 0, 0), regions=None):
    """One host's counts: women, yes by item (labour, sexual, criminal, domestic), people by region."""
    female = people // 2 if female is None else female
    regions = regions or {"ASIA": people - 2 * (people // 3), "AFRICA": people // 3, REST: people // 3}
    counts = {"GENDER": {"FEMALE": female, "MALE_OR_OTHER_OR_NOT_STATED": people - female}}
    for item, number in zip(("LABOUR", "SEXUAL", "CRIMINAL", "DOMESTIC"), yes, strict=True):
        counts[f"EXPLOITATION_{item}"] = {"YES": number, "NO": people - number}
    counts["REGION_OF_NATIONALITY"] = regions
    return counts


def vector_of(people, **counts):
    return LAYOUT.build(counts_of(people, **counts), people)


def total_of(vectors):
    return np.sum(list(vectors), axis=0, dtype=np.uint32)


def opened_of(vectors):
    return LAYOUT.read(total_of(vectors))
