"""The gate itself: every attack in turn, and one report."""

from collections.abc import Callable

from services.custodian.gate.form import check_form, check_minimums
from services.custodian.gate.insiders import attack_as_host, attack_as_pair
from services.custodian.gate.intervals import ContradictionError, SolverLimitError
from services.custodian.gate.outsider import OverHistory, attack_history, attack_release
from services.custodian.gate.posterior import NoDrawsError
from services.custodian.gate.release import TOTAL, Finding, GateInput, GateReport, Rule
from services.custodian.gate.simulating import attack_by_replay

Progress = Callable[[str], None]

_STEPS: tuple[tuple[str, Callable[[GateInput], list[Finding]]], ...] = (
    ("minimums", check_minimums),
    ("outsider", attack_release),
    ("one-host", attack_as_host),
    ("two-hosts", attack_as_pair),
    ("replay", attack_by_replay),
)


def examine(given: GateInput, progress: Progress = lambda _: None) -> GateReport:
    """Attack a release before it leaves.

    Args:
        given: The release, the opened blocks, all earlier releases, public tables.
        progress: Told the name of each step as it begins.

    What is not decided, by a solver's limit or for want of draws, is a finding about the total: it fails
    closed. A release of nothing passes, since it says nothing.
    """
    if given.candidate.people is None and not given.candidate.shown:
        return GateReport(findings=(), exact_recoveries=0, least_width=None)
    progress("form")
    findings = check_form(given)
    if findings:
        return GateReport(findings=tuple(sorted(findings)), exact_recoveries=0, least_width=None)
    for name, attack in _STEPS:
        progress(name)
        try:
            findings += attack(given)
        except (NoDrawsError, SolverLimitError):
            findings.append(_undecided(given))
    progress("history")
    try:
        over = attack_history(given)
    except (ContradictionError, SolverLimitError):
        over = OverHistory([_undecided(given)], 0, None)
    return GateReport(
        findings=tuple(sorted({*findings, *over.findings})),
        exact_recoveries=over.exact_recoveries,
        least_width=over.least_width,
    )


def _undecided(given: GateInput) -> Finding:
    return Finding(rule=Rule.UNDECIDED, table=TOTAL, level=0, period=given.candidate.period)
