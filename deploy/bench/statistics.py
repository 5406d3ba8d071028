"""Sharing and opening beside the bare sum: what the two servers and the hosts cost, for 50 to 200 hosts.

Ours is everything between a host's counts and the opened sums: vector, split, two seals, opening each half,
linear checks, two sums, reading. Bare is a NumPy sum of the same vectors and one HPKE seal and opening of the same
bytes a host; what a design without two servers would spend on transport encryption alone.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from services.custodian.opening.rules import open_cohort
from shared.codelists.plan import Category, Level, Minimums, Plan, Table, load_plan
from shared.contracts.vector import Vector, VectorLayout
from shared.keys import sealing, sharing
from shared.keys.sealing import ServerKey

CELLS = 2_000
HOSTS = (50, 100, 200)
_TABLES, _REPEATS = 8, 5


def main() -> int:
    """Measure in turns and print medians; it judges nothing."""
    layout = VectorLayout.of(_plan())
    report: dict[str, object] = {"cells": layout.length}
    seconds: dict[int, float] = {}
    for hosts in HOSTS:
        vectors = _vectors(layout, hosts)
        ours = _median(lambda vectors=vectors: _ours(layout, vectors))  # type: ignore[misc]
        bare = _median(lambda vectors=vectors: _bare(vectors))  # type: ignore[misc]
        seconds[hosts] = ours
        report[f"{hosts}_hosts"] = {
            "ours_ms": round(1_000 * ours, 1),
            "bare_ms": round(1_000 * bare, 1),
            "ours_to_bare": round(ours / bare, 2),
        }
    first, last = HOSTS[0], HOSTS[-1]
    report["growth_to_linear"] = round(seconds[last] / seconds[first] / (last / first), 2)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 0


def _plan() -> Plan:
    """Make a plan whose vector has about 2,000 cells; no real plan is so wide."""
    width = CELLS // 3 // _TABLES
    categories = tuple(Category(code=f"C{number}", label="Invented") for number in range(width))
    tables = tuple(
        Table(
            id=f"T{table}",
            title="Invented",
            source_fact="gender",
            levels=(Level(number=1, title="Invented", categories=categories),),
        )
        for table in range(_TABLES)
    )
    real = load_plan("year-v1")
    return Plan(
        id="bench", version=1, kind=real.kind, announced_on=real.announced_on, applies_from=real.applies_from,
        tables=tables, minimums=Minimums(),
    )  # fmt: skip


def _vectors(layout: VectorLayout, hosts: int) -> list[Vector]:
    rng = np.random.default_rng(1)
    made = []
    for _ in range(hosts):
        people = int(rng.integers(5, 40))
        counts = {}
        for table, categories in layout.level_one.items():
            drawn = rng.multinomial(people, [1 / len(categories)] * len(categories))
            counts[table] = {code: int(n) for code, n in zip(sorted(categories), drawn, strict=True)}
        made.append(layout.build(counts, people))
    return made


def _ours(layout: VectorLayout, vectors: list[Vector]) -> None:
    board, custodian = ServerKey.generate(), ServerKey.generate()
    sent = []
    for number, vector in enumerate(vectors):
        context = sharing.report_context(task_hash="0" * 64, period="2026", host=f"h{number}", report_id=str(number))
        seed = sharing.new_seed()
        share = sharing.to_bytes(sharing.split(vector, seed, context))
        sealed = (
            sealing.seal(board.public_bytes, share, context),
            sealing.seal(custodian.public_bytes, seed, context),
        )
        sent.append((context, *sealed))
    shares, streams = [], []
    for context, to_board, to_custodian in sent:
        shares.append(sharing.from_bytes(board.open_sealed(to_board, context), layout.length))
        streams.append(sharing.expand(custodian.open_sealed(to_custodian, context), context, layout.length))
    for share_a, stream in zip(shares, streams, strict=True):
        if (layout.checks(share_a) + layout.checks(stream)).any():
            raise RuntimeError("a linear check failed; the figure is worth nothing")
    opening = open_cohort(
        layout=layout,
        sum_a=sharing.add_up(shares, layout.length),
        sum_of_expansions=sharing.add_up(streams, layout.length),
        hosts=len(vectors),
        minimums=Minimums(),
    )
    if opening.opened is None:
        raise RuntimeError(f"not opened: {opening.verdict}")


def _bare(vectors: list[Vector]) -> None:
    key = ServerKey.generate()
    opened = []
    for vector in vectors:
        sealed = sealing.seal(key.public_bytes, sharing.to_bytes(vector), b"place")
        opened.append(sharing.from_bytes(key.open_sealed(sealed, b"place"), vector.size))
    np.sum(np.array(opened), axis=0, dtype=np.uint32)


def _median(run: Callable[[], None]) -> float:
    taken = []
    for _ in range(_REPEATS):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    sys.exit(main())
