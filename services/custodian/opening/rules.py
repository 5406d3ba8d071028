"""Decides who is in a cohort and whether its one sum may be opened and used.

Pure: that it happens once for each task is enforced where cohort and verdict are stored. Where the task's policy asks
for proofs, a report that could make an impossible sum is never in a cohort, and a sum that is not of the cohort's very
shares is not opened. Limit: a vector that is false but could be true makes such a sum, and nobody can see that.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from services.custodian.opening.plausibility import fits_together
from shared.codelists.plan import Minimums
from shared.contracts.vector import MAX_CELL, MAX_HOSTS, Opened, Slot, Vector, VectorLayout
from shared.kernel.errors import RuleViolationError
from shared.keys.commitments import is_sum_of
from shared.keys.sharing import combine

_MODULUS = 2**32


class Verdict(StrEnum):
    """What came of a cohort; only the custodian's own record holds it, the board hears one fixed refusal."""

    OPENED = "OPENED"
    TOO_FEW_HOSTS = "TOO_FEW_HOSTS"
    TOO_FEW_PEOPLE = "TOO_FEW_PEOPLE"
    IMPOSSIBLE_SUM = "IMPOSSIBLE_SUM"
    UNBOUND_SUM = "UNBOUND_SUM"


class TooManyHostsError(RuleViolationError):
    """A cohort so large that the squares of its counts could wrap around."""

    code = "too-many-hosts"

    def __init__(self, hosts: int) -> None:
        """Keep the number of hosts."""
        super().__init__(f"A task takes at most {MAX_HOSTS} hosts, not {hosts}; give larger rosters a task a group.")
        self.hosts = hosts


@dataclass(frozen=True, kw_only=True)
class HeldSeed:
    """What the custodian holds of one report: who sent it, and the linear checks of its stream.

    Attributes:
        share: Name of the commitments to share A, from the host's proof; None where the task asks for none.
    """

    host: str
    checks: tuple[int, ...]
    share: str | None = None


@dataclass(frozen=True, kw_only=True)
class Binding:
    """What a sum must open, cell by cell.

    Attributes:
        blindings: The board's sums of the cohort's blindings.
        commitments: The cohort's commitments, added up by the custodian.
    """

    blindings: tuple[int, ...] = field(repr=False)
    commitments: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True)
class Opening:
    """The result of one opening; ``opened`` is None unless the verdict is ``OPENED``."""

    verdict: Verdict
    opened: Opened | None


def agree_cohort(
    *,
    board: Mapping[str, Sequence[int]],
    custodian: Mapping[str, HeldSeed],
    roster: Sequence[str],
    check_count: int,
    shares: Mapping[str, str | None] | None = None,
) -> tuple[str, ...]:
    """Give the report ids, sorted, that both servers hold, whose linear checks are all 0 and whose halves fit.

    Args:
        board: By report id, the checks of share A as the board computed them.
        custodian: By report id, what the custodian holds.
        roster: Host ids of the task; others are left out.
        check_count: Of the plan's layout; a report with more or fewer is left out.
        shares: By report id, the board's name of the commitments to share A; it must be the host's.

    A host of which both hold two reports is left out whole: a resend carries the same id and bytes, so
    two reports are no resend, and either choice would let someone draw twice.
    """
    passed = [
        report_id
        for report_id, held in custodian.items()
        if report_id in board
        and held.host in roster
        and _adds_to_zero(board[report_id], held.checks, check_count)
        and (shares or {}).get(report_id) == held.share
    ]
    reports = Counter(custodian[report_id].host for report_id in set(board) & set(custodian))
    return tuple(sorted(report_id for report_id in passed if reports[custodian[report_id].host] == 1))


def may_open(hosts: int, minimums: Minimums) -> bool:
    """Whether a cohort has enough hosts for its sum to be asked for.

    Raises:
        TooManyHostsError: More than ``MAX_HOSTS``.
    """
    if hosts > MAX_HOSTS:
        raise TooManyHostsError(hosts)
    return hosts >= minimums.hosts


def open_cohort(
    *,
    layout: VectorLayout,
    sum_a: Vector,
    sum_of_expansions: Vector,
    hosts: int,
    minimums: Minimums,
    binding: Binding | None = None,
) -> Opening:
    """Open the one sum of an agreed cohort.

    Args:
        layout: Of the task's plan.
        sum_a: The board's sum over exactly the cohort.
        sum_of_expansions: The custodian's, over exactly the cohort.
        hosts: Reports in the cohort.
        minimums: The plan's.
        binding: What the sum must open; None only in a task whose policy asks for no commitments.

    Raises:
        TooManyHostsError: More than ``MAX_HOSTS``.
        WrongLengthError: The board's sum is of another plan.
    """
    if not may_open(hosts, minimums):
        return Opening(verdict=Verdict.TOO_FEW_HOSTS, opened=None)
    layout.refuse_length(sum_a)
    sums = combine(sum_a, sum_of_expansions)
    if binding is not None and not is_sum_of(sums, binding.blindings, binding.commitments):
        return Opening(verdict=Verdict.UNBOUND_SUM, opened=None)
    opened = layout.read(sums)
    if not _is_possible(opened, layout, hosts):
        return Opening(verdict=Verdict.IMPOSSIBLE_SUM, opened=None)
    if opened.people < minimums.people:
        return Opening(verdict=Verdict.TOO_FEW_PEOPLE, opened=None)
    return Opening(verdict=Verdict.OPENED, opened=opened)


def _adds_to_zero(ours: Sequence[int], theirs: Sequence[int], check_count: int) -> bool:
    if not len(ours) == len(theirs) == check_count:
        return False
    return all((one + other) % _MODULUS == 0 for one, other in zip(ours, theirs, strict=True))


def _is_possible(opened: Opened, layout: VectorLayout, hosts: int) -> bool:
    """Whether some honest hosts could have sent this sum: single cells first, then the cells together."""
    return all(_cell_is_possible(opened, slot, hosts) for slot in layout.slots) and fits_together(opened, layout)


def _cell_is_possible(opened: Opened, slot: Slot, hosts: int) -> bool:
    count, sent, squares = opened.counts[slot], opened.hosts[slot], opened.squares[slot]
    return (
        sent <= min(hosts, count)
        and count <= sent * MAX_CELL
        # Of n whole numbers above 0 with sum s, the squares add up to s*s/n at least and, with all but
        # one of them 1, to (s-n+1)**2 + n-1 at most; a square is as odd or even as its number.
        and count * count <= sent * squares
        and squares <= (count - sent + 1) ** 2 + sent - 1
        and squares % 2 == count % 2
    )
