"""What the ledger hears of case: that there is a survivor, who may act on them, and what a file says they decided.

Each takes the survivor's turn (``PersonStore.try_turn``) before it reads what another one may write (ADR 0017); of
whoever was erased it learns nothing any more (ADR 0055).
"""

from collections.abc import Iterable

from services.consent.ledger.documents import CONSENTS, ConsentStore
from services.consent.ledger.keeping import SYSTEM, entry_of, keep
from services.consent.ledger.keys import consent_key
from services.consent.ledger.people import PEOPLE, PersonStore, advocates_key
from services.consent.ledger.standing import IMPORT
from services.consent.ledger.statements import Statement
from services.consent.wordings.documents import WORDINGS, WordingStore
from shared.contracts.case import EpisodeOpened, ImportConsentStated, SurvivorAssigned
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext


def hearings(context: ServiceContext) -> list[Hearing]:
    """Say what the ledger hears and how."""
    del context
    return [
        hears(SurvivorAssigned, note_assignment, order="latest", preload=_people_reads),
        hears(EpisodeOpened, note_episode, preload=_people_reads),
        hears(ImportConsentStated, weigh_statement, order="latest", preload=_statement_reads),
    ]


def note_assignment(received: Received[SurvivorAssigned], work: UnitOfWork) -> None:
    """Learn that there is such a survivor, and who may record their decisions from now on."""
    event = received.event
    people = PersonStore(work)
    if people.try_turn(event.survivor_id):
        people.set_advocates(event.survivor_id, event.advocate_ids, assigned=True, covers=event.covers)


def note_episode(received: Received[EpisodeOpened], work: UnitOfWork) -> None:
    """Learn that there is such a survivor, where, and whose advocate may record their decisions."""
    event = received.event
    people = PersonStore(work)
    if not people.try_turn(event.survivor_id):
        return
    people.note_nation(event.survivor_id, event.nation_of_support)
    # Once case states the whole set, an episode's advocate adds nothing: its message may be older than the set.
    if event.advocate_id is not None and not people.is_assigned(event.survivor_id):
        known = people.advocates_of(event.survivor_id)
        people.set_advocates(event.survivor_id, known | {event.advocate_id}, assigned=False)


def weigh_statement(received: Received[ImportConsentStated], work: UnitOfWork) -> None:
    """Weigh what an imported row says of a consent."""
    event = received.event
    if not PersonStore(work).try_turn(event.survivor_id):
        return
    statement = Statement(
        stated=event.stated,
        said_at=event.said_at,
        wording_code=event.wording_code,
        language=event.language,
        method=event.method,
        setting_private=event.setting_private,
    )
    before = ConsentStore(work).of(event.survivor_id, event.purpose)
    words = WordingStore(work)
    entry = entry_of(IMPORT, event.stated_recorded_at, SYSTEM)
    weigh = before.retracted if event.recorded_in_error else before.weighed
    after = weigh(statement, words.of(statement.wording_code), entry)
    if after.waits and after.statement is not None and after.statement.wording_code is not None:
        words.await_words(after.statement.wording_code)
    keep(work, before, after, actor_id=SYSTEM)


def _people_reads(event: SurvivorAssigned | EpisodeOpened) -> Iterable[tuple[str, str]]:
    yield PEOPLE, event.survivor_id
    yield PEOPLE, advocates_key(event.survivor_id)


def _statement_reads(event: ImportConsentStated) -> Iterable[tuple[str, str]]:
    yield CONSENTS, consent_key(event.survivor_id, event.purpose)
    yield PEOPLE, event.survivor_id
    if event.wording_code is not None:
        yield WORDINGS, event.wording_code
