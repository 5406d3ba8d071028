"""What a message is: a fact that happened, and the intent to audit what was done or read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, TypeVar


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact, in the past tense, that one service states about one aggregate.

    Subclasses live in ``shared.contracts``. ``event_type`` is ``alongside.<service>.<fact>.v<n>``;
    ``source`` the service; ``subject_field`` the field that names the aggregate.

    Attributes:
        public_fields: What the host's own integrators may see of it; none, and the event is not public at all
            (``shared.contracts.public``, docs/decisions/0038-events-for-integrators.md).
        public_since: The version of Alongside in which it became public.
        kept_back: Each other field of a public event, and why it stays behind.
    """

    event_type: ClassVar[str]
    source: ClassVar[str]
    subject_field: ClassVar[str]
    public_fields: ClassVar[tuple[str, ...]] = ()
    public_since: ClassVar[str] = ""
    kept_back: ClassVar[Mapping[str, str]] = {}

    @property
    def subject(self) -> str:
        """Id of the aggregate that the fact is about."""
        return str(getattr(self, self.subject_field))


@dataclass(frozen=True, kw_only=True)
class AuditIntent:
    """What was done or read, by whom, to what; ids and codes only.

    Attributes:
        action: ``service:subject:verb``, such as ``case:episode:open`` or ``case:survivor:read``.
        actor_id: Random id of the user or machine, or ``system``.
        object_id: Id of the aggregate, or a code such as ``list``.
        outcome: ``ALLOWED`` or ``REFUSED`` or another closed code.
        at: Business time at which it was recorded.
        count: How many of the same are meant, where they are counted and not listed; None for one.
        standing: How the actor stands to the person (``shared.kernel.standing``); None where nobody said it.
        found: How many a search gave; None of what is no search.
    """

    action: str
    actor_id: str
    role: str
    object_id: str
    outcome: str
    at: datetime
    count: int | None = None
    standing: str | None = None
    found: int | None = None


E = TypeVar("E", bound=Event)


@dataclass(frozen=True, kw_only=True)
class Received(Generic[E]):
    """An event as a consumer holds it, with what the envelope says.

    Attributes:
        event_id: Time-ordered id, the same in every copy.
        sequence: Version of the aggregate that the fact belongs to; later facts have greater ones.
        stream_n: Gapless number of this event in the stream from its source to this consumer, or None
            where the source numbers none (replays).
        recorded_at: Business time of the transaction that stated the fact.
        sender: Tenant that stated it; the broker user was checked against it.
    """

    event: E
    event_id: str
    sequence: int
    stream_n: int | None
    recorded_at: datetime
    sender: str
    traceparent: str | None = None
