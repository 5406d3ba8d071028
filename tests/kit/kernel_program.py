"""A relay or a consumer of the rig as a process, so that a test can kill it."""

import signal
import sys
import threading
from pathlib import Path

from deploy.engines.layout import Layout
from deploy.engines.pair import EnginePair
from tests.kit.kernel_rig import Rig


def main():
    kind, tenant, home, base = sys.argv[1:5]
    rig = Rig(EnginePair(Layout(home=Path(home), port_base=int(base))), tenant)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _n, _f: stop.set())
    {"relay": rig.relay, "consumer": rig.consumer}[kind]().run(stop)


if __name__ == "__main__":
    main()
