"""What of case's own knowledge comes before any yes: an erasure, a possible child, a wish that the use is stopped.

Promise: it is looked at when somebody asks and again when something is given, in that transaction. Shown by
tests/integration/case/test_disclosures.py. Source: decisions 4 and 8.
"""

from datetime import datetime

from services.case.disclosures.errors import DisclosureHeldError
from services.case.episodes.documents import EPISODES
from services.case.episodes.rules import POSSIBLE_CHILD
from services.case.rights.decisions import MET, PARTLY_MET
from services.case.rights.documents import RIGHTS_CASES, RightsStore
from services.case.rights.rules import OPEN
from services.case.survivors.sealing import Sealer
from shared.outbox.unit_of_work import UnitOfWork

RESTRICTION = "RESTRICTION"
_CHILD = (
    "This person may be a child. Give nothing out: your safeguarding lead looks at it first, under Urgent tasks, and "
    "knows whom the law of their nation names."
)
_ASKED = (
    "They asked to have the use of what is kept stopped. Give nothing out before your data protection officer has "
    "decided that, under Rights."
)
_STOPPED = (
    "The use of what is kept about them was stopped, as they asked, after they said this yes. Ask them whether they "
    "want this all the same, and record what they say."
)


def check_nothing_before(
    work: UnitOfWork, survivor_id: str, sealer: Sealer, *, said_at: datetime | None = None
) -> None:
    """Check that nothing comes before a yes of somebody, in their turn.

    Args:
        work: The transaction.
        survivor_id: Whose.
        sealer: Of the survivor.
        said_at: When they said the yes; None where it is not known yet.

    Raises:
        KeyDestroyedError: They are being erased.
        DisclosureHeldError: Something does.
    """
    RightsStore(work, sealer).check_not_erasing(survivor_id)
    for episode in work.find_where(EPISODES, {"survivor_id": survivor_id}):
        if POSSIBLE_CHILD in episode.get("left_out", ()):
            raise DisclosureHeldError(_CHILD)
    for wish in work.find_where(RIGHTS_CASES, {"survivor_id": survivor_id, "kind": RESTRICTION}):
        if wish["state"] == OPEN:
            raise DisclosureHeldError(_ASKED)
        met = wish["outcome"] in (MET, PARTLY_MET)
        if met and said_at is not None and wish["taken_at"] >= said_at:
            raise DisclosureHeldError(_STOPPED)
