"""The job that measures what this witness refuses."""

from shared.runtime.context import Job, ServiceContext
from shared.runtime.witnessing import measuring


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``witnessing``."""
    return measuring(context)
