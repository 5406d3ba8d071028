"""Episodes as consent states them, for tests of counting: everything is given in days from a seal."""

from datetime import timedelta

from services.reporting.contributions.rules import RELEASED, Contribution, Facts, Version
from services.reporting.periods.task import Task
from shared.codelists.periods import Period
from shared.codelists.plan import load_plan

QUARTER_PLAN, YEAR_PLAN = load_plan("quarter-v1"), load_plan("year-v1")
SEAL = Period.parse("2026-Q3").seal_at()


def task(period, *earlier):
    """The task of a period, after earlier ones that it covers too."""
    parsed = Period.parse(period)
    plan = YEAR_PLAN if parsed.kind == "YEAR" else QUARTER_PLAN
    return Task(
        id=f"task-{period}", period=period, covers=(*earlier, period), plan_id=plan.id, plan_hash=plan.hash(),
        nation="ENGLAND", setting="OTHER", seal_at=parsed.seal_at(), closes_at=parsed.closes_at(), board_key=b"",
        custodian_key=b"",
    )  # fmt: skip


def plan_of(one):
    return YEAR_PLAN if one.kind == "YEAR" else QUARTER_PLAN


def version(month="2026-08", *, recorded=-20, decided=None, seq=1, reason=None, effective=-40, until=None, **facts):
    """A state recorded so many days from the third quarter's seal; withheld where it has a reason."""
    values = {
        "month": month, "gender": "FEMALE", "exploitation_types": ("LABOUR",), "region": "ASIA",
        "transfer_in": False, "excluded": False,
    }  # fmt: skip
    latest = recorded if decided is None else max(recorded, decided)
    return Version(
        state=RELEASED if reason is None else "WITHHELD",
        quarter=str(Period.of_month(month)),
        facts=Facts(**{**values, **facts}) if reason is None else None,
        reason=reason,
        effective_from=SEAL + timedelta(days=effective),
        until=None if until is None else SEAL + timedelta(days=until),
        recorded_at=SEAL + timedelta(days=latest),
        facts_recorded_at=SEAL + timedelta(days=recorded),
        sequence=seq,
    )


def episode(*versions, number=1, person="p1"):
    return Contribution(id=f"c{number}", person_id=person, versions=versions)
