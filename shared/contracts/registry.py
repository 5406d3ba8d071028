"""Every event type by name, and the routes that each may take; the one list that publishers trust."""

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
from shared.contracts.marks import AUDITS, MARKS
from shared.kernel.errors import PoisonMessageError
from shared.kernel.messages import Event

LOCAL = "local"

_EVENTS: tuple[type[Event], ...] = (
    identity.StaffChanged,
    identity.RosterStated,
    case.SurvivorAssigned,
    case.SurvivorErased,
    restriction.ProcessingRestricted,
    restriction.RestrictionLifted,
    case.EpisodeOpened,
    case.EpisodeClosed,
    casework.EpisodeStatusChanged,
    casework.ContactRecorded,
    case.StatisticsFactsChanged,
    case.ImportConsentStated,
    case.SafeguardingTaskOpened,
    case.SurvivorTold,
    case.EpisodeTold,
    case.EverythingTold,
    consent.ConsentStatusChanged,
    consent.StatusTold,
    consent.EverythingStopped,
    consent.FactsReleased,
    consent.FactsWithheld,
    withdrawal.WithdrawalAsked,
    withdrawal.CountingWithdrawalAsked,
    withdrawal.WithdrawalProven,
    withdrawal.CaseAnswered,
    withdrawal.ReportingAnswered,
    withdrawal.IntegrationsAnswered,
    access.AccessAsked,
    access.CountingAccessAsked,
    access.ConsentPartLeft,
    access.IntegrationsPartLeft,
    access.AuditPartLeft,
    access.ReportingPartLeft,
    disclosure.DisclosureRequested,
    disclosure.DisclosurePermitted,
    disclosure.DisclosureRefused,
    reporting.ShareSubmitted,
    reporting.SeedSubmitted,
    board.TaskProposed,
    board.TaskOpened,
    board.ReportsAccepted,
    board.CohortSummed,
    board.BoardKeysDestroyed,
    board.ReportJudged,
    board.ReleasePublished,
    custodian.TaskAccepted,
    custodian.CohortAgreed,
    custodian.TablesProtected,
    custodian.OpeningRefused,
    custodian.CustodianKeysDestroyed,
    witness.CheckpointOffered,
    witness.CheckpointSubmitted,
    witness.CheckpointJudged,
    witness.CheckpointAnswered,
    witness.CheckpointBrought,
)

EVENTS: dict[str, type[Event]] = {cls.event_type: cls for cls in (*_EVENTS, *MARKS.values(), *AUDITS.values())}

ROUTES: dict[str, frozenset[str]] = {
    "board": frozenset(
        {
            reporting.ShareSubmitted.event_type,
            witness.CheckpointSubmitted.event_type,
            witness.CheckpointJudged.event_type,
            custodian.TaskAccepted.event_type,
            custodian.CohortAgreed.event_type,
            custodian.TablesProtected.event_type,
            custodian.OpeningRefused.event_type,
            custodian.CustodianKeysDestroyed.event_type,
        }
    ),
    "custodian": frozenset(
        {
            reporting.SeedSubmitted.event_type,
            witness.CheckpointSubmitted.event_type,
            board.TaskProposed.event_type,
            board.ReportsAccepted.event_type,
            board.CohortSummed.event_type,
            board.BoardKeysDestroyed.event_type,
        }
    ),
    "hosts": frozenset({board.TaskOpened.event_type, board.ReleasePublished.event_type}),
    "host": frozenset({board.ReportJudged.event_type, witness.CheckpointAnswered.event_type}),
}
"""Event types that may leave the vhost they were stated in, by route; all others are local."""

SEALED_TYPES = frozenset(
    {
        reporting.ShareSubmitted.event_type,
        reporting.SeedSubmitted.event_type,
        board.CohortSummed.event_type,
    }
)
"""The only types that may carry a sealed field."""


class UnknownEventTypeError(PoisonMessageError):
    """A message names a type that this version does not know."""

    code = "unknown-event-type"

    def __init__(self) -> None:
        """Keep the type out of the message: whoever forged it chose it."""
        super().__init__("The message names an event type that is not in the registry.")


def get_event(event_type: str) -> type[Event]:
    """Give the class of an event type.

    Raises:
        UnknownEventTypeError: The registry has no such type.
    """
    try:
        return EVENTS[event_type]
    except KeyError as error:
        raise UnknownEventTypeError from error
