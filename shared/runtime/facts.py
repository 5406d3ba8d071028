"""What can be wrong with the running of a tenant's services, and from which figure on: one list for everybody.

The operator's page, ``/readyz``, ``alongside doctor`` and the alerts all judge by ``RULES``, of figures that
``shared.runtime.looking`` takes; so what one of them calls wrong the others do too, and silence for two minutes is
never "up to date". Shown by tests/integration/operator/test_same_facts.py. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.outbox.machinery import SKEW_LIMIT_S
from shared.runtime.silence import OLD_ROW_S, SILENT_S

CERTIFICATE_SOON_S = 14 * 86_400.0
FAILED_SHOWN_S = 86_400.0
"""What failed for good is told for a day; by then somebody has read it, and its own page goes on telling it."""


class Fact(StrEnum):
    """One thing that may be wrong; the value is its code in ``alongside.facts.wrong``."""

    DATABASE_AWAY = "database-away"
    BROKER_AWAY = "broker-away"
    QUEUE_MISSING = "queue-missing"
    CLOCK_WRONG = "clock-wrong"
    WORKER_SILENT = "worker-silent"
    PART_DOWN = "part-down"
    OUTBOX_OLD = "outbox-old"
    MARK_OLD = "mark-old"
    PARKED = "parked"
    UNROUTED = "unrouted"
    CERTIFICATE_ENDING = "certificate-ending"
    FAILED = "failed"
    OVERDUE = "overdue"
    UPGRADE_PENDING = "upgrade-pending"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """From which figure on a fact is wrong.

    Attributes:
        limit: More than this is wrong; where ``below`` is set, less than this.
        unit: Of the figure: seconds, or how many.
    """

    limit: float
    unit: str
    below: bool = False


RULES: Mapping[Fact, Rule] = {
    Fact.DATABASE_AWAY: Rule(limit=0, unit="databases"),
    Fact.BROKER_AWAY: Rule(limit=0, unit="brokers"),
    Fact.QUEUE_MISSING: Rule(limit=0, unit="brokers"),
    Fact.CLOCK_WRONG: Rule(limit=SKEW_LIMIT_S, unit="s"),
    Fact.WORKER_SILENT: Rule(limit=SILENT_S, unit="s"),
    Fact.PART_DOWN: Rule(limit=0, unit="parts"),
    Fact.OUTBOX_OLD: Rule(limit=OLD_ROW_S, unit="s"),
    Fact.MARK_OLD: Rule(limit=SILENT_S, unit="s"),
    Fact.PARKED: Rule(limit=0, unit="messages"),
    Fact.UNROUTED: Rule(limit=0, unit="messages"),
    Fact.CERTIFICATE_ENDING: Rule(limit=CERTIFICATE_SOON_S, unit="s", below=True),
    Fact.FAILED: Rule(limit=0, unit="things"),
    Fact.OVERDUE: Rule(limit=0, unit="things"),
    Fact.UPGRADE_PENDING: Rule(limit=0, unit="steps"),
}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One figure that somebody took.

    Attributes:
        value: In the unit of the fact's rule.
        service: Whose; None for the message broker and the machine's clock.
        about: Which of several: a route, a source, a certificate, names of parts, or a collection.
        depth: How many wait, where the value is the age of the oldest.
    """

    fact: Fact
    value: float
    service: str | None = None
    about: str = ""
    depth: int = 0

    @property
    def is_wrong(self) -> bool:
        """Whether somebody must look after it."""
        return is_wrong(self.fact, self.value)


def is_wrong(fact: Fact, value: float) -> bool:
    """Whether a figure of a fact is wrong."""
    rule = RULES[fact]
    return value < rule.limit if rule.below else value > rule.limit


def wrong_by_fact(seen: Iterable[Seen]) -> dict[Fact, int]:
    """Count the wrong figures of each fact; 0 for a fact of which nothing is wrong."""
    counted = Counter(one.fact for one in seen if one.is_wrong)
    return {fact: counted[fact] for fact in Fact}
