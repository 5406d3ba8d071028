"""How the processes of a stack stand: what is wrong, each with the line that mends it, and what is only worth knowing.

Read from the records of the processes and the supervisor's note, so it is known also while an engine is away.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from deploy.engines.processes import OwnedProcess
from deploy.stack.stack import Stack, describe
from deploy.stack.supervision import LOOP_ENDS, SILENT_S, Supervision, Watched
from shared.runtime.probe import parts_in, verdict

_RECENT_S = 3600.0
_BEGINNING_S = 60.0
"""A process that has just begun may not have come round yet."""

Finding = dict[str, str]


def process_findings(stack: Stack) -> list[Finding]:
    """Give every process that does not run or ends again and again, and a supervisor that does not look."""
    now = time.time()
    note = Supervision.load(stack.layout.home)
    findings = []
    for tenant, kinds in describe(stack).items():
        stopped = []
        for kind, pid in kinds.items():
            process = stack.process(tenant, kind)
            watched = note.processes.get(process.name, Watched())
            if watched.loops(now):
                findings.append(_loop(stack, process, watched, now))
            elif pid is None:
                stopped.append(kind)
            elif kind == "worker":
                findings += _part_findings(stack, tenant, process)
        if stopped:
            findings.append({"what": f"{tenant}: not running: {', '.join(stopped)}.", "mend": "alongside up"})
    for engine in ("mongod", "rabbitmq"):
        watched = note.processes.get(engine, Watched())
        if watched.loops(now):
            findings.append(_loop(stack, OwnedProcess(stack.layout, engine), watched, now))
    supervisor = stack.supervisor()
    if supervisor.ended_unasked() or (supervisor.pid() is not None and now - _seen(stack, note) > SILENT_S):
        what = "The supervisor has stopped working: a process that ends is not started again."
        findings.append({"what": what, "mend": "alongside up"})
    return findings


def notes(stack: Stack) -> Iterator[str]:
    """Give, for each process that was started again within the last hour, a sentence; and whether nobody would."""
    now = time.time()
    note = Supervision.load(stack.layout.home)
    for name, watched in sorted(note.processes.items()):
        ends = watched.ends_since(now - _RECENT_S)
        if ends:
            times = "once" if ends == 1 else f"{ends} times"
            yield f"{name} ended unexpectedly {times} in the last hour, most recently at {_clock(watched.ends[-1])}."
    for tenant in stack.tenant_ids():
        for name, part in sorted(parts_in(stack.heartbeats_of(tenant)).items()):
            if part.restarts:
                times = "once" if part.restarts == 1 else f"{part.restarts} times"
                yield f"{name} of {tenant}-worker ended unexpectedly {times} since that process began."
    if stack.supervisor().pid() is None:
        yield "No supervisor is running: a process that ends stays stopped until the next alongside up."


def restarts_of(stack: Stack, tenant: str) -> int:
    """Count the ends of a tenant's processes within the last hour."""
    since = time.time() - _RECENT_S
    note = Supervision.load(stack.layout.home)
    names = {stack.process(tenant, kind).name for kind in describe(stack).get(tenant, {})}
    return sum(watched.ends_since(since) for name, watched in note.processes.items() if name in names)


def _part_findings(stack: Stack, tenant: str, process: OwnedProcess) -> Iterator[Finding]:
    """Give what of a living worker stays down, waits to be started again, or hangs."""
    folder = stack.heartbeats_of(tenant)
    mend = f"tail {stack.layout.logs_dir}/{process.output_file.name}"
    for name, part in sorted(parts_in(folder).items()):
        if part.down is not None:
            yield {"what": f"{tenant}: {name} stays down. {part.down}", "mend": "alongside down, then alongside up"}
        elif part.waits and part.restarts >= LOOP_ENDS:
            yield {"what": f"{tenant}: {name} ends again and again ({part.restarts} times).", "mend": mend}
    if time.time() - process.began_at() < _BEGINNING_S:
        return
    for line in verdict(folder, ready=False, now=time.time()):
        yield {"what": f"{tenant}: {line}", "mend": mend}


def _seen(stack: Stack, note: Supervision) -> float:
    """When the supervisor last looked, or began."""
    return max(note.seen_at, stack.supervisor().began_at())


def _loop(stack: Stack, process: OwnedProcess, watched: Watched, now: float) -> Finding:
    again = f"; it is tried again at {_clock(watched.next_at)}" if watched.next_at is not None else ""
    ends = watched.ends_since(now - _RECENT_S)
    what = f"{process.name}: it ends again and again ({ends} times within the last hour{again})."
    return {"what": what, "mend": f"tail {stack.layout.logs_dir}/{process.output_file.name}"}


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment, tz=UTC).astimezone().strftime("%H:%M:%S")
