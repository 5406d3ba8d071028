"""What the gate hears of case: an episode's latest facts."""

from collections.abc import Iterable

from services.consent.gate.documents import EPISODES, GateStore
from services.consent.gate.rules import Facts
from services.consent.gate.stating import state_episode
from services.consent.ledger.documents import CONSENTS
from services.consent.ledger.keys import consent_key
from services.consent.ledger.people import PEOPLE, PersonStore
from services.consent.ledger.rules import STATISTICS
from shared.contracts.case import StatisticsFactsChanged
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext


def hearings(context: ServiceContext) -> list[Hearing]:
    """Say what the gate hears and how."""
    del context
    return [hears(StatisticsFactsChanged, keep_facts, order="latest", preload=_reads)]


def keep_facts(received: Received[StatisticsFactsChanged], work: UnitOfWork) -> None:
    """Keep an episode's latest facts and state it anew, in the survivor's turn (ADR 0017); nothing of the erased."""
    event = received.event
    facts = Facts(
        referral_month=event.referral_month,
        gender=event.gender,
        exploitation_types=tuple(event.exploitation_types),
        region_of_nationality=event.region_of_nationality,
        transfer_in=event.transfer_in,
        excluded=event.excluded,
        excluded_by=event.excluded_by,
        recorded_in_error=event.recorded_in_error,
        facts_recorded_at=event.facts_recorded_at,
    )
    if not PersonStore(work).try_turn(event.survivor_id):
        return
    state_episode(work, GateStore(work).keep(event.episode_id, event.survivor_id, facts))


def _reads(event: StatisticsFactsChanged) -> Iterable[tuple[str, str]]:
    yield EPISODES, event.episode_id
    yield PEOPLE, event.survivor_id
    yield CONSENTS, consent_key(event.survivor_id, STATISTICS)
