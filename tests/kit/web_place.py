"""An application of one group of routes over a real database, with tokens, as an api process has it."""

import json
import secrets
from contextlib import contextmanager
from types import SimpleNamespace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymongo import IndexModel, MongoClient

from shared.contracts.marks import AUDITS
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal, TenantId
from shared.outbox.committer import Committer
from shared.web.app import create_app
from shared.web.gateway import Gateway
from shared.web.routing import blueprint_of
from shared.web.tokens import TokenIssuer, TokenVerifier

COLLECTIONS = ("outbox", "idempotency", "things")


@contextmanager
def web_place(engines, group_of):
    """Two applications on one database, as two api processes are; ``group_of(database)`` gives their routes."""
    tenant = TenantId(f"w{secrets.token_hex(5)}")
    client = MongoClient(engines.mongod.admin_uri(), tz_aware=True)
    name = f"as_{tenant}_case"
    database = client[name]
    for collection in COLLECTIONS:
        database.create_collection(collection)
    database["things"].create_indexes([IndexModel([("updated_at", 1), ("_id", 1)])])
    committers = [
        Committer(client=client, database=name, tenant_id=tenant, service="case", now=real_now) for _ in range(2)
    ]
    key, stranger = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    verifier = TokenVerifier([key.public_key().public_bytes_raw().hex()], tenant_id=tenant, issuer=str(tenant))
    checks = {"up": True}
    app, twin = (
        create_app(
            title="Things",
            tenant_id=tenant,
            blueprints=[
                blueprint_of(group_of(database), Gateway(committer, fingerprint_key=b"k" * 32), service="case")
            ],
            verifier=verifier,
            ready_checks={"database": lambda: checks["up"]},
        )
        for committer in committers
    )

    def token(role="IMSA", *, actor=None, of=tenant, signed_by=key, scopes=(), networks=()):
        who = Principal(
            actor_id=actor or new_id(), tenant_id=of, organisation_id=str(of), role=role,
            scopes=frozenset(scopes), networks=frozenset(networks),
        )  # fmt: skip
        return TokenIssuer(signed_by.private_bytes_raw().hex(), issuer=str(of)).issue(who)

    try:
        yield SimpleNamespace(
            app=app, twin=twin, database=database, token=token, tenant=tenant, stranger=stranger, checks=checks,
        )  # fmt: skip
    finally:
        for committer in committers:
            committer.close()
        client.drop_database(name)
        client.close()


def keyed(headers, key=None):
    """The headers with an Idempotency-Key."""
    return {**headers, "Idempotency-Key": key or new_id()}


def audited(stack, **wanted):
    """Every audited action so far that has these values."""
    actions = [
        action
        for outbox_row in stack.database["outbox"].find()
        for event in outbox_row["events"]
        if event["type"] == AUDITS["case"].event_type
        for action in json.loads(event["body"])["actions"]
    ]
    return [a for a in actions if all(a[name] == value for name, value in wanted.items())]
