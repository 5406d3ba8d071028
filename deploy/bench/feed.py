"""``python -m deploy.bench.feed [EVENTS]``: how fast the event store takes events in, and how fast they are replayed.

One process on its own engines: events come through the inbox in batches as a queue delivers them, and are then read
from the beginning by HTTP, as a reference consumer does. It prints both rates, their ratio, and whether every event
came exactly once; it ends with 1 if one was missing or came twice.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

import httpx
import msgspec

from deploy.bench.rig import engines_at
from deploy.engines.layout import Layout
from deploy.provision.credentials import Vault
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from shared.bus.codec import encode
from shared.bus.deliveries import Delivery
from shared.bus.publisher import Publisher
from shared.bus.topology import RetryLadder, topology_of
from shared.contracts.case import EpisodeOpened
from shared.kernel.clock import real_now
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.tenancy import Principal, TenantId
from shared.outbox.machinery import BrokerUsers, Fates, Inbox
from shared.runtime.context import ServiceContext, open_context
from shared.runtime.rooms import service_of
from shared.runtime.serving import build_app
from shared.web.server import BoundedServer
from shared.web.tokens import TokenIssuer

EVENTS = 100_000
BATCH = 64
PAGE = 500
_PORT_BASE = 26_900
_TENANT = TenantId("bench")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    events = int(given[0]) if given else EVENTS
    with engines_at(_PORT_BASE) as engines:
        report = _run(engines.layout, events)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 0 if report["complete"] and not report["twice"] else 1


def _run(layout: Layout, events: int) -> dict[str, Any]:
    context = open_bench(layout)
    try:
        taken_s = _take_in(context, events)
        positions, ids, read_s = _replay(context, _token(layout))
    finally:
        context.committer.close()
        context.client.close()
    return {
        "events": events,
        "taken_in_per_s": round(events / taken_s),
        "replayed_per_s": round(len(positions) / read_s),
        "ratio": round(taken_s / read_s * len(positions) / events, 2),
        "complete": positions == list(range(1, events + 1)),
        "twice": len(ids) - len(set(ids)),
    }


def open_bench(layout: Layout) -> ServiceContext:
    """Make the bench's host, and open its integrations."""
    provisioner = Provisioner(layout, timings=Timings(), demo=True)
    provisioner.provision_centre()
    provisioner.provision(TenantSpec(id=_TENANT, name="Bench", nation="WALES", setting="OTHER", number=0))
    provisioner.close()
    os.environ["ALONGSIDE_SECRETS"] = str(layout.secrets_dir / "credentials")
    return open_context(_TENANT, "integrations", kind="api")


def _take_in(context: ServiceContext, events: int) -> float:
    users = BrokerUsers(tenant_id=_TENANT, own=f"{_TENANT}.integrations", operator=f"{_TENANT}.operator")
    inbox = Inbox(
        client=context.client,
        database=context.database_name,
        tenant_id=_TENANT,
        service="integrations",
        hearings=service_of("integrations").hearings(context),
        fates=Fates(
            publisher=Publisher(context.settings.amqp_uri), service="integrations", ladder=RetryLadder(), users=users
        ),
        now=context.clock.now,
    )
    subscription = topology_of(_TENANT).subscription("integrations", "case")
    # Nothing is parked or tried again, so the publisher never connects.
    spent = 0.0
    for first in range(0, events, BATCH):
        batch = [_delivery() for _ in range(min(BATCH, events - first))]
        began = time.perf_counter()
        inbox.settle(subscription, batch)
        spent += time.perf_counter() - began
    return spent


def _delivery() -> Delivery:
    event = EpisodeOpened(episode_id=new_id(), survivor_id=new_id(), advocate_id=None, nation_of_support="WALES")
    stored = {
        "id": new_event_id(),
        "type": event.event_type,
        "subject": event.subject,
        "sequence": 1,
        "body": msgspec.json.encode(event),
    }
    made = encode(event=stored, tenant_id=_TENANT, recorded_at=real_now(), broker_user=f"{_TENANT}.case", streams={})
    return Delivery(
        tag=1,
        body=made.body,
        headers=made.headers,
        properties=made.properties,
        routing_key=made.routing_key,
        redelivered=False,
    )


def _token(layout: Layout) -> str:
    key = Vault.of(layout.secrets_dir, _TENANT).token_key()[0].read_text(encoding="utf-8").strip()
    who = Principal(
        actor_id=new_id(),
        tenant_id=_TENANT,
        organisation_id=str(_TENANT),
        role="INTEGRATOR",
        scopes=frozenset({"events:read"}),
    )
    return TokenIssuer(key, issuer=str(_TENANT)).issue(who)


def _replay(context: ServiceContext, token: str) -> tuple[list[int], list[str], float]:
    server = BoundedServer(build_app({"integrations": context}), host="127.0.0.1", port=0, max_body_bytes=1_000_000)
    threading.Thread(target=server.run, daemon=True).start()
    positions: list[int] = []
    ids: list[str] = []
    url = f"http://127.0.0.1:{server.effective_port}"
    headers = {"Authorization": f"Bearer {token}"}
    try:
        with httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False) as http:
            began, after = time.perf_counter(), 0
            while True:
                answer = http.get("/v1/events", params={"after": after, "limit": PAGE}).raise_for_status()
                page = msgspec.json.decode(answer.content)
                if not page["items"]:
                    return positions, ids, time.perf_counter() - began
                positions += [event["position"] for event in page["items"]]
                ids += [event["source"] + event["id"] for event in page["items"]]
                after = page["next"]
    finally:
        server.close()


if __name__ == "__main__":
    sys.exit(main())
