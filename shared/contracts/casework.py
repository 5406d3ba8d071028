"""What case tells integrators of the work with a survivor: ids and states, and neither when, nor how, nor why."""

from dataclasses import dataclass
from typing import ClassVar

from shared.contracts.fields import Code, Id
from shared.kernel.messages import Event


@dataclass(frozen=True, kw_only=True)
class EpisodeStatusChanged(Event):
    """Support that has begun came to another state, such as a pause or a reopening; its end has an event of its own.

    For integrators. Why it paused or was reopened stays in case: ask the API, under the asker's own right. Of a
    referral of which support has not begun nothing is told.
    """

    event_type: ClassVar[str] = "alongside.case.episode_status_changed.v1"
    source: ClassVar[str] = "case"
    subject_field: ClassVar[str] = "episode_id"
    public_fields: ClassVar[tuple[str, ...]] = ("episode_id", "survivor_id", "status")
    public_since: ClassVar[str] = "0.3"

    episode_id: Id
    survivor_id: Id
    status: Code


@dataclass(frozen=True, kw_only=True)
class ContactRecorded(Event):
    """There was a contact with a survivor, or one was corrected or taken back. For integrators.

    When, how and about what stays in case: a mode can say that somebody is detained or goes to court. Who may read it
    asks the API. What is written before support begins is told to nobody.

    Attributes:
        corrects: The contact that this one corrects or takes back; None for a new one.
    """

    event_type: ClassVar[str] = "alongside.case.contact_recorded.v1"
    source: ClassVar[str] = "case"
    subject_field: ClassVar[str] = "contact_id"
    public_fields: ClassVar[tuple[str, ...]] = ("contact_id", "episode_id", "survivor_id", "corrects")
    public_since: ClassVar[str] = "0.3"

    contact_id: Id
    episode_id: Id
    survivor_id: Id
    corrects: Id | None
