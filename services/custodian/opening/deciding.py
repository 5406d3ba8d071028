"""Makes of an opened sum a release that passed the gate: protect, attack, go coarser, again.

The only place that knows protector and gate. Each turn takes at least one shown table one level coarser, so
it ends; what leaves has passed as it stands. Whatever goes wrong, nothing is published: the figures are
gone after this, so a release may be lost but never one that was not examined.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.custodian.gate.examine import Progress, examine
from services.custodian.gate.release import Finding, GateInput, GateRelease, GateReport, GateSettings, PublicTable
from services.custodian.protection.rules import ProtectedRelease, protect, withheld
from shared.codelists.plan import Plan
from shared.contracts.vector import Opened
from shared.telemetry.logs import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What may leave, and why it is not finer.

    Attributes:
        findings: Of every turn before the last, in order.
        report: The gate's on ``release``; None where it failed and nothing is published.
    """

    release: ProtectedRelease
    findings: tuple[Finding, ...]
    report: GateReport | None


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a release is decided by, beside its figures."""

    plan: Plan
    period: str
    covers: tuple[str, ...]
    hosts: int
    history: tuple[GateRelease, ...] = ()
    public: tuple[PublicTable, ...] = ()
    settings: GateSettings = field(default_factory=GateSettings)


def decide(opened: Opened, setting: Setting, *, coin_key: bytes, progress: Progress = lambda _: None) -> Decided:
    """Decide what may leave; the same bytes in give the same release.

    Args:
        opened: The cohort's sums.
        setting: Plan, period and everything published before.
        coin_key: 32 bytes of the task.
        progress: Told the gate's steps.

    Never raises: an error publishes nothing and is logged by its class alone.
    """
    try:
        return _decide(opened, setting, coin_key, progress)
    except Exception as error:  # noqa: BLE001  Fail closed: an error in a check is no pass.
        log.error("the gate failed and nothing is published", error_class=type(error).__name__)  # noqa: TRY400  A trace may quote figures.
        return Decided(release=_nothing(setting), findings=(), report=None)


def as_seen(release: ProtectedRelease, setting: Setting) -> GateRelease:
    """Give a protected release as the world sees it."""
    return GateRelease(
        plan=setting.plan,
        period=setting.period,
        covers=setting.covers,
        hosts=release.hosts,
        people=release.people,
        tables=release.tables,
    )


def _decide(opened: Opened, setting: Setting, coin_key: bytes, progress: Progress) -> Decided:
    finest: dict[str, int] = {}
    findings: list[Finding] = []
    while True:
        release = protect(
            opened,
            plan=setting.plan,
            hosts=setting.hosts,
            coin_key=coin_key,
            period=setting.period,
            finest=finest,
        )
        report = examine(
            GateInput(
                candidate=as_seen(release, setting),
                opened=opened,
                history=setting.history,
                public=setting.public,
                settings=setting.settings,
            ),
            progress,
        )
        if report.passed:
            return Decided(release=release, findings=tuple(findings), report=report)
        findings += report.findings
        coarser = _one_coarser(release.levels, report)
        if not coarser:
            # No table that is shown does the harm, so the total does, and no table stands without it.
            return Decided(release=_nothing(setting), findings=tuple(findings), report=None)
        finest.update(coarser)


def _one_coarser(levels: Mapping[str, int], report: GateReport) -> dict[str, int]:
    return {table: level + 1 for table, level in levels.items() if table in report.named()}


def _nothing(setting: Setting) -> ProtectedRelease:
    return withheld(setting.plan, hosts=setting.hosts, period=setting.period)
