"""What board, custodian and consent's marks would say to a host's reporting, said by a test."""

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from deploy.provision.credentials import Vault
from shared.codelists.periods import Period
from shared.codelists.plan import load_plan
from shared.contracts.board import TaskOpened
from shared.contracts.task import POLICY_VERSION, PURPOSE, RosterHost, TaskDraft, TaskTerms, task_message
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.messages import Received
from shared.kernel.tenancy import BOARD, CUSTODIAN
from shared.keys.messages import sign_message
from shared.keys.signing import SigningKey

PLANS = {"YEAR": load_plan("year-v1"), "QUARTER": load_plan("quarter-v1")}


def centre_key(secrets, server):
    """The signing key of one of the two servers."""
    return SigningKey.load(Vault.of(secrets, server).signing_key()[0])


def task_received(tenant, signing_key, secrets, period):
    """The board's notice of a period's task, signed by both servers."""
    parsed = Period.parse(period)
    plan = PLANS[parsed.kind]
    key = X25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    host = RosterHost(host=str(tenant), nation="ENGLAND", setting="OTHER", signing_key=signing_key)
    draft = TaskDraft(
        task_id=new_id(), period=period, covers=(period,), purpose=PURPOSE, policy_version=POLICY_VERSION,
        plan_id=plan.id, plan_hash=plan.hash(), roster=(host,), seal_at=parsed.seal_at(),
        closes_at=parsed.closes_at(), board_key=key,
    )  # fmt: skip
    terms = TaskTerms(draft=draft, custodian_key=key, coin_key_hash="0" * 64)
    message = task_message(terms.hash())
    opened = TaskOpened(
        task_id=draft.task_id,
        terms=terms,
        board_signature=centre_key(secrets, BOARD).sign(message),
        custodian_signature=centre_key(secrets, CUSTODIAN).sign(message),
    )
    return Received(
        event=sign_message(opened, centre_key(secrets, BOARD)), event_id=new_event_id(), sequence=1, stream_n=None,
        recorded_at=parsed.ends_at(), sender="board", traceparent=None,
    )  # fmt: skip


def prove(database, through):
    """Let consent's marks prove to reporting everything up to a moment."""
    database["streams"].replace_one(
        {"_id": "consent"},
        {
            "_id": "consent", "version": 1, "contiguous": 40, "above": [], "applied_through": through,
            "source_applied": {"case": through}, "pending": [],
        },
        upsert=True,
    )  # fmt: skip
