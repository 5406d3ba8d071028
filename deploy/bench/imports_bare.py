"""What an import is set beside: one script as a programmer would write it, and two that are given more than they do.

``script`` does by itself what a row needs and nothing else, on one thread: it reads the file with ``csv``, checks days
and codes, looks which references are known, seals under a key of its own for each person, and writes the same
documents with the same facts and audit, in transactions of 1,000 rows. It has no profile, no verdict, no report, no
twins and no checkpoint that a killed one could go on from. ``given`` is handed the finished documents; ``one_document``
writes one small one a row, which no import can pass.
"""

import csv
import hmac
import io
import json
import os
import secrets
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pymongo import MongoClient

from services.case.imports.documents import IMPORTS, ROWS
from shared.codelists.lists import get
from shared.codelists.nationality import parse, region_level_1
from shared.codelists.words import read
from shared.runtime.rooms import service_of

TRANSACTION_ROWS = 1_000
Client = MongoClient[dict[str, Any]]
Documents = dict[str, list[dict[str, Any]]]


def script(client: Client, database: str, content: bytes) -> None:
    """Import the file."""
    wrapping, hashing = AESGCM(secrets.token_bytes(32)), secrets.token_bytes(32)
    import_id = str(uuid.uuid4())
    client[database][IMPORTS].insert_one({"_id": import_id, "state": "WAITING", "done": 0})
    rows, done = csv.DictReader(io.StringIO(content.decode())), 0
    while chunk := list(islice(rows, TRANSACTION_ROWS)):
        keys = [hmac.digest(hashing, row["Client Ref"].encode(), "sha256").hex() for row in chunk]
        with client.start_session() as session, session.start_transaction():
            known = client[database][ROWS].find({"_id": {"$in": keys}}, {"_id": 1}, session=session)
            there = {found["_id"] for found in known}
            new = [(key, row) for key, row in zip(keys, chunk, strict=True) if key not in there]
            for one, documents in _made(new, import_id, wrapping, hashing).items():
                client[database][one].insert_many(documents, session=session, ordered=False)
            done += len(chunk)
            client[database][IMPORTS].update_one({"_id": import_id}, {"$set": {"done": done}}, session=session)


def given(client: Client, database: str, content: bytes, documents: Documents) -> None:
    """Read, check and seal, and insert finished documents."""
    wrapping = AESGCM(secrets.token_bytes(32))
    genders, nations = set(get("gender").codes), set(get("nation").codes)
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    share = {one: max(1, -(-len(found) * TRANSACTION_ROWS // len(rows))) for one, found in documents.items()}
    for turn, start in enumerate(range(0, len(rows), TRANSACTION_ROWS)):
        for row in rows[start : start + TRANSACTION_ROWS]:
            datetime.strptime(row["Referral Date"], "%d/%m/%Y").replace(tzinfo=UTC)
            if row["Gender"].upper() not in genders or row["Nation"].upper() not in nations:
                raise RuntimeError("the file is not what the bare script expects")
            data_key = AESGCM.generate_key(256)
            wrapping.encrypt(secrets.token_bytes(12), data_key, None)
            sealing = AESGCM(data_key)
            for value in (row["Client Ref"], row["Referral Date"], row["Nationality"]):
                sealing.encrypt(secrets.token_bytes(12), value.encode(), b"place")
        with client.start_session() as session, session.start_transaction():
            for one, found in documents.items():
                if chunk := found[turn * share[one] : (turn + 1) * share[one]]:
                    client[database][one].insert_many(chunk, session=session, ordered=False)


def one_document(client: Client, database: str, rows: int) -> None:
    """Insert one small document a row."""
    for start in range(0, rows, TRANSACTION_ROWS):
        with client.start_session() as session, session.start_transaction():
            small = [{"_id": start + n, "said": "yes"} for n in range(TRANSACTION_ROWS)]
            client[database]["rows"].insert_many(small, session=session, ordered=False)


def prepared(client: Client) -> str:
    """Make a database with the collections and indexes of a real one; give its name."""
    name = "b" + secrets.token_hex(5)
    for collection in (*service_of("case").collections, "outbox", "survivor_keys", "rows"):
        client[name].create_collection(collection)
    for collection, models in service_of("case").indexes.items():
        client[name][collection].create_indexes(models)
    return name


def _made(rows: list[tuple[str, dict[str, str]]], import_id: str, wrapping: AESGCM, hashing: bytes) -> Documents:
    """Make the documents of some rows of people who are new."""
    made: Documents = {"survivors": [], "episodes": [], ROWS: [], "survivor_keys": [], "outbox": []}
    events: list[dict[str, Any]] = []
    actions: list[dict[str, Any]] = []
    now = datetime.now(UTC)
    at = now.isoformat()
    for number, (key, row) in enumerate(rows, start=2):
        survivor_id, episode_id = str(uuid.uuid4()), str(uuid.uuid4())
        day = datetime.strptime(row["Referral Date"], "%d/%m/%Y").replace(tzinfo=UTC)
        gender, nation = read("gender", row["Gender"]), read("nation", row["Nation"])
        age_band = read("age_band", row["Age At Referral"])
        codes = parse(row["Nationality"]).iso_codes
        types = sorted(word.strip().upper() for word in row["Exploitation Type"].split("&"))
        data_key = AESGCM.generate_key(256)
        sealing = AESGCM(data_key)
        nonce = os.urandom(12)
        wrapped = nonce + wrapping.encrypt(nonce, data_key, survivor_id.encode())
        region = region_level_1(codes)
        facts = {
            "episode_id": episode_id, "survivor_id": survivor_id, "referral_month": day.strftime("%Y-%m"),
            "gender": gender, "exploitation_types": types, "region_of_nationality": region, "transfer_in": False,
            "excluded": False, "recorded_in_error": False, "facts_recorded_at": at, "excluded_by": None,
        }  # fmt: skip
        said = _said(row)
        opened = {
            "episode_id": episode_id,
            "survivor_id": survivor_id,
            "advocate_id": None,
            "nation_of_support": nation,
        }
        stated = {
            "statement_id": episode_id, "survivor_id": survivor_id, "import_id": import_id,
            "purpose": "AGGREGATE_STATISTICS", **said, "stated_recorded_at": at, "recorded_in_error": False,
        }  # fmt: skip
        events += _events(episode_id, (opened, facts, stated))
        actions.append(
            {
                "action": "case:import_row:accepted", "actor_id": "bench", "role": "IMPORT", "object_id": episode_id,
                "outcome": "ALLOWED", "at": at, "count": None,
            }
        )  # fmt: skip
        kept = {"version": 1, "tenant_id": "bench", "row_us": 1, "updated_at": now}
        made["survivors"].append(
            {"_id": survivor_id, "sealed": {"reference": _sealed(sealing, survivor_id, row["Client Ref"])}, **kept}
        )
        made["episodes"].append(
            {
                "_id": episode_id, "survivor_id": survivor_id, "status": "ACTIVE", "age_band": age_band,
                "gender": gender, "region": region, "exploitation_types": types, "nation": nation,
                "advocacy_area": read("advocacy_area", row["Advocacy Need"]), "advocate_id": None,
                "transfer_in": False, "excluded": False, "recorded_in_error": False, "closure_reason": None,
                "closed_at": None, "left_out": [], "facts_recorded_at": now, **kept,
                "sealed": {
                    "referral_date": _sealed(sealing, survivor_id, day.date().isoformat()),
                    "nationality": _sealed(sealing, survivor_id, json.dumps(codes)),
                },
            }
        )  # fmt: skip
        content = hmac.digest(hashing, json.dumps([facts["gender"], types, nation, said]).encode(), "sha256").hex()
        made[ROWS].append(
            {
                "_id": key, "survivor_id": survivor_id, "episode_id": episode_id, "import_id": import_id,
                "statement": {"id": episode_id, "sequence": 1, "said": said}, "tasked": [], "twins": [content],
                "row": number, "kind": "ACCEPTED", "content": content, **kept,
            }
        )  # fmt: skip
        made["survivor_keys"].append({"_id": survivor_id, "generation": 1, "wrapped": wrapped})
    events += _events(import_id, ({"batch_id": import_id, "actions": actions},))
    made["outbox"].append({"_id": str(uuid.uuid4()), "route": "local", "status": "NEW", "events": events})
    return {one: documents for one, documents in made.items() if documents}


def _said(row: dict[str, str]) -> dict[str, Any]:
    said = row["Statistics Consent"]
    when = row["Consent Date"]
    return {
        "stated": said.upper() or "NOT_STATED",
        "said_at": datetime.strptime(when, "%d/%m/%Y").replace(tzinfo=UTC).isoformat() if when else None,
        "wording_code": row["Consent Wording"] or None,
        "language": read("language", row["Consent Language"]) if row["Consent Language"] else None,
        "method": read("consent_method", row["Consent Method"]) if row["Consent Method"] else None,
        "setting_private": row["Private Setting"] == "Yes" if row["Private Setting"] else None,
    }


def _events(subject: str, bodies: tuple[dict[str, Any], ...]) -> Iterator[dict[str, Any]]:
    for body in bodies:
        event_id = str(uuid.uuid4())
        encoded = json.dumps(body, separators=(",", ":")).encode()
        yield {"id": event_id, "type": "alongside.case.fact.v1", "subject": subject, "sequence": 1, "body": encoded}


def _sealed(sealing: AESGCM, survivor_id: str, text: str) -> bytes:
    nonce = os.urandom(12)
    return nonce + sealing.encrypt(nonce, text.encode(), survivor_id.encode())
