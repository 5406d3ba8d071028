"""What an advocacy plan is at one moment: open goals and steps, and the needs and risks that stand.

Promise: what is carried out of a plan changes nothing of it; what is added, written anew, dropped or no longer wanted
does. Pure. Shown by tests/unit/case/test_approval_rules.py. Source: ADR 0068.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

GOAL, STEP, NEED, RISK = "GOAL", "STEP", "NEED", "RISK"
PARTS = (GOAL, STEP, NEED, RISK)
MOST_PARTS = 300
"""Parts of one plan; as many goals, steps, needs and risks of one person are never open."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing of a plan, exactly as it stands.

    Attributes:
        part: Which kind of thing.
        id: Its own; of a need or a risk its code, since weighing it anew is the same need.
        says: What it says, as text by field.
    """

    part: str
    id: str
    says: Mapping[str, str]

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same thing at another moment."""
        return self.part, self.id


@dataclass(frozen=True, kw_only=True)
class Changes:
    """How a plan differs from what was asked for.

    Attributes:
        added: How many parts there are now that were not there.
        rewritten: How many say something else.
        gone: How many are there no more, and were not carried out.
    """

    added: int = 0
    rewritten: int = 0
    gone: int = 0

    @property
    def any(self) -> bool:
        """Whether it is another plan."""
        return bool(self.added or self.rewritten or self.gone)


def changes(asked: Sequence[Part], now: Sequence[Part], carried_out: Collection[tuple[str, str]]) -> Changes:
    """Compare a plan with what was asked for.

    Args:
        asked: What was asked for.
        now: What stands.
        carried_out: Keys of goals that were reached and steps that were done.
    """
    before, after = {one.key: one.says for one in asked}, {one.key: one.says for one in now}
    return Changes(
        added=sum(key not in before for key in after),
        rewritten=sum(key in before and dict(before[key]) != dict(says) for key, says in after.items()),
        gone=sum(key not in after and key not in carried_out for key in before),
    )
