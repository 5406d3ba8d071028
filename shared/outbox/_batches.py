"""What a relay publishes at once: rows, who hears them, and the numbers before and after them in each stream.

Promise: a batch that is repeated, by whichever version of the program, gives each event the number that it had for each
consumer the first time. So the plan keeps who heard each type then: a service that hears it since an upgrade has no
number of it, and its stream begins with the next batch (``tests/kernel/test_repeated_plans.py``).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from shared.contracts.registry import LOCAL
from shared.outbox.unit_of_work import Document

Hearers = Mapping[str, tuple[str, ...]]
"""Event type to the services that hear it in this vhost."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Rows to publish, and the number before the first of each consumer's stream.

    Attributes:
        hearers: Who has a number of each event type of these rows.
        is_all: True where nothing more was waiting when the rows were read.
    """

    rows: Sequence[Document]
    before: Mapping[str, int]
    last: Mapping[str, int]
    hearers: Hearers = field(default_factory=dict)
    is_all: bool = False

    def numbers(self) -> Iterator[tuple[Document, Document, dict[str, int]]]:
        """Give each event with its row, and the number that it has for each consumer."""
        reached = dict(self.before)
        for row in self.rows:
            for event in row["events"]:
                streams = {}
                for consumer in self.hearers.get(event["type"], ()) if row["route"] == LOCAL else ():
                    reached[consumer] = streams[consumer] = reached.get(consumer, 0) + 1
                yield row, event, streams


def numbered(
    rows: Sequence[Document], before: Mapping[str, int], consumers_of: Callable[[str], tuple[str, ...]], *, is_all: bool
) -> Batch:
    """Give each event of new rows its numbers, after those that were given before."""
    hearers = {event_type: consumers_of(event_type) for event_type in _local_types(rows)}
    batch = Batch(rows=rows, before=dict(before), last={}, hearers=hearers, is_all=is_all)
    ends = dict(before)
    for _, _, streams in batch.numbers():
        ends |= streams
    return Batch(rows=rows, before=batch.before, last=ends, hearers=hearers, is_all=is_all)


def plan_of(batch: Batch) -> Document:
    """Give the plan of a batch: its rows' ids, who hears them, and each consumer's number before and after them.

    Who hears them is bound to the last row, which stays the last while parts are sent: a version that does not know
    this field leaves it as it is, under plans of its own.
    """
    rows = [row["_id"] for row in batch.rows]
    kept = [[event_type, list(consumers)] for event_type, consumers in batch.hearers.items()]
    hearers = {"of": rows[-1], "by_type": kept} if rows else None
    return {"rows": rows, "before": dict(batch.before), "last": dict(batch.last), "hearers": hearers}


def planned(plan: Document, found: Mapping[str, Document], consumers_of: Callable[[str], tuple[str, ...]]) -> Batch:
    """Give the batch of a plan that a crash or a lost lease left open.

    Args:
        plan: As it is stored, by this version or an older one.
        found: The rows of it that are there, by id.
        consumers_of: Who hears a type now; asked only about a plan that does not say who heard it.
    """
    rows = [found[row_id] for row_id in plan["rows"] if row_id in found]
    before, last = plan["before"], plan["last"]
    kept = plan.get("hearers")
    if kept is not None and plan["rows"] and kept["of"] == plan["rows"][-1]:
        hearers = {event_type: tuple(consumers) for event_type, consumers in kept["by_type"]}
    else:
        # Of an older version: whoever got no number of the whole plan did not hear it then.
        counted = {consumer for consumer, number in last.items() if number > before.get(consumer, 0)}
        hearers = {t: tuple(c for c in consumers_of(t) if c in counted) for t in _local_types(rows)}
    return Batch(rows=rows, before=before, last=last, hearers=hearers)


def kept_numbers(batch: Batch) -> Document | None:
    """Give what tells later which numbers the rows of a batch had, as a plan of its own; none where none had any."""
    types = list(_local_types(batch.rows))
    hearers = {event_type: batch.hearers[event_type] for event_type in types if batch.hearers.get(event_type)}
    rows = [row for row in batch.rows if any(event["type"] in hearers for event in row["events"])]
    local = [row for row in rows if row["route"] == LOCAL]
    return plan_of(replace(batch, rows=local, hearers=hearers)) if local else None


def _local_types(rows: Sequence[Document]) -> Iterator[str]:
    yield from dict.fromkeys(event["type"] for row in rows if row["route"] == LOCAL for event in row["events"])
