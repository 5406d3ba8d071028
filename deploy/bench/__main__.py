"""``python -m deploy.bench``: events a second and CPU microseconds an event of three designs, in turns.

All run in one process on its own engines, so the ratios hold for this machine at this moment; medians of
the interleaved repeats are what to quote. It judges nothing.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from deploy.bench.designs import bare, obvious, ours
from deploy.bench.refusals import refusals
from deploy.bench.rig import BenchRig, engines_at, run_with, wait_for
from deploy.engines.pair import EnginePair

_PORT_BASE = 26_900
_REPEATS = 3
_DESIGNS: dict[str, tuple[Callable[..., Any], int]] = {
    "obvious": (obvious, 300),
    "bare": (bare, 6_000),
    "ours": (ours, 6_000),
}
_SLOW_RATE = 50


def main() -> int:
    """Run and print."""
    with engines_at(_PORT_BASE) as engines:
        found = {name: [_sustained(engines, *spec)] for name, spec in _DESIGNS.items()}
        for _ in range(_REPEATS - 1):
            for name, spec in _DESIGNS.items():
                found[name].append(_sustained(engines, *spec))
        refused = refusals(engines)
        latency = {name: _latency(engines, _DESIGNS[name][0]) for name in ("obvious", "ours")}
    report: dict[str, Any] = {name: _median(runs) for name, runs in found.items()}
    rate = {name: report[name]["events_per_s"] for name in report}
    report["ratios"] = {
        "ours_to_obvious": round(rate["ours"] / rate["obvious"], 2),
        "ours_to_bare": round(rate["ours"] / rate["bare"], 2),
        "p50_ours_to_obvious_at_50_per_s": round(latency["ours"]["p50_ms"] / latency["obvious"]["p50_ms"], 2),
    }
    report["latency_at_50_per_s"] = latency
    report["refusals"] = refused
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 0


def _sustained(engines: EnginePair, build: Callable[..., Any], events: int) -> dict[str, float]:
    rig = BenchRig(engines)
    try:
        parts, submit = build(rig)
        result: dict[str, float] = {}

        def work() -> None:
            before, began = rig.cost(), time.perf_counter()
            submit(events)
            wait_for(rig, events)
            result["events_per_s"] = events / (time.perf_counter() - began)
            result.update(rig.cost().since(before, events))

        run_with(parts, work)
        return result
    finally:
        rig.close()


def _latency(engines: EnginePair, build: Callable[..., Any], *, events: int = 250) -> dict[str, float]:
    """Offer 50 events a second one by one and wait for each effect's own turn."""
    rig = BenchRig(engines)
    try:
        parts, submit = build(rig)
        taken: list[float] = []

        def work() -> None:
            for number in range(events):
                began = time.perf_counter()
                submit(1)
                while rig.projected() < number + 1:
                    time.sleep(0.0005)
                spent = time.perf_counter() - began
                taken.append(spent * 1000)
                time.sleep(max(0.0, 1 / _SLOW_RATE - spent))

        run_with(parts, work)
        ordered = sorted(taken)
        return {"p50_ms": round(statistics.median(ordered), 1), "p99_ms": round(ordered[int(events * 0.99) - 1], 1)}
    finally:
        rig.close()


def _median(runs: list[dict[str, float]]) -> dict[str, float]:
    return {key: round(statistics.median(run[key] for run in runs), 1) for key in runs[0]}


if __name__ == "__main__":
    sys.exit(main())
