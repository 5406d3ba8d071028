"""``python -m services.run api|worker|relay|job|courier --tenant T --services all|case,…``: one process.

A worker holds every kind of work of its services but the API: consumers, relay, courier and jobs, each part on a
thread of its own; ``--kinds`` chooses some of them, and relay, job and courier can each be a process of their own.
Each service keeps its own broker user, database user and credentials file in every packing. Exit codes: 0 stopped
as asked, 75 stopped before everything in hand was finished (it comes again), 78 wrong configuration or wrong place,
which a restart will not mend.
"""

import argparse
import signal
import sys
from collections.abc import Sequence

KINDS = ("api", "worker", "relay", "job", "courier")


def build_parser() -> argparse.ArgumentParser:
    """Build the command line that every orchestrator speaks."""
    parser = argparse.ArgumentParser(prog="python -m services.run")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--tenant", required=True)
    parser.add_argument("--services", default="all")
    parser.add_argument("--kinds", default="all", help="worker only; some of: consumers,relay,courier,job")
    parser.add_argument("--port", type=int, default=None, help="api only; default is the tenant's own port")
    parser.add_argument("--host", default="127.0.0.1", help="api only; the address to listen on")
    parser.add_argument("--drain-s", type=float, default=None, help="api only; seconds of not ready before the end")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one process until SIGTERM and give its exit code."""
    # Until a process has something in hand, being told to stop is a clean end.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    options = build_parser().parse_args(arguments)
    from shared.runtime.context import Listen  # noqa: PLC0415
    from shared.runtime.processes import run  # noqa: PLC0415

    listen = Listen(host=options.host, port=options.port, drain_s=options.drain_s)
    return run(options.kind, tenant=options.tenant, services=options.services, kinds=options.kinds, listen=listen)


if __name__ == "__main__":
    sys.exit(main())
