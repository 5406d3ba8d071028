"""Makes those who read what the other writes write one common document, so that one of them is done again.

Snapshot isolation is not serialisable: a seal that reads contributions and a withdrawal that reads open seals
would both commit, each without the other. The common document is the progress of consent's stream: what consent says
writes it already, and the commands of a host's people are few. The pairs are listed in
docs/explanation/serialising-statistics.md; ``tests/integration/reporting/test_races.py`` shows each.
"""

from shared.kernel.streams import Progress, from_document, to_document
from shared.outbox.unit_of_work import UnitOfWork

CONSENT = "consent"
STREAMS = "streams"


def take_turn(work: UnitOfWork) -> None:
    """Write the common document in this transaction, once; whoever else does meanwhile begins again."""
    work.memo("turn", lambda: _write(work))


def progress_of_consent(work: UnitOfWork) -> Progress:
    """Give what is committed here of consent's stream, as this transaction sees it."""
    return from_document(work.find(STREAMS, CONSENT))


def _write(work: UnitOfWork) -> bool:
    work.save(STREAMS, work.find(STREAMS, CONSENT) or to_document(CONSENT, Progress()))
    return True
