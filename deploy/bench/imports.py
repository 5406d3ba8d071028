"""Import of a host's file beside a bare script that does the same to it (``imports_bare``), in turns in one run.

Ours is everything between the uploaded bytes and the last commit: profile, verdicts, twins, keys, chunks with outbox,
audit, checkpoint. ``ours_to_script`` is the like-for-like ratio; ``ours_to_given`` sets ours beside a script that is
handed its documents ready made. CPU time a row is printed beside the rates, since it hardly depends on what else the
machine does: ``python`` of this process, ``mongod`` of the engine.
"""

import csv
import hmac
import io
import json
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from bson import encode
from pymongo import MongoClient

from deploy.bench import imports_bare as bare
from deploy.bench.rig import cpu_of
from deploy.engines.layout import Layout
from deploy.engines.mongod import CLIENT_TIMEOUT_MS, Mongod
from deploy.engines.pair import EnginePair
from deploy.provision.databases import KERNEL_COLLECTIONS
from services.case.imports.documents import IMPORT
from services.case.imports.finding import Finder
from services.case.imports.rules.profile import choose, shipped
from services.case.imports.rules.progress import WAITING, Import
from services.case.imports.rules.reading import read_sheet
from services.case.imports.rules.verdicts import judge
from services.case.imports.run import ImportRun
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
HEADER = tuple(shipped()["standard"].columns)
_TODAY = date(2026, 11, 1)

Client = bare.Client
Rates = dict[str, list[float]]


def main() -> int:
    """Run in turns and print medians; it judges nothing."""
    content = make_file(ROWS)
    with tempfile.TemporaryDirectory(prefix="alongside-bench-") as home:
        engines = EnginePair(Layout(home=Path(home), port_base=_PORT_BASE))
        engines.mongod.start()
        try:
            client: Client = MongoClient(engines.mongod.admin_uri(), tz_aware=True, timeoutMS=CLIENT_TIMEOUT_MS)
            found, documents = _in_turns(client, content, Path(home), engines.mongod)
        finally:
            engines.mongod.stop()
    sys.stdout.write(json.dumps(_report(found, documents), indent=1) + "\n")
    return 0


def _in_turns(client: Client, content: bytes, home: Path, mongod: Mongod) -> tuple[dict[str, Rates], bare.Documents]:
    found: dict[str, Rates] = {}
    documents: bare.Documents = {}

    def measured(name: str, run: Callable[[], object]) -> None:
        before = (time.perf_counter(), time.process_time(), cpu_of(mongod.pid()))
        run()
        after = (time.perf_counter(), time.process_time(), cpu_of(mongod.pid()))
        wall, python, engine = (b - a for a, b in zip(before, after, strict=True))
        into = found.setdefault(name, {"rows_per_s": [], "python_us": [], "mongod_us": []})
        into["rows_per_s"].append(ROWS / wall)
        into["python_us"].append(python / ROWS * 1e6)
        into["mongod_us"].append(engine / ROWS * 1e6)

    for _ in range(_REPEATS):
        ours = _Ours(client, content, home)
        measured("ours", ours.run)
        documents = ours.close()
        scripts = {
            "script": partial(bare.script, content=content),
            "given": partial(bare.given, content=content, documents=documents),
            "one_document": partial(bare.one_document, rows=ROWS),
        }
        for name, script in scripts.items():
            database = bare.prepared(client)
            measured(name, partial(script, client, database))
            if name == "script" and client[database]["episodes"].count_documents({}) != ROWS:
                raise RuntimeError("the script has not imported every row; the figure is worth nothing")
            client.drop_database(database)
    return found, documents


def _report(found: dict[str, Rates], documents: bare.Documents) -> dict[str, Any]:
    medians = {
        name: {what: round(statistics.median(values)) for what, values in rates.items()}
        for name, rates in found.items()
    }
    rate = {name: statistics.median(rates["rows_per_s"]) for name, rates in found.items()}
    return {
        **medians,
        "ours_to_script": round(rate["ours"] / rate["script"], 2),
        "ours_to_given": round(rate["ours"] / rate["given"], 2),
        "ours_to_one_document": round(rate["ours"] / rate["one_document"], 3),
        "documents_per_row": round(sum(map(len, documents.values())) / ROWS, 2),
        "bytes_per_row": round(sum(len(encode(d)) for found in documents.values() for d in found) / ROWS),
    }


def make_file(rows: int) -> bytes:
    """Make a synthetic export in the shape that we suggest; every third row has no consent."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for number in range(rows):
        writer.writerow(row_of(number))
    return text.getvalue().encode()


def row_of(number: int) -> tuple[str, ...]:
    """Give the cells of one row."""
    day, month = 1 + number % 28, 7 + number % 3
    said = ("Given", f"{day:02}/{month:02}/2026", "stats-2026-1", "en", "In person", "Yes")
    return (
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


class _Ours:
    """One import by this software into a tenant of its own."""

    def __init__(self, client: Client, content: bytes, home: Path) -> None:
        """Prepare the databases, the keys and the waiting import; none of it is measured."""
        self._client, self._content = client, content
        self._tenant, self._id = TenantId("b" + secrets.token_hex(5)), new_id()
        self._name = database_name(self._tenant, "case")
        for collection in (*KERNEL_COLLECTIONS, *service_of("case").collections):
            client[self._name].create_collection(collection)
        for collection, models in service_of("case").indexes.items():
            client[self._name][collection].create_indexes(models)
        self._key = TenantKeyFile.create(home / f"{self._tenant}.key", self._tenant)
        self._keys = client[database_name(self._tenant, "keys")]
        KeyTable(self._keys).prepare(self._key.generation)
        self._committer = Committer(
            client=client,
            database=self._name,
            tenant_id=self._tenant,
            service="case",
            now=lambda: datetime.now(UTC),
        )
        waiting = Import(
            id=self._id, state=WAITING, profile=None, source=None, actor_id="bench", received_at=datetime.now(UTC)
        )
        document = {**IMPORT.document(waiting), "version": 1, "tenant_id": self._tenant}
        client[self._name][IMPORT.collection].insert_one(document)

    def run(self) -> None:
        """Import the file."""
        sheet = read_sheet(self._content, [column for profile in shipped().values() for column in profile.columns])
        hash_key = self._key.subkey("IMPORT_CONTENT")
        run = ImportRun(
            committer=self._committer,
            keys=SurvivorKeys(self._keys, self._key),
            tenant=self._tenant,
            import_id=self._id,
            actor_id="bench",
            finder=Finder(
                row_key=lambda reference: hmac.digest(hash_key, reference.encode(), "sha256").hex(), hash_key=hash_key
            ),
        )
        run.run(judge(sheet, choose(sheet, None).bind(sheet), today=_TODAY), done=0)

    def close(self) -> bare.Documents:
        """Give what was written, and delete it."""
        self._committer.close()
        if self._client[self._name]["episodes"].count_documents({}) != ROWS:
            raise RuntimeError("not every row became an episode; the figure is worth nothing")
        written = ("survivors", "episodes", "import_rows", "outbox", "imports")
        documents = {one: list(self._client[self._name][one].find()) for one in written}
        documents["survivor_keys"] = list(self._keys["survivor_keys"].find())
        self._client.drop_database(self._name)
        self._client.drop_database(self._keys.name)
        return documents


if __name__ == "__main__":
    sys.exit(main())
