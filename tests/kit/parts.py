"""Parts of the suite, each quick enough to run while one works: ``make test PART=case``.

A service's part holds its unit and integration tests, its pages and the attacks on it, and stands here only. What
plays several services together (``e2e``, the whole statistics path, images, clusters) belongs to the part ``whole``,
which takes longer. ``python -m tests.kit.parts case`` prints the part's paths; exit code 2 says which parts there are.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS: dict[str, tuple[str, ...]] = {
    "audit": ("tests/unit/audit", "tests/integration/audit"),
    "board": ("tests/unit/board", "tests/integration/board", "tests/browser/test_board_page.py"),
    "case": ("tests/unit/case", "tests/integration/case", "tests/integration/stories"),
    "consent": ("tests/unit/consent", "tests/integration/consent", "tests/attacks/test_attacks_on_consent.py"),
    "custodian": (
        "tests/unit/custodian", "tests/unit/statistics/test_opening.py", "tests/unit/statistics/test_plausibility.py",
        "tests/unit/statistics/test_protection.py", "tests/unit/statistics/test_rounding.py",
        "tests/attacks/test_attackers_are_independent.py", "tests/attacks/test_attacks_by_replaying_the_gate.py",
        "tests/attacks/test_attacks_by_rule_aware_insiders.py",
    ),
    "identity": ("tests/unit/identity", "tests/integration/identity"),
    "integrations": ("tests/unit/integrations", "tests/integration/integrations", "tests/integration/sandbox"),
    "reporting": (
        "tests/unit/reporting", "tests/unit/statistics/test_sealing.py", "tests/integration/reporting",
        "tests/browser/test_host_page.py",
    ),
    # What services stand on, and what stands on them.
    "bus": ("tests/kernel/test_topology.py", "tests/kernel/test_consumer.py", "tests/unit/shared/bus"),
    "client": ("tests/unit/client",),
    "codelists": ("tests/unit/statistics", "tests/oracle"),
    "contracts": ("tests/contracts", "tests/attacks/test_attacks_on_contracts.py"),
    "deploy": ("tests/unit/deploy", "tests/integration/leaving"),
    "docs": ("tests/docs", "tests/architecture"),
    "engines": ("tests/engines",),
    "keys": ("tests/unit/shared/keys", "tests/integration/keys", "tests/integration/shared/test_survivor_keys.py"),
    "outbox": ("tests/kernel", "tests/unit/shared/test_documents.py", "tests/unit/shared/test_streams.py"),
    "runtime": ("tests/unit/services", "tests/integration/operator", "tests/integration/telemetry"),
    "transparency": ("tests/unit/shared/transparency",),
    "telemetry": ("tests/unit/shared/telemetry",),
    "web": ("tests/unit/shared/web", "tests/integration/shared", "tests/integration/pages", "tests/integration/test_every_route.py"),
    "whole": (
        "tests/attacks", "tests/e2e", "tests/images", "tests/integration/keeping", "tests/integration/statistics",
        "tests/isolation", "tests/k8s",
    ),
}  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Print the paths of one part."""
    if len(arguments) != 1 or arguments[0] not in PARTS:
        named = ", ".join(repr(argument) for argument in arguments) or "none"
        sys.stderr.write(f"There is no such part: {named}. There are: {', '.join(sorted(PARTS))}.\n")
        return 2
    sys.stdout.write(" ".join(PARTS[arguments[0]]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
