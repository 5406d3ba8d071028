"""How board and custodian each keep what they saw of the hosts' audit logs, and judge what comes next.

Promise: what a witness saw last, its answer and the evidence of a refusal are written in one transaction; two
checkpoints of one host are judged one after the other. Of a host nothing is kept but sizes that are multiples of 4,096,
hashes, keys and times of day that are the same for all. One host's fault touches no other.
Shown by tests/integration/audit/test_witnesses.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel
from pymongo.database import Database

from shared.contracts.witness import CheckpointSubmitted
from shared.kernel.messages import AuditIntent, Received
from shared.kernel.tenancy import TenantId
from shared.keys.messages import check_message
from shared.keys.signing import SignatureRefusedError, Trust
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext
from shared.telemetry.metric_names import CHECKPOINTS_REFUSED
from shared.telemetry.metrics import gauge
from shared.transparency.notes import ED25519, ML_DSA_44, Checkpoint, VerifierKey, note_of, origin_of
from shared.transparency.witness import (
    ALARMS,
    BAD_SIGNATURE,
    COSIGNED,
    UNKNOWN_HOST,
    Offer,
    Seen,
    cosigned_message,
    judge,
    witness_key,
)

WITNESSED, SIGHTINGS, REFUSED_CHECKPOINTS = "witnessed", "sightings", "refused_checkpoints"
LATE = timedelta(days=1, hours=6)
"""After so long without a checkpoint a host is late."""
_MEASURE_EVERY_S = 60.0
_NONE_YET: dict[str, Any] = {"size": 0, "root": "", "at": None, "keys": [], "seen_at": None, "alarm": None}
WITNESSED_LOG = DocumentType(
    collection=WITNESSED,
    # By host; what was seen last, and whether what came last was refused.
    fields=(
        Field(name="size", holds=Holds.COUNT),
        Field(name="root", holds=Holds.HASH),
        Field(name="at", holds=Holds.INSTANT),
        Field(name="keys", holds=Holds.HASH),
        Field(name="seen_at", holds=Holds.INSTANT),
        Field(name="alarm", holds=Holds.CODE),
    ),
    indexes=(IndexModel([("alarm", 1)]),),
)
SIGHTING = DocumentType(
    collection=SIGHTINGS,
    append_only=True,
    fields=(
        Field(name="host", holds=Holds.ID),
        Field(name="size", holds=Holds.COUNT),
        Field(name="root", holds=Holds.HASH),
        Field(name="seen_at", holds=Holds.INSTANT),
    ),
)
REFUSED_CHECKPOINT = DocumentType(
    collection=REFUSED_CHECKPOINTS,
    append_only=True,
    # The first of a host, a day and an outcome.
    # The signed note is the evidence: two that contradict each other can only come from whoever holds the log's key.
    fields=(
        Field(name="host", holds=Holds.ID),
        Field(name="outcome", holds=Holds.CODE),
        Field(name="known", holds=Holds.COUNT),
        Field(name="note", holds=Holds.HASH),
        Field(name="refused_at", holds=Holds.INSTANT),
    ),
)
TYPES = (WITNESSED_LOG, SIGHTING, REFUSED_CHECKPOINT)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a witness answers: the fields that every answer has."""

    offer_id: str
    host: str
    size: int
    root: str
    outcome: str
    known: int
    seen_at: datetime
    cosignature: str | None

    @property
    def fields(self) -> dict[str, Any]:
        """As keyword arguments of an answer's event."""
        return dict(vars(self))


def take(received: Received[CheckpointSubmitted], work: UnitOfWork, *, trust: Trust) -> Judged:
    """Judge a host's checkpoint, keep what follows from it, and give the answer."""
    event, host = received.event, received.sender
    row = work.find(WITNESSED, host) or {"_id": host, **_NONE_YET}
    now = work.now.replace(microsecond=0)
    note, outcome, checkpoint = _judge(received, row, work, trust)
    cosignature = None
    if outcome == COSIGNED and checkpoint is not None:
        _keep(work, row, checkpoint, event, now)
        message = cosigned_message(checkpoint.origin, checkpoint.size, checkpoint.root, now)
        cosignature = trust.own.sign(message)
    elif outcome in ALARMS:
        work.save(WITNESSED, WITNESSED_LOG.changed(row, alarm=outcome))
        # One contradiction is evidence enough, and a host that sends a thousand fills nobody's disk.
        place = f"{host}-{now:%Y-%m-%d}-{outcome}"
        if work.find(REFUSED_CHECKPOINTS, place) is None:
            refused = {"host": host, "outcome": outcome, "known": row["size"], "note": note, "refused_at": now}
            work.insert(REFUSED_CHECKPOINTS, {"_id": place, **refused})
    work.audit(
        AuditIntent(
            action=f"{work.service}:checkpoint:witness",
            actor_id=host,
            role="HOST",
            object_id=event.offer_id,
            outcome="ALLOWED" if outcome == COSIGNED else outcome,
            at=work.now,
        )
    )
    return Judged(
        offer_id=event.offer_id,
        host=host,
        size=event.size,
        root=event.root,
        outcome=outcome,
        known=int(row["size"]),
        seen_at=now,
        cosignature=cosignature,
    )


def _judge(
    received: Received[CheckpointSubmitted], row: Mapping[str, Any], work: UnitOfWork, trust: Trust
) -> tuple[str, str, Checkpoint | None]:
    event, host = received.event, received.sender
    origin = origin_of(TenantId(host))
    keys = (
        VerifierKey(name=origin, kind=ED25519, public=bytes.fromhex(event.ed25519_key)),
        VerifierKey(name=origin, kind=ML_DSA_44, public=bytes.fromhex(event.ml_dsa_44_key)),
    )
    said = Checkpoint(origin=origin, size=event.size, root=bytes.fromhex(event.root), at=event.at)
    note = note_of(keys, said, bytes.fromhex(event.ed25519), bytes.fromhex(event.ml_dsa_44))
    entry = trust.hosts.read().get(host)
    if entry is None:
        return note, UNKNOWN_HOST, None
    try:
        check_message(event, entry.signing_key)
    except SignatureRefusedError:
        return note, BAD_SIGNATURE, None
    if event.host != host:
        return note, BAD_SIGNATURE, None
    seen = None
    if row["size"]:
        first, second = map(VerifierKey.parse, row["keys"])
        seen = Seen(size=row["size"], root=bytes.fromhex(row["root"]), at=row["at"], keys=(first, second))

    def root_of(size: int) -> bytes | None:
        found = work.find(SIGHTINGS, sighting_id(host, size))
        return bytes.fromhex(found["root"]) if found is not None else None

    offer = Offer(note=note, keys=keys, before=event.before, proof=[bytes.fromhex(one) for one in event.proof])
    return note, *judge(offer, seen, now=work.now, root_of=root_of)


def _keep(
    work: UnitOfWork, row: dict[str, Any], checkpoint: Checkpoint, event: CheckpointSubmitted, now: datetime
) -> None:
    keys = [
        VerifierKey(name=checkpoint.origin, kind=kind, public=bytes.fromhex(public)).line
        for kind, public in ((ED25519, event.ed25519_key), (ML_DSA_44, event.ml_dsa_44_key))
    ]
    root = checkpoint.root.hex()
    place = sighting_id(row["_id"], checkpoint.size)
    if work.find(SIGHTINGS, place) is None:
        work.insert(
            SIGHTINGS, {"_id": place, "host": row["_id"], "size": checkpoint.size, "root": root, "seen_at": now}
        )
    seen = {"size": checkpoint.size, "root": root, "at": checkpoint.at, "keys": keys, "seen_at": now, "alarm": None}
    work.save(WITNESSED, WITNESSED_LOG.changed(row, **seen))


def sighting_id(host: str, size: int) -> str:
    """Give under which id a size of a host's log stands."""
    return f"{host}-{size:015d}"


def standing(database: Database[dict[str, Any]], hosts: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Say of each host how its log stands with this witness: ``SEEN``, ``LATE``, ``NOT_YET`` or ``ALARM``.

    Args:
        database: The witness's.
        hosts: Those in its register, by id.
        now: Its business time.
    """
    known = {row["_id"]: row for row in database[WITNESSED].find()}
    counted = database[REFUSED_CHECKPOINTS].aggregate([{"$group": {"_id": "$host", "count": {"$sum": 1}}}])
    refused = {one["_id"]: int(one["count"]) for one in counted}
    return [
        {**_stands(host, known.get(host, _NONE_YET), now), "refused": refused.get(host, 0)}
        for host in sorted({*hosts, *known})
    ]


def _stands(host: str, row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    seen_at = row["seen_at"]
    if row["alarm"] is not None:
        state = "ALARM"
    elif seen_at is None:
        state = "NOT_YET"
    else:
        state = "LATE" if now - seen_at > LATE else "SEEN"
    return {"host": host, "state": state, "alarm": row["alarm"], "size": row["size"], "seen_at": seen_at}


def measuring(context: ServiceContext) -> list[Job]:
    """Give the job that measures how many hosts' logs are refused."""

    def measure() -> None:
        where = {"alarm": {"$ne": None}}
        gauge(CHECKPOINTS_REFUSED).set(
            context.client[context.database_name][WITNESSED].count_documents(where), service=context.service
        )

    return [Job(name="witnessing", every_s=_MEASURE_EVERY_S, run=measure)]


def host_logs(context: ServiceContext, *, witness: str) -> dict[str, Any]:
    """Give how each host's log stands with this witness, and the key with which it cosigns."""
    database = context.client[context.database_name]
    trust = context.trust
    return {
        "key": witness_key(witness, trust.own.public).line,
        "items": standing(database, trust.hosts.read(), context.clock.now()),
    }
