"""What a folder of secrets belongs to: a demo, a centre or one host; drawn once, so that no profile mixes them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from deploy.demo.hosts import HOSTS
from deploy.engines.secret_files import write_private
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, TenantId, tenant_id

DEMO, CENTRE_KIND, HOST = "demo", "centre", "host"


class OtherStackError(InvalidInputError):
    """A folder of secrets is missing, or of another stack than was said."""

    code = "other-stack"

    def __init__(self, problem: str) -> None:
        """Say what is wrong."""
        super().__init__(
            f"The folder of secrets {problem}. Draw it with deploy/containers/secrets.sh, or name another with "
            "ALONGSIDE_SECRETS_FOLDER."
        )


@dataclass(frozen=True, kw_only=True)
class What:
    """One stack.

    Attributes:
        tenant: Of a host alone only, as are the other fields.
    """

    kind: str
    tenant: str = ""
    name: str = ""
    nation: str = ""
    setting: str = ""

    @classmethod
    def given(cls, **values: str) -> Self:
        """Check what an operator said.

        Raises:
            InvalidInputError: A code or the host's id is not one.
        """
        found = cls(**values)
        if found.kind == HOST:
            tenant_id(found.tenant)
            get("nation").require(found.nation)
            get("organisation_setting").require(found.setting)
        return found

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read what the folder is of.

        Raises:
            OtherStackError: It was not drawn.
        """
        try:
            return cls(**json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise OtherStackError("says of no stack what it belongs to") from error

    @property
    def tenants(self) -> Sequence[TenantId]:
        """Every tenant with secrets in the folder."""
        if self.kind == HOST:
            return (TenantId(self.tenant),)
        centre = (BOARD, CUSTODIAN, CENTRE)
        return (*centre, *(TenantId(host.id) for host in HOSTS)) if self.kind == DEMO else centre

    def keep(self, file: Path) -> None:
        """Write it, once.

        Raises:
            OtherStackError: The folder is of another stack already.
        """
        if file.exists():
            known = type(self).read(file)
            if (known.kind, known.tenant) != (self.kind, self.tenant):
                raise OtherStackError(f"is of the stack {known.kind} {known.tenant}".rstrip())
        write_private(file, json.dumps(asdict(self), indent=1))
