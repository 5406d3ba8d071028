"""What integrations answers when a permission ended: that no system of the host's is served the yes any more.

It says so only once the newest that it knows of that consent is at least what ended it; until then it is silent, and
is asked again. Shown by tests/integration/consent/test_withdrawals_proven.py.
"""

from services.integrations.store.documents import ERASED, STATES
from services.integrations.store.keeping import state_from
from services.integrations.store.rules import kind_of, says_yes, state_id
from shared.contracts.consent import ConsentStatusChanged
from shared.contracts.withdrawal import (
    DONE,
    LATER_YES,
    NO_YES_IS_SERVED,
    IntegrationsAnswered,
    WithdrawalAsked,
)
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

INTEGRATIONS = "integrations"


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear what consent asks."""
    del context
    return [hears(WithdrawalAsked, answer)]


def answer(received: Received[WithdrawalAsked], work: UnitOfWork) -> None:
    """Answer a question that is put to integrations, if it can be answered yet."""
    event = received.event
    if event.asked_of != INTEGRATIONS:
        return
    found = _found(event, work)
    if found is not None:
        answered = IntegrationsAnswered(question_id=event.question_id, answer=DONE, finding=found)
        work.record(answered, sequence=received.sequence)


def _found(event: WithdrawalAsked, work: UnitOfWork) -> str | None:
    if work.find(ERASED, event.survivor_id) is not None:
        return NO_YES_IS_SERVED
    kept = work.find(STATES, state_id(kind_of(ConsentStatusChanged.event_type), event.consent_id))
    if kept is None:
        return None
    state = state_from(kept)
    if state.sequence < event.consent_sequence:
        return None
    if not says_yes(state.type, state.data):
        return NO_YES_IS_SERVED
    return LATER_YES if state.sequence > event.consent_sequence else None
