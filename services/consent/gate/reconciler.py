"""Compares what the gate stated with ledger and facts, and states anew what differs: it must find nothing.

It is the second line behind the survivor's turn (ADR 0017): a fault of ours, a restored copy or a hand in the
database is found within a day, mended, counted, audited and alerted. A permission whose year has passed since the
statement is no difference: the statement names its end, and the expiry job notes it. What was stated by a version
that kept no copy of its statement is stated once more and is no difference either.
Shown by tests/integration/consent/test_reconciler.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from services.consent.gate.documents import Episode, GateStore
from services.consent.gate.stating import ruling_in, state_episode, statement_of
from services.consent.ledger.documents import CHUNK, ConsentStore
from services.consent.ledger.keeping import SYSTEM
from services.consent.ledger.people import PersonStore
from services.consent.ledger.rules import STATISTICS, Consent
from services.consent.ledger.standing import EFFECTIVE, EXPIRED
from shared.kernel.messages import AuditIntent
from shared.outbox.commands import Answer, Command
from shared.outbox.committer import Committer
from shared.outbox.unit_of_work import UnitOfWork
from shared.telemetry.logs import get_logger
from shared.telemetry.metric_names import GATE_COMPARED, GATE_DIFFERENCES
from shared.telemetry.metrics import counter, gauge

EQUAL, DIFFERS, FIRST = "EQUAL", "DIFFERS", "FIRST"

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Reconciler:
    """Compares every episode of one tenant, a chunk a transaction."""

    execute: Callable[[Command], Answer]

    @classmethod
    def of(cls, committer: Committer) -> "Reconciler":
        """Build it over a committer."""
        return cls(execute=committer.execute)

    def run(self) -> dict[str, int]:
        """Compare everything once; give how many episodes were equal, differed, or were stated for the first time.

        Raises:
            TemporarilyUnavailableError: The database is away; what was mended is mended, counted and alerted, the
                next run begins anew.
        """
        found = {EQUAL: 0, DIFFERS: 0, FIRST: 0}
        after: str | None = ""
        try:
            while after is not None:
                answer = self.execute(Command(run=partial(_chunk, after)))
                for outcome in found:
                    found[outcome] += answer.ids[outcome]
                after = answer.ids["after"]
        finally:
            # Also of a run that ended early: what the next one finds mended would never be told.
            _tell(found, whole=after is None)
        return found


def _tell(found: Mapping[str, int], *, whole: bool) -> None:
    for outcome, episodes in found.items():
        counter(GATE_COMPARED).add(episodes, outcome=outcome.lower())
    # Part of a run in which nothing differed is no proof that nothing does.
    if whole or found[DIFFERS]:
        gauge(GATE_DIFFERENCES).set(found[DIFFERS])
    if found[DIFFERS]:
        log.error("the gate had stated what does not follow from the ledger", count=found[DIFFERS])


def compare(episode: Episode, consent: Consent, work: UnitOfWork) -> str:
    """Say whether what the gate stated last of an episode follows from its facts and the consent."""
    stated = episode.stated
    if stated is None or stated.get("sequence") != episode.gate_version:
        return FIRST
    wanted = statement_of(episode, ruling_in(work, episode, consent))
    if {name: stated.get(name) for name in wanted} == wanted:
        return EQUAL
    passed = (
        wanted["reason"] == EXPIRED
        and consent.status in EFFECTIVE
        and stated["reason"] is None
        and stated["until"] == consent.until
    )
    return EQUAL if passed else DIFFERS


def _chunk(after: str, work: UnitOfWork) -> Answer:
    episodes = GateStore(work).next_after(after, CHUNK)
    consents = ConsentStore(work).of_survivors((episode.survivor_id for episode in episodes), STATISTICS)
    found = {EQUAL: 0, DIFFERS: 0, FIRST: 0}
    for episode in episodes:
        consent = consents[episode.survivor_id]
        outcome = compare(episode, consent, work)
        found[outcome] += 1
        if outcome != EQUAL:
            PersonStore(work).take_turn(episode.survivor_id)
            state_episode(work, episode, consent)
            work.audit(_intent(episode, outcome, work))
    more = episodes[-1].id if len(episodes) == CHUNK else None
    return Answer(status=200, ids={**found, "after": more})


def _intent(episode: Episode, outcome: str, work: UnitOfWork) -> AuditIntent:
    return AuditIntent(
        action="consent:gate:state-anew",
        actor_id=SYSTEM,
        role="SYSTEM",
        object_id=episode.contribution_id,
        outcome=outcome,
        at=work.now,
    )
