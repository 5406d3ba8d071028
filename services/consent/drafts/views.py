"""One's own drafts, opened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.consent.drafts.documents import DRAFT, DRAFTS, Draft, draft_key
from services.consent.drafts.sealing import Closed, close, open_closed
from services.consent.ledger.acting import may_act
from services.consent.ledger.views import LedgerViews
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext

MOST = 100


class DraftViews:
    """Reads and closes drafts with the tenant key."""

    def __init__(self, context: ServiceContext) -> None:
        """Take consent's context; its key file is read when the first draft is."""
        self._context = context
        database = context.client[context.database_name]
        self._drafts, self._ledger = database[DRAFTS], LedgerViews(database, context.clock.now)

    def close(self, survivor_id: str, said: Mapping[str, str]) -> Closed:
        """Close what was typed about somebody."""
        tenant = str(self._context.tenant_id)
        return close(self._context.tenant_key, said, tenant=tenant, survivor_id=survivor_id)

    def said(self, survivor_id: str, purpose: str, who: Principal, now: datetime) -> dict[str, str]:
        """Give what somebody typed before about a survivor and a purpose; nothing where nothing is kept or opens."""
        document = self._drafts.find_one({"_id": draft_key(survivor_id, purpose, who.actor_id)})
        return (self._open(document, now) or {}) if document is not None else {}

    def own(self, who: Principal, now: datetime) -> list[dict[str, Any]]:
        """Give one's own drafts, the newest first: those that open, of people on whom one may still act."""
        found = self._drafts.find({"actor_id": who.actor_id}).sort("kept_at", -1).limit(MOST)
        rows = []
        for document in found:
            said = self._open(document, now)
            if said is not None and self._may_still(who, document["survivor_id"]):
                rows.append({**DRAFT.row(DRAFT.values(document)), "said": said})
        return rows

    def _may_still(self, who: Principal, survivor_id: str) -> bool:
        return self._ledger.is_known(survivor_id) and may_act(self._ledger, who, survivor_id)

    def _open(self, document: Mapping[str, Any], now: datetime) -> dict[str, str] | None:
        draft = Draft(**DRAFT.values(document))
        if draft.ends_at <= now:
            return None
        tenant = str(self._context.tenant_id)
        return open_closed(self._context.tenant_key, draft.closed, tenant=tenant, survivor_id=draft.survivor_id)
