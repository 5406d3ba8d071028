"""Delivers: looks for endpoints that have something due, and gives each a thread of its own while it has.

Promise: at most one delivery of an endpoint is in flight, and each of a host's endpoints, of which there are 20 at
most, has its own place; so a dead or slow one takes nothing of another's. What fails with one endpoint stops no other.
Shown by tests/integration/integrations/test_webhook_delivering.py.
Limit: order is the store's order as far as everything succeeds; what is tried again comes later than what followed it.
"""

import json
import threading
import time
from collections.abc import Callable
from typing import Protocol

from pymongo.errors import PyMongoError

from services.integrations.feed.envelopes import cloud_event
from services.integrations.store.reading import AheadOfStoreError, EventStore, TooOldError
from services.integrations.webhooks.commands import MOST_ENDPOINTS, TEST
from services.integrations.webhooks.deliveries import Delivering
from services.integrations.webhooks.posting import Poster
from services.integrations.webhooks.rules import ACTIVE, Delivery, Endpoint, Outcome
from services.integrations.webhooks.sealing import EndpointSecrets
from services.integrations.webhooks.signing import signed_headers
from services.integrations.webhooks.targets import WebhookAddressError, read_target
from shared.bus.codec import source_of
from shared.kernel.clock import Now, real_now
from shared.kernel.errors import AlongsideError
from shared.keys.fields import CiphertextMovedError
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.telemetry.logs import get_logger
from shared.telemetry.metric_names import WEBHOOK_ATTEMPTS, WEBHOOKS_DISABLED, WEBHOOKS_FAILING
from shared.telemetry.metrics import counter, gauge

TURN_S = 30.0
"""A turn of one endpoint begins no delivery after so long; the rest is given back."""
JOIN_S = 25.0
_MOST_CHUNKS = 5
CONTENT_TYPE = "application/cloudevents+json"

log = get_logger(__name__)


class CanStop(Protocol):
    """Says whether to stop."""

    def is_set(self) -> bool:
        """Whether to stop."""


class TooOldToSendError(Exception):
    """The event of a delivery is no longer kept."""


class Dispatcher:
    """Delivers one tenant's webhooks."""

    def __init__(self, context: ServiceContext, *, poster: Poster | None = None, now: Now = real_now) -> None:
        """Take the service, and how to post."""
        self._context = context
        self._poster = poster or Poster()
        self._now = now
        self._delivering = Delivering(context)
        self._store = EventStore(context)
        self._secrets = EndpointSecrets(context.tenant_key, context.tenant_id)
        self._lock = threading.Lock()
        self._at_work: dict[str, threading.Thread] = {}

    def step(self, stop: CanStop) -> int:
        """Queue what is new and see that everybody who has something due is served; give how many endpoints are active.

        One that cannot be looked after is logged, and its neighbours are.
        """
        endpoints = self._delivering.endpoints()
        for n, endpoint in enumerate(endpoints):
            try:
                endpoints[n] = self._look_after(endpoint, stop)
            except (AlongsideError, ValueError) as error:
                log.warning("a webhook was passed over", target=endpoint.id, error_class=type(error).__name__)
        active = [one for one in endpoints if one.status == ACTIVE]
        gauge(WEBHOOKS_FAILING).set(sum(one.failing_since is not None for one in active))
        gauge(WEBHOOKS_DISABLED).set(len(endpoints) - len(active))
        return len(active)

    def idle(self) -> bool:
        """Whether nobody is being served now."""
        with self._lock:
            return not self._at_work

    def finish(self, within_s: float = JOIN_S) -> bool:
        """Wait until what is in flight has ended; give whether it has."""
        until = time.monotonic() + within_s
        with self._lock:
            threads = list(self._at_work.values())
        for thread in threads:
            thread.join(timeout=max(0.0, until - time.monotonic()))
        return self.idle()

    def _look_after(self, endpoint: Endpoint, stop: CanStop) -> Endpoint:
        aged = self._delivering.age(endpoint, self._now())
        if aged.status != endpoint.status or aged.warned != endpoint.warned:
            log.warning("a webhook fails for days", target=endpoint.id, outcome=aged.status)
        for _ in range(_MOST_CHUNKS):
            if not self._delivering.queue(aged, self._now()):
                break
            aged = next((one for one in self._delivering.endpoints() if one.id == endpoint.id), aged)
        if aged.status == ACTIVE and self._delivering.has_due(aged, self._now()):
            self._begin(aged, stop)
        return aged

    def _begin(self, endpoint: Endpoint, stop: CanStop) -> None:
        with self._lock:
            if endpoint.id in self._at_work or len(self._at_work) >= MOST_ENDPOINTS:
                return
            thread = threading.Thread(
                target=self._serve, args=(endpoint.id, stop), name=f"webhook-{endpoint.id[:8]}", daemon=True
            )
            self._at_work[endpoint.id] = thread
            thread.start()

    def _serve(self, endpoint_id: str, stop: CanStop) -> None:
        """Serve one endpoint for a turn."""
        until = time.monotonic() + TURN_S
        try:
            while not stop.is_set() and time.monotonic() < until:
                taken = self._delivering.take(endpoint_id, self._now())
                if not taken:
                    return
                self._send_each(taken, lambda: stop.is_set() or time.monotonic() >= until)
        except DocumentMissingError:
            # It was removed meanwhile; its deliveries expire by themselves.
            return
        except (AlongsideError, PyMongoError, ValueError) as error:
            # What is in hand comes again when its time there is over.
            log.warning("a webhook's turn ended early", target=endpoint_id, error_class=type(error).__name__)
        finally:
            with self._lock:
                del self._at_work[endpoint_id]

    def _send_each(self, taken: list[Delivery], over: Callable[[], bool]) -> None:
        for n, delivery in enumerate(taken):
            # Once more before each: what was disabled since gets nothing more.
            endpoint = None if over() else self._delivering.active(delivery.endpoint_id)
            if endpoint is None:
                self._delivering.give_back(taken[n:])
                return
            try:
                outcome = self._send(endpoint, delivery)
            except TooOldToSendError:
                self._delivering.give_up(delivery, "TOO_OLD", self._now())
                continue
            counter(WEBHOOK_ATTEMPTS).add(1, outcome="taken" if outcome.succeeded else "failed")
            self._delivering.note(delivery, outcome, self._now())

    def _send(self, endpoint: Endpoint, delivery: Delivery) -> Outcome:
        body = json.dumps(self._content(delivery), separators=(",", ":"))
        at = self._now()
        try:
            url = self._secrets.open_url(endpoint.id, endpoint.url)
            keys = [self._secrets.open_key(endpoint.id, sealed) for sealed in endpoint.signs_with(at)]
            target = read_target(url, demo=self._context.settings.demo)
        except CiphertextMovedError:
            return Outcome(status=None, reason="KEY_NOT_OPENED", took_ms=0)
        except WebhookAddressError:
            return Outcome(status=None, reason="ADDRESS_REFUSED", took_ms=0)
        headers = {
            "content-type": CONTENT_TYPE,
            "user-agent": "alongside-webhooks/1",
            **signed_headers(keys, delivery.webhook_id, at, body),
        }
        return self._poster.post(target, headers, body.encode())

    def _content(self, delivery: Delivery) -> dict[str, object]:
        if delivery.position is None:
            return {
                "specversion": "1.0",
                "id": delivery.webhook_id,
                "source": source_of(self._context.tenant_id, self._context.service),
                "type": TEST,
                "time": delivery.queued_at.isoformat().replace("+00:00", "Z"),
                "datacontenttype": "application/json",
                "tenantid": str(self._context.tenant_id),
                "data": {},
            }
        try:
            # Read now and not when it was queued: today's consent and erasures count.
            found = self._store.read(delivery.position - 1, limit=1).events
        except (TooOldError, AheadOfStoreError) as error:
            raise TooOldToSendError from error
        if not found or found[0].position != delivery.position:
            raise TooOldToSendError
        return cloud_event(found[0], self._context.tenant_id)
