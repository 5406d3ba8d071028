"""The outsider's rule where it says something: a planted true 6 to 9, which can be shown as 10."""

from collections.abc import Callable

import numpy as np

from services.custodian.gate.intervals import intervals
from services.custodian.gate.posterior import Sight, Total, believe, possible
from services.custodian.gate.release import TOTAL, GateRelease
from services.custodian.gate.world import describe
from shared.codelists.plan import load_plan
from shared.contracts.custodian import ProtectedCell, ProtectedTable

_TABLE, _YES, _NO = "EXPLOITATION_SEXUAL", "YES", "NO"
_OTHERS, _SHOWN, _SHOWN_PEOPLE = 103, 10, 110


def show_planted_seven(say: Callable[[str], None]) -> None:
    """Plant a 6, 7, 8 and 9 beside 103 others, shown as 10 of 110, and print what each attacker is left with."""
    plan = load_plan("year-v1")
    base = plan.minimums.base
    say("A true 1 to 5 is never rounded to 10, so it is never shown: in the tables above the rule judges nothing.")
    cells = (ProtectedCell(category=_YES, value=_SHOWN), ProtectedCell(category=_NO, value=_SHOWN_PEOPLE - _SHOWN))
    table = ProtectedTable(table=_TABLE, status="SHOWN", level=1, cells=cells)
    seen = GateRelease(plan=plan, period="2026", hosts=7, people=_SHOWN_PEOPLE, tables=(table,))
    for true in (6, 7, 8, 9):
        people = true + _OTHERS
        found = intervals(describe([seen]), (), limit=plan.minimums.width, time_limit_s=10.0)
        outsider = next(i for unknown, i in found.items() if unknown.table != TOTAL and unknown.category == _YES)
        sight = Sight(rounded=tuple(cell.value for cell in cells), own=(0, 0))
        low, high = possible(sight, people, base)[0]
        total = Total(people=people, rounded=_SHOWN_PEOPLE, base=base)
        belief = believe({_TABLE: sight}, total, draws=100_000, random=np.random.default_rng(true))[_TABLE].cells[0]
        say(
            f"planted {true}: outsider {outsider.low} to {outsider.high}; exact total known {low} to {high}; "
            f"replay believes {max(belief.values()):.2f} in the likeliest and {belief.get(true, 0.0):.2f} in the true"
        )
