"""What idle hosts may cost set against what was found.

Shown by ``tests/unit/deploy/test_idle_goals.py``.
"""

from collections.abc import Mapping
from typing import Any


def goals(found: Mapping[str, Any]) -> dict[str, str]:
    """Say of each goal what was found and whether that keeps it; those of the whole hold for 23 hosts and fewer."""
    pss, cpu = found["pss_mb"], found["cpu_percent_a_tenant"]
    whole_gb = (pss["python"] + pss["mongod"] + pss["broker"]) / 1024
    wanted = {
        "PSS of a host, MB": (pss["a_host"], 150),
        "Python of a tenant, % of a core": (cpu["python"], 0.5),
        "mongod of a tenant, % of a core": (cpu["mongod"], 0.5),
        "the whole, GB": (round(whole_gb, 2), 5),
        "the whole, % of a core": (found["cpu_percent_whole"], 25),
        "tenant add, s": (found["seconds"]["tenant_add"], 3),
    }
    return {
        name: f"{value}, goal {most} or less: {'kept' if value <= most else 'NOT KEPT'}"
        for name, (value, most) in wanted.items()
    }
