"""What a child process does (``shared.runtime.apart``): one item of one job, with its service's own credentials."""

import sys

from pymongo.errors import PyMongoError

from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.exits import EXIT_CONFIGURATION, EXIT_DONE, EXIT_REFUSED, EXIT_TEMPORARY
from shared.runtime.exporting import start_export
from shared.runtime.place import Place, patiently
from shared.runtime.rooms import service_of
from shared.telemetry.logs import configure_logging, get_logger

log = get_logger(__name__)


def carry_out(tenant: str, service: str, name: str, item: str) -> int:
    """Carry out one item; 0 done, 75 not now, 78 wrong place, 1 failed."""
    configure_logging(service=service, tenant=tenant, process_kind="job", stream=sys.stderr)
    try:
        place = Place(tenant, service)
        patiently(lambda: place.check("job", service))
    except (PyMongoError, TemporarilyUnavailableError) as error:
        log.warning("job waits", service=service, job=name, error_class=type(error).__name__)
        return EXIT_TEMPORARY
    except AlongsideError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIGURATION
    stop_export = start_export("job", tenant=place.tenant_id, services=(service,))
    context = place.context("job", service)
    try:
        one = {job.name: job.one for job in service_of(service).jobs(context)}.get(name)
        if one is None:
            sys.stderr.write(f"The service {service} has no job {name} that is carried out item by item.\n")
            return EXIT_CONFIGURATION
        one(item)
    except (PyMongoError, TemporarilyUnavailableError) as error:
        log.warning("job waits", service=service, job=name, error_class=type(error).__name__)
        return EXIT_TEMPORARY
    except Exception as error:
        log.exception("job failed", service=service, job=name, error_class=type(error).__name__)
        return EXIT_REFUSED
    finally:
        context.committer.close()
        stop_export()
    return EXIT_DONE
