"""How long the board's page takes beside a static file from the same server: the 95th percentiles, in turns."""

import json
import os
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Any

import httpx
from pymongo import MongoClient
from waitress.server import create_server

from deploy.bench.rig import engines_at
from deploy.engines.layout import Layout
from deploy.engines.mongod import CLIENT_TIMEOUT_MS
from deploy.engines.pair import EnginePair
from deploy.provision.spec import Timings
from deploy.provision.tenants import Provisioner
from shared.codelists.plan import load_plan
from shared.kernel.ids import new_id
from shared.kernel.tenancy import BOARD
from shared.runtime.context import open_context
from shared.runtime.serving import build_app

_PORT_BASE = 26_990
_ROUNDS = 300
_STATIC = "/static/alongside/govuk-frontend.css"


def main() -> int:
    """Serve, measure and print; it judges nothing."""
    with engines_at(_PORT_BASE) as engines:
        sys.stdout.write(json.dumps(_measure(engines.layout, engines), indent=1) + "\n")
    return 0


def _measure(layout: Layout, engines: EnginePair) -> dict[str, Any]:
    provisioner = Provisioner(layout, timings=Timings(), demo=True)
    provisioner.provision_centre()
    provisioner.close()
    os.environ["ALONGSIDE_SECRETS"] = str(layout.secrets_dir / "credentials")
    context = open_context(BOARD, "board", kind="api")
    client: MongoClient[dict[str, Any]] = MongoClient(
        engines.mongod.admin_uri(), tz_aware=True, timeoutMS=CLIENT_TIMEOUT_MS
    )
    for year in range(2026, 2030):
        client[context.database_name]["releases"].insert_one(_release(str(year)))
    server = create_server(build_app({"board": context}), host="127.0.0.1", port=0, threads=4, ident="")
    threading.Thread(target=server.run, daemon=True).start()
    taken: dict[str, list[float]] = {"/": [], _STATIC: []}
    with httpx.Client(base_url=f"http://127.0.0.1:{server.effective_port}", trust_env=False) as http:
        for _ in range(_ROUNDS):
            for path, found in taken.items():
                began = time.perf_counter()
                http.get(path).raise_for_status()
                found.append(1_000 * (time.perf_counter() - began))
    server.close()
    context.committer.close()
    ninety_fifth = {path: sorted(found)[int(_ROUNDS * 0.95)] for path, found in taken.items()}
    return {
        "page_p95_ms": round(ninety_fifth["/"], 1),
        "static_p95_ms": round(ninety_fifth[_STATIC], 1),
        "page_to_static": round(ninety_fifth["/"] / ninety_fifth[_STATIC], 2),
    }


def _release(period: str) -> dict[str, Any]:
    plan = load_plan("year-v1")
    tables = []
    for table in plan.tables:
        codes = [category.code for category in table.levels[0].categories]
        cells = dict.fromkeys(codes, 30) | {codes[0]: 150 - 30 * (len(codes) - 1)}
        tables.append({"table": table.id, "status": "SHOWN", "level": 1, "cells": cells})
    now = datetime.now(UTC)
    return {
        "_id": new_id(), "task_id": new_id(), "period": period, "covers": [period], "plan_id": plan.id,
        "roster_size": 24, "people": 150, "hosts": 23, "tables": tables, "seal_at": now, "received_at": now,
        "state": "PUBLISHED", "published_at": now, "digest": "0" * 64, "revisions": [], "version": 1,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
