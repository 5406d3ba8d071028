"""The episodes of a task, read once for preview, signature and seal, so that all three count the same."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.reporting.contributions.documents import CONTRIBUTIONS, contribution_from, in_quarters
from services.reporting.contributions.rules import Contribution
from services.reporting.periods import rules, signature
from services.reporting.periods.documents import TASKS, VECTORS
from services.reporting.periods.rules import Tally
from services.reporting.periods.signature import SignedEpisode, SignedPreview
from services.reporting.periods.task import SEALED, KeptTask
from shared.codelists.periods import Period

Find = Callable[[str, Mapping[str, Any]], Iterable[Mapping[str, Any]]]
"""Finds documents of a collection by a query, in a transaction or outside."""


@dataclass(frozen=True, kw_only=True)
class Episodes:
    """What is known here for counting a task.

    Attributes:
        contributions: All that stand or stood in a quarter of the task.
        counted_before: The persons whom an earlier seal counted; see ``persons_counted_before``.
    """

    task: KeptTask
    contributions: tuple[Contribution, ...]
    counted_before: frozenset[str]

    @classmethod
    def of(cls, find: Find, task: KeptTask) -> "Episodes":
        """Read them."""
        found = find(CONTRIBUTIONS, in_quarters(task.quarters()))
        return cls(
            task=task,
            contributions=tuple(contribution_from(document) for document in found),
            counted_before=persons_counted_before(find, task),
        )

    def tally(self) -> Tally:
        """Count them by the task's plan."""
        return rules.tally(self.contributions, self.task.plan, self.task, counted_before=self.counted_before)

    def signed(self) -> tuple[SignedEpisode, ...]:
        """Give what a signature given now covers."""
        return signature.signed_episodes(self.contributions, self.task, counted_before=self.counted_before)

    def signature_state(self, signed: SignedPreview | None) -> str:
        """Say whether a signature stands."""
        return signature.signature_state(signed, self.contributions, self.task, counted_before=self.counted_before)


def persons_counted_before(find: Find, task: KeptTask) -> frozenset[str]:
    """Give the persons whom a seal of the same kind of period counted, for a period that the task does not cover.

    Read from the ledgers of the sealed vectors, by the persons as they are known now: after a merge of two people
    what was counted of either was counted of both. A task that covers a period again covers it because nothing of it
    was ever opened; board and custodian signed that.
    """
    earlier = [
        document["_id"]
        for document in find(TASKS, {"state": SEALED, "_id": {"$ne": task.id}})
        if Period.parse(document["period"]).kind == task.kind and not set(document["covers"]) <= set(task.covers)
    ]
    ledgers = find(VECTORS, {"_id": {"$in": earlier}}) if earlier else ()
    ids = [row["contribution_id"] for ledger in ledgers for row in ledger.get("counted", ())]
    return frozenset(c["person_id"] for c in find(CONTRIBUTIONS, {"_id": {"$in": ids}})) if ids else frozenset()
