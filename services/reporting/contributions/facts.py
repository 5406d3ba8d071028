"""What consent states of an episode: its facts are released to be counted, or withheld."""

from collections.abc import Iterable

from services.reporting.contributions.documents import CONTRIBUTIONS, ContributionStore
from services.reporting.contributions.rules import RELEASED, WITHHELD, Contribution, Facts, Version
from services.reporting.contributions.turns import take_turn
from services.reporting.periods.documents import TaskStore
from shared.codelists.periods import Period
from shared.contracts.consent import FactsReleased, FactsWithheld
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear consent.

    Each event is the whole state, but a delayed older one may be the state that stood at a seal: the handler puts it
    in its place, where the order ``latest`` would drop it and count somebody who had withdrawn.
    """
    del context
    return [
        hears(FactsReleased, keep_released, preload=_reads),
        hears(FactsWithheld, keep_withheld, preload=_reads),
    ]


def keep_released(received: Received[FactsReleased], work: UnitOfWork) -> None:
    """Keep the facts of an episode whose survivor agreed to be counted."""
    event = received.event
    facts = Facts(
        month=event.referral_month,
        gender=event.gender,
        exploitation_types=event.exploitation_types,
        region=event.region_of_nationality,
        transfer_in=event.transfer_in,
        excluded=event.excluded,
    )
    _keep(
        work,
        event.contribution_id,
        event.person_id,
        Version(
            state=RELEASED,
            quarter=str(Period.of_month(event.referral_month)),
            facts=facts,
            event_id=received.event_id,
            reason=None,
            effective_from=event.effective_from,
            until=event.until,
            recorded_at=max(event.facts_recorded_at, event.decided_recorded_at),
            facts_recorded_at=event.facts_recorded_at,
            sequence=received.sequence,
        ),
    )


def keep_withheld(received: Received[FactsWithheld], work: UnitOfWork) -> None:
    """Keep that an episode is left out, and why; its facts go unless an open seal needs them."""
    event = received.event
    _keep(
        work,
        event.contribution_id,
        event.person_id,
        Version(
            state=WITHHELD,
            quarter=event.referral_quarter,
            facts=None,
            reason=event.reason,
            effective_from=event.effective_at,
            until=None,
            recorded_at=max(event.facts_recorded_at, event.decided_recorded_at),
            facts_recorded_at=event.facts_recorded_at,
            sequence=received.sequence,
        ),
    )


def _keep(work: UnitOfWork, contribution_id: str, person_id: str, version: Version) -> None:
    take_turn(work)
    store = ContributionStore(work)
    known = store.find(contribution_id) or Contribution(id=contribution_id, person_id=person_id, versions=())
    # The open tasks are few and read once a transaction.
    seals = work.memo("open-seals", TaskStore(work).open_seals)
    store.save(known.with_version(version, seals, person_id=person_id))


def _reads(event: FactsReleased | FactsWithheld) -> Iterable[tuple[str, str]]:
    yield CONTRIBUTIONS, event.contribution_id
