"""One host, or two that tell each other everything, against the rest of each cell.

The gate knows no single host's count. From the opened blocks it knows what one host or two can hold of a
cell at most, and how much the rules of publication then tell them (``allowed``); it plays insiders who know
the most of every cell at once: worse than any real ones, who cannot. Against the tables they know the exact
total too, and are played with the flat prior and with the public shares; against the total itself they know
what was published. Limit: how the tables lean on the total's rounding is not used against the total. Source:
decisions 5 and 8; docs/decisions/0027.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.custodian.gate.allowed import Block, least_known, most_held
from services.custodian.gate.posterior import Sight, possible
from services.custodian.gate.release import TOTAL, Finding, GateInput, Rule
from services.custodian.gate.simulating import Attack, certain_tables, priors
from shared.contracts.custodian import ProtectedTable
from shared.contracts.vector import PEOPLE, Slot


@dataclass(frozen=True, kw_only=True)
class Insiders:
    """What one or two hosts know at most, by table and cell.

    Attributes:
        own: People that they hold.
        least: The smallest count of the cell that the rules allow them to believe in.
        rests: What the others then hold; its secrecy is judged where it is small.
    """

    own: Mapping[str, tuple[int, ...]]
    least: Mapping[str, tuple[int, ...]]
    rests: Mapping[str, tuple[int, ...]]


def attack_as_host(given: GateInput) -> list[Finding]:
    """Play the single insider.

    Raises:
        NoDrawsError: Undecided.
    """
    return _attack(given, 1, Rule.HOST_EXACT, Rule.HOST_POSTERIOR)


def attack_as_pair(given: GateInput) -> list[Finding]:
    """Play two that collude.

    Raises:
        NoDrawsError: Undecided.
    """
    return _attack(given, 2, Rule.PAIR_EXACT, Rule.PAIR_POSTERIOR)


def strongest(given: GateInput, together: int) -> Insiders:
    """Give what ``together`` hosts, one or two, can know at most of each shown cell."""
    minimums = given.candidate.plan.minimums
    own, least, rests = {}, {}, {}
    for table in given.candidate.shown:
        blocks = [_block_of(given, Slot(table.table, table.level, cell.category)) for cell in table.cells]
        held = [most_held(block, together) for block in blocks]
        own[table.table] = tuple(held)
        rests[table.table] = tuple(block.people - most for block, most in zip(blocks, held, strict=True))
        least[table.table] = tuple(
            least_known(
                block,
                together,
                others=given.candidate.hosts - together,
                minimums=minimums,
                floor=max(0, cell.value - minimums.base + 1),
            )
            for block, cell in zip(blocks, table.cells, strict=True)
        )
    return Insiders(own=own, least=least, rests=rests)


def total_beliefs(given: GateInput, together: int) -> dict[int, float]:
    """Give what insiders believe of the release's total: probability by value, from the rules and the rounding."""
    minimums, people = given.candidate.plan.minimums, given.candidate.people or 0
    least = least_known(
        _block_of(given, PEOPLE),
        together,
        others=given.candidate.hosts - together,
        minimums=minimums,
        floor=max(minimums.people, people - minimums.base + 1),
    )
    # Alone, a number is rounded to a multiple of the base with a chance that falls with its distance.
    chances = {value: 1 - abs(value - people) / minimums.base for value in range(least, people + minimums.base)}
    return {value: chance / sum(chances.values()) for value, chance in chances.items()}


def _attack(given: GateInput, together: int, exact: Rule, unsure: Rule) -> list[Finding]:
    insiders = strongest(given, together)
    known = [table for table in given.candidate.shown if _has_exact_rest(table, insiders, given)]
    findings = [Finding(rule=exact, table=t.table, level=t.level, period=given.candidate.period) for t in known]
    findings += _attack_total(given, together, exact, unsure)
    for shares in priors(given):
        # The rest of each cell is what is small here, not the cell.
        attack = Attack(rule=unsure, own=insiders.own, least=insiders.least, judged=insiders.rests, shares=shares)
        findings += certain_tables(given, attack)
    return findings


def _attack_total(given: GateInput, together: int, exact: Rule, unsure: Rule) -> list[Finding]:
    beliefs = total_beliefs(given, together)
    block = _block_of(given, PEOPLE)
    rest = block.people - most_held(block, together)
    if len(beliefs) <= 1:
        return [Finding(rule=exact, table=TOTAL, level=0, period=given.candidate.period)]
    if 1 <= rest <= given.settings.small and max(beliefs.values()) > given.settings.certainty:
        return [Finding(rule=unsure, table=TOTAL, level=0, period=given.candidate.period)]
    return []


def _has_exact_rest(table: ProtectedTable, insiders: Insiders, given: GateInput) -> bool:
    sight = Sight(
        rounded=tuple(cell.value for cell in table.cells),
        own=insiders.own[table.table],
        least=insiders.least[table.table],
    )
    reach = possible(sight, given.opened.people, given.candidate.plan.minimums.base)
    return any(low == high for low, high in reach)


def _block_of(given: GateInput, slot: Slot) -> Block:
    return Block(given.opened.hosts[slot], given.opened.counts[slot], given.opened.squares[slot])
