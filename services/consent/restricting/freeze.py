"""What of consent is frozen while a restriction holds, and what goes on all the same, each with its reason.

Whatever is not listed here is refused, also a route that is added later. Shown by
tests/integration/case/test_restrictions.py.
"""

from collections.abc import Mapping, Sequence

from services.consent.ledger.commands import RecordDecision
from services.consent.ledger.people import PEOPLE
from services.consent.ledger.standing import EFFECTIVE, REQUESTED
from shared.outbox.commands import DomainCommand
from shared.outbox.documents import DocumentType
from shared.runtime.context import ServiceContext
from shared.web.freezing import Freeze

_A_STOP = "Everything is stopped: that is a no, and somebody speaks with them in private within a day."
PASSES: Mapping[str, str] = {
    "consent:consent:withdraw": "A no is always taken.",
    "consent:concern:take": "Somebody raises a concern, perhaps about whoever speaks for them.",
    "consent:draft:drop": "It leaves aside how somebody was going to ask them.",
    **{f"consent:stop:{verb}": _A_STOP for verb in ("ask", "lift", "list", "read", "search")},
}


def freeze(context: ServiceContext, kinds: Sequence[DocumentType]) -> Freeze:
    """Give what is frozen of consent."""
    return Freeze(
        database=context.client[context.database_name],
        people=PEOPLE,
        flag="restricted_at",
        kinds=kinds,
        passes=PASSES,
        says_no=_says_no,
        masks={},
    )


def _says_no(command: DomainCommand) -> bool:
    """Whether a decision neither permits nor asks."""
    return isinstance(command, RecordDecision) and command.decision not in EFFECTIVE | {REQUESTED}
