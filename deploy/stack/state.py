"""What a stack is made of, in one small file: its tenants, its timings, and whether it is a demo."""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from deploy.engines.layout import Layout
from deploy.engines.secret_files import write_private
from deploy.provision.spec import TenantSpec, Timings
from shared.kernel.tenancy import TenantId


@dataclass(frozen=True, kw_only=True)
class StackState:
    """The operator's own record of a stack.

    Attributes:
        suspended: Tenants whose processes do not run.
    """

    demo: bool = False
    timings: Timings = field(default_factory=Timings)
    tenants: tuple[TenantSpec, ...] = ()
    suspended: tuple[str, ...] = ()

    @classmethod
    def load(cls, layout: Layout) -> "StackState":
        """Read the record; an empty one where there is none."""
        file = _file(layout)
        if not file.exists():
            return cls()
        content = json.loads(file.read_text(encoding="utf-8"))
        timings = {**content["timings"], "retry_delays_ms": tuple(content["timings"]["retry_delays_ms"])}
        tenants = tuple(TenantSpec(**{**t, "id": TenantId(t["id"])}) for t in content["tenants"])
        return cls(
            demo=content["demo"],
            timings=Timings(**timings),
            tenants=tenants,
            suspended=tuple(content["suspended"]),
        )

    def save(self, layout: Layout) -> None:
        """Write the record."""
        layout.make_dirs()
        write_private(_file(layout), json.dumps(asdict(self), indent=1))

    def with_tenant(self, spec: TenantSpec) -> "StackState":
        """Add a tenant, or rename a known one; its number stays."""
        others = tuple(t for t in self.tenants if t.id != spec.id)
        return replace(self, tenants=tuple(sorted((*others, spec), key=lambda t: t.number)))

    def find(self, tenant: str) -> TenantSpec | None:
        """Give a tenant, or None."""
        return next((t for t in self.tenants if t.id == tenant), None)

    def next_number(self) -> int:
        """Give a number that no tenant has."""
        return max((t.number for t in self.tenants), default=-1) + 1


def _file(layout: Layout) -> Path:
    return layout.home / "stack.json"
