"""``python -m deploy.bench.proofs``: CPU seconds and bytes of commitments and proofs of one year's report.

Medians of several reports, on one core; what the decision 0018 quotes. It judges nothing but that each step is right.
"""

import json
import secrets
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import numpy as np

from shared.codelists.plan import load_plan
from shared.contracts.vector import VectorLayout
from shared.keys import group, proofs, sharing
from shared.keys.commitments import Blindings, add_blindings, commit_share, is_sum_of, name_of
from shared.keys.sharing import Share

_REPORTS = 9
_PEOPLE = 23

Result = TypeVar("Result")


def main() -> int:
    """Run and print."""
    plan = load_plan("year-v1")
    layout = VectorLayout.of(plan)
    counts = {table.id: {table.levels[0].categories[0].code: _PEOPLE} for table in plan.tables}
    vector = layout.build(counts, _PEOPLE)
    taken: dict[str, list[float]] = {}
    blindings: list[Blindings] = []
    rows: list[tuple[bytes, ...]] = []

    def timed(step: str, run: Callable[[], Result]) -> Result:
        began = time.process_time()
        made = run()
        taken.setdefault(step, []).append(time.process_time() - began)
        return made

    size = 0
    for number in range(_REPORTS):
        context = sharing.report_context(task_hash="0" * 64, period="2026", host=f"h{number}", report_id=str(number))
        seed = sharing.new_seed()
        stream = sharing.expand(seed, context, layout.length)
        blinding = Blindings.of(secrets.token_bytes(sharing.SEED_BYTES), context, layout.length)
        proof = timed("proof", partial(proofs.prove, vector, stream, blinding, layout=layout, context=context))
        proven = timed("check of a proof", partial(proofs.verify, proof, stream, layout=layout, context=context))
        name = timed("hash at the board", partial(_name, vector - stream, blinding, context))
        cells = timed("cells at opening", partial(proofs.cells_of, proof, layout))
        if name != proven.share or cells != proven.cells:
            raise RuntimeError("the two halves do not belong together; the figures are worth nothing")
        size = len(proof)
        blindings.append(blinding)
        rows.append(cells)
    total = np.multiply(vector, np.uint32(_REPORTS))
    added, opened = group.add_rows(rows, layout.length), add_blindings(blindings, layout.length)
    if not timed("check of the sum", partial(is_sum_of, total, opened, added)):
        raise RuntimeError("the sum does not open; the figures are worth nothing")
    figures = {step: round(statistics.median(seconds), 4) for step, seconds in taken.items()}
    sys.stdout.write(json.dumps({"cells": layout.length, "bytes": size, "cpu_seconds": figures}, indent=1) + "\n")
    return 0


def _name(share: Share, blindings: Blindings, context: bytes) -> str:
    return name_of(commit_share(share, blindings), context)


if __name__ == "__main__":
    sys.exit(main())
