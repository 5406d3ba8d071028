"""``python -m deploy.bench.long_imports 10000 100000``: memory and time of long files, through upload, plan and commit.

One real host in databases of its own; the job's work runs in child processes as in a worker. What is printed is the
highest memory (PSS) of this process, which reads the upload and waits, and its children together: the engines are not
counted. It fails if what was carried out is not what the plan had told.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from deploy.bench.imports import HEADER, row_of
from deploy.bench.rig import engines_at
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from services.case.imports.commands import CommitPlan, StartImport, commit_plan, start_import
from services.case.imports.documents import IMPORTS
from services.case.imports.jobs import ImportJob
from services.case.imports.rules.progress import BUSY
from services.case.imports.staged import keeper
from services.case.imports.uploads import Upload
from services.case.strongroom.documents import strongroom_of
from shared.kernel.errors import TemporarilyUnavailableError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import TenantId
from shared.outbox.commands import Command
from shared.runtime.apart import Children
from shared.runtime.context import ServiceContext, open_context

_PORT_BASE = 27_050
_LOOK_S = 0.25
_MOST_TRIES = 120
_CHILD = b"shared.runtime.apart"
_KINDS = {"CREATE": "ACCEPTED", "HELD": "HELD", "POSSIBLE_CHILD": "POSSIBLE_CHILD", "REFUSED": "QUARANTINED"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run each size on a host of its own and print."""
    parser = argparse.ArgumentParser(prog="python -m deploy.bench.long_imports")
    parser.add_argument("rows", type=int, nargs="*", default=[10_000, 100_000])
    sizes = parser.parse_args(arguments).rows
    found = []
    with engines_at(_PORT_BASE) as engines, tempfile.TemporaryDirectory(prefix="alongside-bench-") as folder:
        provisioner = Provisioner(engines.layout, timings=Timings(), demo=True)
        os.environ["ALONGSIDE_SECRETS"] = str(engines.layout.secrets_dir / "credentials")
        provisioner.provision_centre()
        for number, rows in enumerate(sizes):
            tenant = TenantId(f"long{number}")
            provisioner.provision(
                TenantSpec(id=tenant, name="Long files", nation="ENGLAND", setting="OTHER", number=number)
            )
            context = open_context(tenant, "case", kind="api", apart=Children(str(tenant), threading.Event()))
            try:
                found.append(imported(context, Path(folder), rows))
                sys.stdout.write(json.dumps(found[-1], indent=1) + "\n")
                sys.stdout.flush()
            finally:
                context.committer.close()
                context.client.close()
                provisioner.remove(tenant)
        provisioner.close()
    return 0


def imported(context: ServiceContext, folder: Path, rows: int, *, source: str = "bench") -> dict[str, Any]:
    """Import a file of so many rows; give times and memory of each step.

    Raises:
        RuntimeError: What was carried out is not what was told, or it was not carried out.
    """
    report: dict[str, Any] = {"rows": rows, "load": [round(one) for one in os.getloadavg()]}
    import_id = new_id()
    with _written(folder, rows) as file:
        report["megabytes"] = round(file.stat().st_size / 1024 / 1024)
        report["upload"] = _watched(rows, lambda: _upload(context, file, import_id, source))
    job = ImportJob(context)
    report["plan"] = _watched(rows, lambda: _run(job, context, import_id))
    planned = _stored(context, import_id)
    if planned["state"] != "PLANNED":
        raise RuntimeError(f"the plan is not made: {planned['state']}, {planned['why']}")
    commit = CommitPlan(import_id=import_id, plan_hash=planned["plan_hash"], actor_id="bench")
    context.committer.execute(Command(run=lambda work: commit_plan(commit, work)))
    report["check_and_commit"] = _watched(rows, lambda: _run(job, context, import_id))
    done = _stored(context, import_id)
    told = {_KINDS[will]: count for will, count in planned["plan_counts"].items() if will in _KINDS}
    if done["state"] != "DONE" or {kind: count for kind, count in done["counts"].items() if count} != told:
        raise RuntimeError(f"what was carried out is not what was told: {done['state']}, {done['counts']}, {told}")
    return {**report, "counts": done["counts"]}


def _run(job: ImportJob, context: ServiceContext, import_id: str) -> None:
    """Run the job as a worker does, which comes back to what could not be finished for now."""
    for _ in range(_MOST_TRIES):
        with suppress(TemporarilyUnavailableError):
            job.run()
        if _stored(context, import_id)["state"] not in BUSY:
            return
        time.sleep(1)


def _upload(context: ServiceContext, file: Path, import_id: str, source: str) -> None:
    room = strongroom_of(context)
    with file.open("rb") as content:
        upload = Upload.read(content, None, keep=keeper(room, import_id))
    start = StartImport(
        import_id=import_id, actor_id="bench", profile=None, source=source, known_rows="ask",
        exact_references=False, caused_by=None, planned=True,
    )  # fmt: skip
    start = upload.wait_in(room, start)
    context.committer.execute(Command(run=lambda work: start_import(replace(start), work)))


def _stored(context: ServiceContext, import_id: str) -> dict[str, Any]:
    return context.client[context.database_name][IMPORTS].find_one({"_id": import_id}) or {}


@contextmanager
def _written(folder: Path, rows: int) -> Iterator[Path]:
    """Write a file in which one row in a hundred cannot be taken and one in ninety says no."""
    file = folder / "long.csv"
    with file.open("w", encoding="utf-8") as out:
        out.write(",".join(HEADER) + "\n")
        for number in range(rows):
            cells = list(row_of(number))
            if number % 100 == 0:
                cells[HEADER.index("Age At Referral")] = ""
            if number % 90 == 1:
                cells[HEADER.index("Statistics Consent")] = "Refused"
            out.write(",".join(cells) + "\n")
    yield file
    file.unlink()


def _watched(rows: int, run: Callable[[], None]) -> dict[str, int]:
    """Run something; give its seconds, its rows a second, and the highest memory meanwhile."""
    ended, peak = threading.Event(), [0.0]

    def look() -> None:
        peak[0] = _memory_mb()
        while not ended.wait(_LOOK_S):
            peak[0] = max(peak[0], _memory_mb())

    watcher = threading.Thread(target=look)
    watcher.start()
    began = time.monotonic()
    try:
        run()
    finally:
        ended.set()
        watcher.join()
    took = time.monotonic() - began
    return {"seconds": round(took), "rows_per_s": round(rows / took), "peak_pss_mb": round(peak[0])}


def _memory_mb() -> float:
    """Give the memory of this process and of the children that work for it."""
    return _pss_mb("self") + sum(_pss_mb(pid) for pid in _children())


def _children() -> list[str]:
    ours = f"--parent\0{os.getpid()}\0".encode()
    commands = ((one.parent.name, _read(one)) for one in Path("/proc").glob("[0-9]*/cmdline"))
    return [pid for pid, command in commands if _CHILD in command and ours in command]


def _pss_mb(pid: str) -> float:
    for line in _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _read(path: Path) -> bytes:
    """Read what the system tells of a process; nothing of one that has ended."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


if __name__ == "__main__":
    sys.exit(main())
