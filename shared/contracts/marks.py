"""Marks and audit records, which every service states in one shape under its own name.

A mark ``{through, ends, applied}`` says: every row this service recorded by ``through`` has, in each
consumer's stream, a number of at most that consumer's end. It counts for a consumer only when that
consumer has committed every number up to it.
"""

from dataclasses import dataclass, make_dataclass
from typing import ClassVar, cast

from shared.contracts.fields import Code, Count, Id, Instant
from shared.kernel import tenancy
from shared.kernel.messages import Event


@dataclass(frozen=True, kw_only=True)
class StreamEnd:
    """The last number given in one consumer's stream."""

    consumer: Code
    last_stream_n: Count


@dataclass(frozen=True, kw_only=True)
class AppliedThrough:
    """The ``through`` of a source's mark whose every number this service has committed."""

    source: Code
    through: Instant


@dataclass(frozen=True, kw_only=True)
class Mark(Event):
    """Base of every service's mark; ``service`` repeats the source so that the mark has a subject."""

    subject_field: ClassVar[str] = "service"

    service: Code
    through: Instant
    ends: tuple[StreamEnd, ...]
    applied: tuple[AppliedThrough, ...]


@dataclass(frozen=True, kw_only=True)
class AuditedAction:
    """One command or read, or so many of the same: who did what to which object, in ids and codes.

    Attributes:
        standing: How they stood to the person; None where the service did not say, as an older version does not.
        found: How many a search gave.
    """

    action: Code
    actor_id: Code
    role: Code
    object_id: Code
    outcome: Code
    at: Instant
    count: Count | None = None
    standing: Code | None = None
    found: Count | None = None


@dataclass(frozen=True, kw_only=True)
class AuditRecorded(Event):
    """Base of every service's audit message: the intents of one transaction, in order."""

    subject_field: ClassVar[str] = "batch_id"

    batch_id: Id
    actions: tuple[AuditedAction, ...]


def _named(base: type[Event], service: str, fact: str) -> type[Event]:
    namespace = {
        "event_type": f"alongside.{service}.{fact}.v1",
        "source": service,
        "subject_field": base.subject_field,
        "__module__": __name__,
        "__doc__": base.__doc__,
    }
    name = f"{service.capitalize()}{base.__name__}"
    made = make_dataclass(name, [], bases=(base,), namespace=namespace, frozen=True, kw_only=True)
    return cast("type[Event]", made)


SERVICES = tuple(one.name for one in tenancy.SERVICES)
MARKS = {s: cast("type[Mark]", _named(Mark, s, "mark")) for s in SERVICES}
AUDITS = {s: cast("type[AuditRecorded]", _named(AuditRecorded, s, "audit_recorded")) for s in SERVICES}
