"""What an operator says of a tenant and of a stack."""

from dataclasses import dataclass, field

from shared.bus.topology import RetryLadder
from shared.kernel.tenancy import TenantId


@dataclass(frozen=True, kw_only=True)
class Timings:
    """How fast a stack runs its clocks; tests and demos shorten them.

    Attributes:
        mark_settle_s: A mark lies this far behind real time; the production figure is 15.
        mark_every_s: Seconds between marks.
        retry_delays_ms: Waits of the retry ladder.
    """

    mark_settle_s: float = 15.0
    mark_every_s: float = 60.0
    poll_s: float = 1.0
    job_every_s: float = 5.0
    retry_delays_ms: tuple[int, ...] = field(default_factory=lambda: RetryLadder().delays_ms)


@dataclass(frozen=True, kw_only=True)
class TenantSpec:
    """What the operator says of a tenant.

    Attributes:
        number: Fixes the API's port on one machine.
    """

    id: TenantId
    name: str
    nation: str
    setting: str
    number: int
