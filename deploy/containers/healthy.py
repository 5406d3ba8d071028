"""``python -m deploy.containers.healthy``: the image's health check, the same for every kind of process.

Looks at what process 1 of this container is: an api is asked for /readyz, any other kind by its heartbeats
(``shared.runtime.probe``). Exit codes: 0 well, 1 not, with one line why. Imports nothing of the services.
"""

import http.client
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.render.processes import API_PORT
from shared.kernel.exits import EXIT_DONE, EXIT_REFUSED
from shared.runtime import probe

_MAIN = Path("/proc/1/cmdline")
_TIMEOUT_S = 5.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Look once and give the exit code."""
    command = list(arguments) if arguments is not None else _MAIN.read_text(encoding="utf-8").split("\0")
    kind = command[command.index("services.run") + 1] if "services.run" in command else ""
    if kind != "api":
        return probe.main(["ready"])
    port = int(command[command.index("--port") + 1]) if "--port" in command else API_PORT
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", "/readyz")
        status = connection.getresponse().status
    except OSError as error:
        sys.stderr.write(f"The API does not answer ({type(error).__name__}).\n")
        return EXIT_REFUSED
    finally:
        connection.close()
    if status != http.HTTPStatus.OK:
        sys.stderr.write(f"The API is not ready ({status}).\n")
        return EXIT_REFUSED
    return EXIT_DONE


if __name__ == "__main__":
    sys.exit(main())
