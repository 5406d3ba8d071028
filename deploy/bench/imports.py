"""Import of a host's file beside a bare script that parses, validates, encrypts and inserts the same.

Ours is everything between the uploaded bytes and the last commit: profile, verdicts, keys, chunks with outbox,
audit, checkpoint. Bare reads the same file with ``csv``, checks dates and codes, seals as many bytes under as many
keys, and inserts the very documents that ours made, in transactions of 1,000 rows. The ceiling is one small
document a row.
"""

import csv
import io
import json
import secrets
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bson import encode
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pymongo import MongoClient

from deploy.engines.layout import Layout
from deploy.engines.mongod import CLIENT_TIMEOUT_MS
from deploy.engines.pair import EnginePair
from deploy.provision.databases import KERNEL_COLLECTIONS
from services.case.imports.documents import IMPORT
from services.case.imports.finding import Finder
from services.case.imports.rules.profile import choose, shipped
from services.case.imports.rules.progress import WAITING, Import
from services.case.imports.rules.reading import read_sheet
from services.case.imports.rules.verdicts import judge
from services.case.imports.run import ImportRun
from shared.codelists.lists import get
from shared.kernel.ids import new_id
from shared.kernel.tenancy import TenantId, database_name
from shared.keys.key_table import KeyTable
from shared.keys.survivor_keys import SurvivorKeys
from shared.keys.tenant_key import TenantKeyFile
from shared.outbox.committer import Committer
from shared.runtime.rooms import service_of

ROWS = 4_000
_PORT_BASE = 26_950
_REPEATS = 3
_TRANSACTION_ROWS = 1_000
_HEADER = tuple(shipped()["standard"].columns)
_TODAY = date(2026, 11, 1)

Client = MongoClient[dict[str, Any]]


def main() -> int:
    """Run in turns and print medians; it judges nothing."""
    content = make_file(ROWS)
    with tempfile.TemporaryDirectory(prefix="alongside-bench-") as home:
        engines = EnginePair(Layout(home=Path(home), port_base=_PORT_BASE))
        engines.mongod.start()
        try:
            client: Client = MongoClient(engines.mongod.admin_uri(), tz_aware=True, timeoutMS=CLIENT_TIMEOUT_MS)
            found: dict[str, list[float]] = {"ours": [], "bare": [], "ceiling": []}
            documents: dict[str, list[dict[str, Any]]] = {}
            for _ in range(_REPEATS):
                seconds, documents = _ours(client, content, Path(home))
                found["ours"].append(ROWS / seconds)
                found["bare"].append(ROWS / _bare(client, content, documents))
                found["ceiling"].append(ROWS / _ceiling(client))
        finally:
            engines.mongod.stop()
    rates = {name: round(statistics.median(values)) for name, values in found.items()}
    report = {
        "rows_per_s": rates,
        "ours_to_bare": round(rates["ours"] / rates["bare"], 2),
        "ours_to_one_document_ceiling": round(rates["ours"] / rates["ceiling"], 3),
        "documents_per_row": round(sum(map(len, documents.values())) / ROWS, 2),
        "bytes_per_row": round(sum(len(encode(d)) for found in documents.values() for d in found) / ROWS),
    }
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 0


def make_file(rows: int) -> bytes:
    """Make a synthetic export in the shape that we suggest; every third row has no consent."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    for number in range(rows):
        day, month = 1 + number % 28, 7 + number % 3
        said = ("Given", f"{day:02}/{month:02}/2026", "stats-2026-1", "en", "In person", "Yes")
        writer.writerow(
            (
                f"SYNTHETIC-{number:06}",
                f"{day:02}/{month:02}/2026",
                "Adult (18 or over)",
                ("Female", "Male")[number % 2],
                ("Albanian", "Vietnamese", "UK", "Eritrean")[number % 4],
                ("Labour", "Sexual", "Criminal & Labour")[number % 3],
                "England",
                "Immigration",
                *(said if number % 3 else ("",) * len(said)),
                "",  # Nobody has withdrawn.
            )
        )
    return text.getvalue().encode()


def _ours(client: Client, content: bytes, home: Path) -> tuple[float, dict[str, list[dict[str, Any]]]]:
    tenant, import_id = TenantId("b" + secrets.token_hex(5)), new_id()
    name = database_name(tenant, "case")
    for collection in (*KERNEL_COLLECTIONS, *service_of("case").collections):
        client[name].create_collection(collection)
    for collection, models in service_of("case").indexes.items():
        client[name][collection].create_indexes(models)
    key = TenantKeyFile.create(home / f"{tenant}.key", tenant)
    keys_database = client[database_name(tenant, "keys")]
    KeyTable(keys_database).prepare(key.generation)
    committer = Committer(client=client, database=name, tenant_id=tenant, service="case", now=lambda: datetime.now(UTC))
    waiting = Import(
        id=import_id, state=WAITING, profile=None, source=None, actor_id="bench", received_at=datetime.now(UTC)
    )
    client[name][IMPORT.collection].insert_one({**IMPORT.document(waiting), "version": 1, "tenant_id": tenant})
    began = time.perf_counter()
    sheet = read_sheet(content, [column for profile in shipped().values() for column in profile.columns])
    binding = choose(sheet, None).bind(sheet)
    hash_key = key.subkey("IMPORT_CONTENT")
    run = ImportRun(
        committer=committer,
        keys=SurvivorKeys(keys_database, key),
        tenant=tenant,
        import_id=import_id,
        actor_id="bench",
        finder=Finder(row_key=lambda reference: f"row:{reference}", hash_key=hash_key),
    )
    run.run(judge(sheet, binding, today=_TODAY), done=0)
    seconds = time.perf_counter() - began
    committer.close()
    if client[name]["episodes"].count_documents({}) != ROWS:
        raise RuntimeError("not every row became an episode; the figure is worth nothing")
    written = ("survivors", "episodes", "import_rows", "outbox", "imports")
    documents = {one: list(client[name][one].find()) for one in written}
    documents["survivor_keys"] = list(keys_database["survivor_keys"].find())
    client.drop_database(name)
    client.drop_database(database_name(tenant, "keys"))
    return seconds, documents


def _bare(client: Client, content: bytes, documents: dict[str, list[dict[str, Any]]]) -> float:
    name = "b" + secrets.token_hex(5)
    for collection in documents:
        client[name].create_collection(collection)
    for collection, models in service_of("case").indexes.items():
        client[name][collection].create_indexes(models)
    wrapping = AESGCM(secrets.token_bytes(32))
    genders, nations = set(get("gender").codes), set(get("nation").codes)
    share = {one: max(1, -(-len(found) * _TRANSACTION_ROWS // ROWS)) for one, found in documents.items()}
    began = time.perf_counter()
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    for start in range(0, len(rows), _TRANSACTION_ROWS):
        for row in rows[start : start + _TRANSACTION_ROWS]:
            datetime.strptime(row["Referral Date"], "%d/%m/%Y").replace(tzinfo=UTC)
            if row["Gender"].upper() not in genders or row["Nation"].upper() not in nations:
                raise RuntimeError("the file is not what the bare script expects")
            data_key = AESGCM.generate_key(256)
            wrapping.encrypt(secrets.token_bytes(12), data_key, None)
            sealing = AESGCM(data_key)
            for value in (row["Client Ref"], row["Referral Date"], row["Nationality"]):
                sealing.encrypt(secrets.token_bytes(12), value.encode(), b"place")
        turn = start // _TRANSACTION_ROWS
        with client.start_session() as session, session.start_transaction():
            for one, found in documents.items():
                chunk = found[turn * share[one] : (turn + 1) * share[one]]
                if chunk:
                    client[name][one].insert_many(chunk, session=session, ordered=False)
    seconds = time.perf_counter() - began
    client.drop_database(name)
    return seconds


def _ceiling(client: Client) -> float:
    name = "b" + secrets.token_hex(5)
    client[name].create_collection("rows")
    began = time.perf_counter()
    for start in range(0, ROWS, _TRANSACTION_ROWS):
        with client.start_session() as session, session.start_transaction():
            rows = [{"_id": start + n, "said": "yes"} for n in range(_TRANSACTION_ROWS)]
            client[name]["rows"].insert_many(rows, session=session, ordered=False)
    seconds = time.perf_counter() - began
    client.drop_database(name)
    return seconds


if __name__ == "__main__":
    sys.exit(main())
