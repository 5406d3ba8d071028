"""What case shows of a host that leaves."""

from typing import Any

from services.case.leaving.documents import LEAVING, LEAVINGS, THE_LEAVING, leaving_from
from services.case.leaving.rules import NOT_ASKED
from shared.runtime.context import ServiceContext

_NOTHING: dict[str, Any] = {"id": THE_LEAVING, **{one.name: None for one in LEAVING.fields}, "version": 0}


class LeavingViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._leavings = context.client[context.database_name][LEAVINGS]
        self._now = context.clock.now

    def leaving(self) -> dict[str, Any]:
        """Give where it stands now; of a host where nobody asked, that nobody did."""
        document = self._leavings.find_one({"_id": THE_LEAVING})
        if document is None:
            return {**_NOTHING, "state": NOT_ASKED}
        row = LEAVING.row(LEAVING.values(document))
        return {**row, "state": leaving_from(document).state_at(self._now())}
