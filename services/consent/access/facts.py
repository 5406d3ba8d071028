"""What consent gives to somebody's copy: what they decided, how they were asked, and what follows from it.

Consent also asks the statistics, which know no survivor, under the random ids that it alone can join with one; of whom
nothing was ever stated it asks with none, and they answer that nothing is held. It answers each time that it is asked.
Shown by tests/integration/case/test_access_parts.py.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from services.consent.concerns.documents import CONCERN
from services.consent.drafts.documents import DRAFT
from services.consent.gate.documents import EPISODE, GateStore
from services.consent.ledger.documents import CONSENT, lines_of
from services.consent.ledger.people import PersonStore
from services.consent.ledger.terms import LISTS
from services.consent.permits.documents import PERMIT
from services.consent.receipts.documents import OFFER
from services.consent.stops.documents import STOP
from services.consent.withdrawals.documents import PROOF
from shared.codelists.plainly import label, plainly
from shared.contracts.access import AccessAsked, ConsentPartLeft, CountingAccessAsked
from shared.kernel.messages import Received
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.access_parts import Item, Part, leave
from shared.runtime.context import ServiceContext
from shared.runtime.gathering import MOST_OF_A_KIND, Kind, items_of

CONSENT_ITSELF, STATISTICS = "consent", "reporting"
STATUS = {"status": "consent_status"}
KINDS = (
    Kind(type=CONSENT, what="What you decided, as it stands", lists=STATUS, leaves=("entries", "entries_more",
         "entries_terms", "talk_at")),
    Kind(type=OFFER, what="A copy of a receipt that you were offered", when="at", lists={"answer": "receipt_answer"}),
    Kind(type=PROOF, what="A yes that ended", when="recorded_at", lists=STATUS),
    Kind(type=CONCERN, what="Something that you would rather not tell your advocate", when="taken_at",
         lists={"kind": "concern_kind", "outcome": "concern_outcome"}),
    Kind(type=STOP, what="That you said: stop everything", when="asked_at", lists={"why": "stop_lifted"},
         leaves=("asked_role", "state", "dropped")),
    Kind(type=PERMIT, what="Whether something of you could be given to somebody", when="decided_at",
         lists={"purpose": "consent_purpose", "recipient_class": "recipient_class", "data_classes": "data_class",
                "reason": "disclosure_refusal"}, leaves=("binds", "text_hash", "state")),
    Kind(type=DRAFT, what="How somebody was going to ask you; it is not read by anybody else", when="kept_at"),
    Kind(type=EPISODE, what="What may be counted of your support, while you say yes", leaves=("stated",)),
)  # fmt: skip
"""What consent keeps of a person, beside the turn and the random ids."""
_LINE_LISTS: Mapping[str, str] = {
    **STATUS, **LISTS, "language": "language", "method": "consent_method", "recipient_class": "recipient_class",
    "data_classes": "data_class",
}  # fmt: skip
_NOT_OF_A_LINE = ("said_at", "actor_id", "text_hash", "ends_through", "interpreter_id", "terms")


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear what case asks."""

    def answer(received: Received[AccessAsked], work: UnitOfWork) -> None:
        event = received.event
        if event.asked_of == STATISTICS:
            _ask_statistics(event, work, sequence=received.sequence)
        if event.asked_of == CONSENT_ITSELF:
            items = tuple(_items(work, event.survivor_id))
            part = Part(question_id=event.question_id, about=event.survivor_id, items=items)
            work.record(ConsentPartLeft(**leave(context, part, event.reader_key)), sequence=received.sequence)

    return [hears(AccessAsked, answer)]


def _ask_statistics(event: AccessAsked, work: UnitOfWork, *, sequence: int) -> None:
    stated = GateStore(work).of_survivors([event.survivor_id])
    asked = CountingAccessAsked(
        question_id=event.question_id,
        contribution_ids=tuple(one.contribution_id for one in stated),
        reader_key=event.reader_key,
    )
    work.record(asked, sequence=sequence)


def _items(work: UnitOfWork, survivor_id: str) -> Iterator[Item]:
    if PersonStore(work).is_erased(survivor_id):
        return
    for kind in KINDS:
        collection, most = kind.type.collection, MOST_OF_A_KIND + 1
        found = work.find_where(collection, {kind.by: survivor_id}, sort=[("_id", -1)], limit=most)
        yield from items_of(kind, found)
        if kind.type is CONSENT:
            for document in found:
                purpose = plainly(document["purpose"], "consent_purpose")
                yield from (_line(line, purpose) for line in lines_of(document))


def _line(line: Mapping[str, Any], purpose: str | None) -> Item:
    said = {name: value for name, value in line.items() if name not in _NOT_OF_A_LINE}
    terms = line["terms"].kept()
    said |= {name: value for name, value in terms.items() if name not in _NOT_OF_A_LINE}
    words = [(label(name), plainly(value, _LINE_LISTS.get(name))) for name, value in said.items()]
    lines = [("Purpose", purpose), *words]
    return Item(
        what="What you said, or what was written down about it",
        when=plainly(line["said_at"]),
        lines=tuple((name, value) for name, value in lines if value is not None),
        by=(str(line["actor_id"]),),
    )
