"""Plays every attack against a candidate and says which tables must be coarser."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from services.custodian.gate.insiders import PAIR, SINGLE, holdings
from services.custodian.gate.model import (
    PEOPLE,
    Candidate,
    Finding,
    Limits,
    Progress,
    PublicCount,
    ShownRelease,
    Verdict,
)
from services.custodian.gate.outsider import Interval, intervals
from services.custodian.gate.simulation import Prior, posteriors

WIDTH, EXACT, NARROW = "OUTSIDER_WIDTH", "HISTORY_EXACT", "HISTORY_WIDTH"
SIMULATED = "SIMULATED_POSTERIOR"
_INSIDER = {SINGLE: "INSIDER", PAIR: "PAIR"}
_SEED = 20_261_123


def examine(
    candidate: Candidate,
    *,
    history: Sequence[ShownRelease] = (),
    public: Iterable[PublicCount] = (),
    limits: Limits | None = None,
    progress: Progress = lambda _line: None,
) -> Verdict:
    """Attack a release before it leaves.

    Args:
        candidate: The release with the truth behind it.
        history: Every release that left before.
        public: Published counts of a wider population.

    Raises:
        GateStuckError: An attack was not played to its end; nothing may be published.
    """
    limits = limits or Limits()
    bounds = list(public)
    findings = set(_alone(candidate, limits, progress))
    over_time = intervals([*history, candidate.release], public=bounds, limits=limits, progress=progress)
    before = intervals(history, public=bounds, limits=limits, progress=progress) if history else []
    findings |= set(_over_history(candidate, over_time, before, limits))
    certain, highest = _certain(candidate, bounds, limits, progress)
    findings |= set(certain)
    return Verdict(
        findings=tuple(sorted(findings)),
        exact=sum(one.width == 0 for one in over_time),
        least_width=min((one.width for one in over_time), default=None),
        highest_posterior=highest,
    )


def _alone(candidate: Candidate, limits: Limits, progress: Progress) -> Iterator[Finding]:
    for one in intervals([candidate.release], limits=limits, progress=progress):
        if one.width < limits.width:
            yield Finding(rule=WIDTH, table=one.table, harmed=one.period)


def _over_history(
    candidate: Candidate, over_time: Sequence[Interval], before: Sequence[Interval], limits: Limits
) -> Iterator[Finding]:
    """Blame the candidate for what is narrow now, and for an old cell that it makes narrower than the limit."""
    own = candidate.release.period
    shown = {table.id for table in candidate.release.tables}
    earlier = {(one.period, one.table, one.category): one.width for one in before}
    for one in over_time:
        too_narrow = one.width < limits.history_width
        if not too_narrow or (one.period != own and earlier[one.period, one.table, one.category] <= one.width):
            # What was narrow before this release is not mended by it.
            continue
        rule = EXACT if one.width == 0 else NARROW
        yield Finding(rule=rule, table=one.table if one.table in shown else PEOPLE, harmed=one.period)


def _certain(
    candidate: Candidate, public: Sequence[PublicCount], limits: Limits, progress: Progress
) -> tuple[set[Finding], float | None]:
    """Play the simulating outsider, host and pair, under each prior."""
    release = candidate.release
    findings: set[Finding] = set()
    highest: float | None = None
    players: list[tuple[str, Mapping[tuple[str, str], int]]] = [(SIMULATED, {})]
    players += [(_INSIDER[number], holdings(candidate, insiders=number)) for number in (SINGLE, PAIR)]
    for prior in _priors(release, public):
        for rule, own in players:
            progress(f"{rule.lower()} with a {prior.name} prior")
            beliefs = posteriors(release, people=candidate.people, own=own, prior=prior, limits=limits, seed=_SEED)
            for place, belief in beliefs.items():
                count = candidate.truth[place].count
                rest = count - own.get(place, 0)
                if rule != SIMULATED and len(belief) == 1:
                    findings.add(Finding(rule=f"{rule}_EXACT", table=place[0], harmed=release.period))
                if not 1 <= rest <= limits.small:
                    continue
                certainty = belief.get(count, 0.0)
                highest = max(highest or 0.0, certainty)
                if certainty > limits.posterior:
                    name = rule if rule == SIMULATED else f"{rule}_POSTERIOR"
                    findings.add(Finding(rule=name, table=place[0], harmed=release.period))
    return findings, highest


def _priors(release: ShownRelease, public: Sequence[PublicCount]) -> Iterator[Prior]:
    yield Prior(name="flat")
    totals: dict[str, dict[str, float]] = {}
    for count in public:
        of_table = totals.setdefault(count.table, {})
        of_table[count.category] = of_table.get(count.category, 0.0) + count.count
    shares: dict[str, dict[str, float]] = {}
    for table in release.tables:
        known = totals.get(table.id, {})
        whole = sum(known.values())
        if whole > 0.0:
            shares[table.id] = {
                cell.category: sum(known.get(part, 0.0) for part in cell.parts) / whole for cell in table.cells
            }
    if shares:
        yield Prior(name="public", shares=shares)
