"""The ledger checker: what was acknowledged is what stands, once each, audited, and in nobody else's store.

It is itself tested with a planted loss, duplicate and leak (``test_ledger.py``).
"""

from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Findings:
    """What is wrong; all empty when nothing is."""

    lost: set = field(default_factory=set)
    unasked: set = field(default_factory=set)
    twice: set = field(default_factory=set)
    unaudited: set = field(default_factory=set)
    leaked: set = field(default_factory=set)
    stuck: int = 0

    def __bool__(self):  # noqa: D105  Findings are true when there are any.
        return bool(self.lost or self.unasked or self.twice or self.unaudited or self.leaked or self.stuck)


def check(*, acknowledged, effects, audited, stuck=0, foreign=()):
    """Compare.

    Args:
        acknowledged: Ids of commands that were answered.
        effects: Ids of effects, with repeats.
        audited: Ids that the outbox's audit intents name.
        stuck: Rows or messages that should have moved and did not.
        foreign: Everything another tenant's stores hold, as text.
    """
    effects = list(effects)
    wanted, found = set(acknowledged), set(effects)
    return Findings(
        lost=wanted - found,
        unasked=found - wanted,
        twice={e for e in found if effects.count(e) > 1} if len(effects) != len(found) else set(),
        unaudited=wanted - set(audited),
        leaked={i for i in wanted if any(i in text for text in foreign)},
        stuck=stuck,
    )
