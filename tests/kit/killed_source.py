"""A process that reads one source and is ended, as by a kill, at one named point; arguments as JSON."""

import json
import os
import ssl
import sys
from dataclasses import replace

from services.case.imports.uploads import Upload
from services.case.sources import pulling
from services.case.sources.adapters.folder import DropFolder
from services.case.sources.adapters.salesforce import SalesforceReader
from services.case.sources.adapters.wire import PinnedAdapter
from services.case.sources.jobs import SourcesJob
from shared.kernel.tenancy import TenantId
from shared.runtime.context import open_context
from shared.web.outbound.connecting import dial_by_system

ENDED_BY = 9
POINTS = {
    "while it is read": (SalesforceReader, "rows"),
    "between reading and upload": (Upload, "read"),
    "between upload and plan": (pulling, "start_import"),
    "between plan and move": (DropFolder, "move"),
}


def end(*_args, **_named):
    os._exit(ENDED_BY)


def main():
    said = json.loads(sys.argv[1])
    if said["point"] is not None:
        owner, name = POINTS[said["point"]]
        setattr(owner, name, end)
    context = open_context(TenantId(said["tenant"]), "case", kind="job")
    if said["folder"] is not None:
        extra = {**context.settings.extra, "drop_folder": said["folder"]}
        context = replace(context, settings=replace(context.settings, extra=extra))
    adapter = PinnedAdapter(
        resolve=lambda host, port: ["127.0.0.1"],
        dial=lambda address, port, timeout_s: dial_by_system(address, said["port"], timeout_s),
        trust=ssl.create_default_context(cadata=said["trust"]) if said["trust"] else None,
        loopback=True,
    )
    job = SourcesJob(context, adapter=adapter, looks_apart_s=0.0)
    # What stood still between two looks is complete.
    for _ in range(2):
        job.run()


if __name__ == "__main__":
    main()
