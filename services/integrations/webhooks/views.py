"""What is shown of webhooks, their deliveries and attempts; plain rows, and never a key."""

from typing import Any

from pymongo.database import Database

from services.integrations.store.reading import EventStore
from services.integrations.webhooks.commands import MOST_ENDPOINTS
from services.integrations.webhooks.documents import (
    ATTEMPT,
    ATTEMPTS,
    DELIVERIES,
    DELIVERY,
    ENDPOINT,
    WEBHOOKS,
    endpoint_from,
)
from services.integrations.webhooks.rules import ACTIVE, GIVEN_UP, NOT_SENT, WAITING, Endpoint
from services.integrations.webhooks.sealing import EndpointSecrets
from services.integrations.webhooks.signing import HMAC
from shared.keys.fields import CiphertextMovedError
from shared.outbox.unit_of_work import DocumentMissingError
from shared.web.paging import Page, PageRequest, find_page

MOST_COUNTED = 10_000
MOST_ATTEMPTS = 50


class WebhookViews:
    """Reads from integrations' own database."""

    def __init__(self, database: Database[dict[str, Any]], store: EventStore, secrets: EndpointSecrets) -> None:
        """Take the database, the store whose head a lag is counted from, and what opens addresses."""
        self._database = database
        self._store = store
        self._secrets = secrets

    def endpoint(self, endpoint_id: str) -> Endpoint:
        """Give an endpoint.

        Raises:
            DocumentMissingError: There is none.
        """
        document = self._database[WEBHOOKS].find_one({"_id": endpoint_id})
        if document is None:
            raise DocumentMissingError(WEBHOOKS)
        return endpoint_from(document)

    def one(self, endpoint_id: str) -> dict[str, Any]:
        """Give an endpoint as the API shows it."""
        return self._row(self.endpoint(endpoint_id), self._store.head())

    def all(self) -> list[dict[str, Any]]:
        """Give every endpoint; there are few."""
        head = self._store.head()
        found = self._database[WEBHOOKS].find().sort("updated_at", 1).limit(MOST_ENDPOINTS)
        return [self._row(endpoint_from(document), head) for document in found]

    def deliveries(self, endpoint_id: str, wanted: PageRequest, state: str | None) -> Page:
        """Give a page of an endpoint's deliveries, of one state or of all."""
        endpoint = self.endpoint(endpoint_id)
        where = {"endpoint_id": endpoint_id, **(_where(endpoint, state) if state is not None else {})}

        def row(document: dict[str, Any]) -> dict[str, Any]:
            values = DELIVERY.row(DELIVERY.values(document))
            if values["state"] == WAITING and not _goes_out(endpoint, document):
                values["state"] = NOT_SENT
            if values["state"] != WAITING:
                values["next_at"] = None
            return values

        return find_page(self._database[DELIVERIES], wanted, where=where, row=row)

    def attempts(self, endpoint_id: str, delivery_id: str) -> list[dict[str, Any]]:
        """Give a delivery's last attempts, the newest first.

        Raises:
            DocumentMissingError: It is not this endpoint's.
        """
        if self._database[DELIVERIES].find_one({"_id": delivery_id, "endpoint_id": endpoint_id}, {"_id": 1}) is None:
            raise DocumentMissingError(DELIVERIES)
        found = self._database[ATTEMPTS].find({"delivery_id": delivery_id}).sort("at", -1).limit(MOST_ATTEMPTS)
        return [ATTEMPT.row(ATTEMPT.values(document)) for document in found]

    def _row(self, endpoint: Endpoint, head: int) -> dict[str, Any]:
        row = ENDPOINT.row({one.name: getattr(endpoint, one.name) for one in ENDPOINT.fields} | _named(endpoint))
        return {
            **row,
            **self._opened(endpoint),
            "disables_at": endpoint.disables_at,
            "lag": max(0, head - endpoint.position),
            **{name: self._count(endpoint, state) for name, state in _COUNTED.items()},
        }

    def _opened(self, endpoint: Endpoint) -> dict[str, Any]:
        """Give what is kept sealed and may be shown; of one that does not open, nothing."""
        try:
            key = self._secrets.open_key(endpoint.id, endpoint.key)
            url = self._secrets.open_url(endpoint.id, endpoint.url)
        except CiphertextMovedError:
            return {"url": None, "public_key": None}
        return {"url": url, "public_key": None if key.kind == HMAC else key.shown}

    def _count(self, endpoint: Endpoint, state: str) -> int:
        where = {"endpoint_id": endpoint.id, **_where(endpoint, state)}
        return self._database[DELIVERIES].count_documents(where, limit=MOST_COUNTED)


_COUNTED = {"waiting": WAITING, "not_sent": NOT_SENT, "given_up": GIVEN_UP}


def _named(endpoint: Endpoint) -> dict[str, Any]:
    return {"id": endpoint.id, "version": endpoint.version}


def _goes_out(endpoint: Endpoint, document: dict[str, Any]) -> bool:
    return endpoint.status == ACTIVE and bool(document["queued_at"] >= endpoint.enabled_at)


def _where(endpoint: Endpoint, state: str) -> dict[str, Any]:
    """Find deliveries of a shown state: of those that wait, some are only kept."""
    if state not in (WAITING, NOT_SENT):
        return {"state": state}
    if endpoint.status == ACTIVE:
        return {"state": WAITING, "queued_at": {"$gte" if state == WAITING else "$lt": endpoint.enabled_at}}
    # Of a disabled endpoint nothing waits, and everything that did is kept.
    return {"state": WAITING} if state == NOT_SENT else {"state": "NONE"}
