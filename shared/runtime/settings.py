"""One service's credentials file: what its processes are told.

The only reader of the environment, beside ``shared.runtime.probe``: ``ALONGSIDE_SECRETS`` names the folder of
credentials files, one a service, written by the provisioner with mode 0600.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from shared.bus.topology import RetryLadder
from shared.kernel.errors import AlongsideError
from shared.kernel.tenancy import TenantId


class ConfigurationError(AlongsideError):
    """A process cannot start with what it was given; exit code 78."""

    code = "configuration"


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """One service's credentials file.

    Attributes:
        mark_settle_s: Seconds that a mark lies behind real time.
        job_every_s: Seconds between runs of the period clock and its like.
        demo: True in demo and test stacks only; at a sandbox also for who looks after its invented people.
        extra: What one kind of service alone needs, such as the courier's remotes.
    """

    mongo_uri: str
    amqp_uri: str
    vhost: str
    data_dir: Path
    tenant_key_file: Path
    token_public_keys: tuple[str, ...]
    token_issuer: str
    clock_file: Path
    name: str
    nation: str
    setting: str
    api_port: int
    demo: bool
    mark_settle_s: float
    mark_every_s: float
    poll_s: float
    job_every_s: float
    retry_delays_ms: tuple[int, ...]
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, tenant: TenantId, name: str) -> Self:
        """Read the credentials file of a service, or of the courier.

        Raises:
            ConfigurationError: The folder or file is missing or not a credentials file.
        """
        folder = os.environ.get("ALONGSIDE_SECRETS")
        if not folder:
            raise ConfigurationError("ALONGSIDE_SECRETS is not set. It names the folder of credentials files.")
        file = Path(folder) / tenant / f"{name}.json"
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ConfigurationError(
                f"There is no credentials file {name}.json for tenant {tenant}. Run: alongside tenant add."
            ) from error
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"The credentials file {name}.json of tenant {tenant} cannot be read as JSON by this process. Look at "
                "its owner and mode, or run: alongside tenant add."
            ) from error
        try:
            for key in ("data_dir", "tenant_key_file", "clock_file"):
                content[key] = Path(content[key])
            for key in ("token_public_keys", "retry_delays_ms"):
                content[key] = tuple(content[key])
            return cls(**content)
        except (TypeError, KeyError) as error:
            raise ConfigurationError(
                f"The credentials file {name}.json of tenant {tenant} was written by another version. Run: alongside "
                "tenant add."
            ) from error

    @property
    def ladder(self) -> RetryLadder:
        """The retry ladder of this stack's topology."""
        return RetryLadder(delays_ms=self.retry_delays_ms)
