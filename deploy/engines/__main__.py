"""``python -m deploy.engines up|down|status``: the two engines alone, for developers and long test days.

Exit codes: 0 done (``status``: both run), 1 the engines' own error or, for ``status``, one does not run, 2 usage.
"""

import sys
import time

from deploy.engines.layout import Layout
from deploy.engines.pair import EnginePair
from shared.kernel.errors import AlongsideError

_USAGE = "usage: python -m deploy.engines up|down|status\n"
_USAGE_ERROR = 2


def main(arguments: list[str]) -> int:
    """Run one command and return the exit code."""
    if len(arguments) != 1 or arguments[0] not in {"up", "down", "status"}:
        sys.stderr.write(_USAGE)
        return _USAGE_ERROR
    try:
        return _run(arguments[0], EnginePair(Layout.from_environment()))
    except AlongsideError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _run(command: str, engines: EnginePair) -> int:
    began = time.monotonic()
    if command == "up":
        engines.start()
    elif command == "down":
        engines.stop()
    if command != "status":
        sys.stdout.write(f"{command} in {time.monotonic() - began:.1f} s\n")
    for name, pid in (("mongod", engines.mongod.pid()), ("rabbitmq", engines.rabbit.pid())):
        sys.stdout.write(f"{name}: {f'runs, pid {pid}' if pid else 'does not run'}\n")
    if engines.is_running():
        layout = engines.layout
        sys.stdout.write(f"ALONGSIDE_TEST_ENGINES={layout.home}:{layout.port_base}\n")
    return 0 if command == "down" or engines.is_running() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
