"""Who hears what from whom, and the queue that keeps it: written down once, nothing named after a Python method."""

from dataclasses import dataclass

from shared.bus.names import CENTRE_INBOX, HOSTS_INBOX, events_exchange, working_queue
from shared.contracts import (
    access,
    board,
    case,
    casework,
    consent,
    custodian,
    disclosure,
    identity,
    reporting,
    restriction,
    withdrawal,
    witness,
)
from shared.contracts.marks import MARKS
from shared.contracts.public import SOURCES, public_of
from shared.kernel.messages import Event

TOLD_ONCE: dict[str, tuple[type[Event], ...]] = {
    "case": (case.SurvivorTold, case.EpisodeTold, case.EverythingTold),
    "consent": (consent.StatusTold,),
}
"""What stood at a host before integrators were served; the store makes public events of it (ADR 0044)."""
_STOPPED: dict[str, tuple[type[Event], ...]] = {
    "consent": (consent.EverythingStopped,),
    "case": (restriction.ProcessingRestricted, restriction.RestrictionLifted),
}
_ASKED: dict[str, tuple[type[Event], ...]] = {
    "consent": (withdrawal.WithdrawalAsked,),
    "case": (access.AccessAsked,),
}
HEARD: dict[str, dict[str, tuple[type[Event], ...]]] = {
    "case": {
        "identity": (identity.StaffChanged, identity.RosterStated),
        "consent": (
            withdrawal.WithdrawalAsked,
            access.ConsentPartLeft,
            disclosure.DisclosurePermitted,
            disclosure.DisclosureRefused,
        ),
        "integrations": (access.IntegrationsPartLeft,),
        "audit": (access.AuditPartLeft,),
        "reporting": (access.ReportingPartLeft,),
    },
    "consent": {
        "case": (
            case.SurvivorAssigned,
            case.SurvivorErased,
            case.EpisodeOpened,
            case.StatisticsFactsChanged,
            case.ImportConsentStated,
            case.SurvivorTold,
            restriction.ProcessingRestricted,
            restriction.RestrictionLifted,
            withdrawal.CaseAnswered,
            access.AccessAsked,
            disclosure.DisclosureRequested,
        ),
        "reporting": (withdrawal.ReportingAnswered,),
        "integrations": (withdrawal.IntegrationsAnswered,),
    },
    "reporting": {
        "consent": (
            consent.FactsReleased,
            consent.FactsWithheld,
            withdrawal.CountingWithdrawalAsked,
            access.CountingAccessAsked,
        ),
        # Its checkpoints, which name nobody: this service's outbox is the one that the courier reads (ADR 0069).
        "audit": (witness.CheckpointOffered,),
        "centre": (board.TaskOpened, board.ReportJudged, board.ReleasePublished, witness.CheckpointAnswered),
    },
    "integrations": {
        source: (
            *public_of(source),
            *TOLD_ONCE.get(source, ()),
            *_ASKED.get(source, ()),
            *_STOPPED.get(source, ()),
        )
        for source in SOURCES
    },
    # Besides what every service says was done: whose ids must go out of it, and whose record an id is part of.
    "audit": {
        "case": (
            case.SurvivorErased,
            case.SurvivorAssigned,
            case.EpisodeOpened,
            casework.ContactRecorded,
            access.AccessAsked,
        ),
        "consent": (consent.ConsentStatusChanged,),
        "reporting": (witness.CheckpointBrought,),
    },
    "board": {
        "hosts": (reporting.ShareSubmitted, witness.CheckpointSubmitted),
        "custodian": (
            custodian.TaskAccepted,
            custodian.CohortAgreed,
            custodian.TablesProtected,
            custodian.OpeningRefused,
            custodian.CustodianKeysDestroyed,
            witness.CheckpointJudged,
        ),
    },
    "custodian": {
        "hosts": (reporting.SeedSubmitted, witness.CheckpointSubmitted),
        "board": (board.TaskProposed, board.ReportsAccepted, board.CohortSummed, board.BoardKeysDestroyed),
    },
}
"""Who hears what from whom; audit hears every service's audit records too, and so stands in ``Topology``."""

INBOX_OF = {
    ("reporting", "centre"): CENTRE_INBOX,
    ("board", "hosts"): HOSTS_INBOX,
    ("board", "custodian"): CENTRE_INBOX,
    ("custodian", "hosts"): HOSTS_INBOX,
    ("custodian", "board"): CENTRE_INBOX,
}
"""Sources outside the vhost, and the exchange into which a courier puts their messages."""


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """What one service hears from one source, and the queue that keeps it."""

    service: str
    source: str
    events: tuple[type[Event], ...]

    @property
    def queue(self) -> str:
        """Name of the queue."""
        return working_queue(self.service, self.source)

    @property
    def exchange(self) -> str:
        """Exchange that the queue is bound to."""
        return INBOX_OF.get((self.service, self.source), events_exchange(self.source))

    @property
    def external(self) -> bool:
        """Whether the messages come from outside the vhost, through a courier."""
        return (self.service, self.source) in INBOX_OF

    @property
    def routing_keys(self) -> tuple[str, ...]:
        """Binding keys; from outside, the sender's name stands before the event type.

        From outside every type is taken, also one that only a newer version knows: it is parked here, with an
        alert, and does not stop the courier that brings it (``tests/kernel/test_courier.py``).
        """
        types = [event.event_type for event in self.events]
        if self.external:
            return (f"{_sender_pattern(self.source)}.#",)
        marks = [] if self.service == "audit" else [MARKS[self.source].event_type]
        return (*types, *marks)


def _sender_pattern(source: str) -> str:
    return "*" if source == "hosts" else ("board" if source == "centre" else source)
