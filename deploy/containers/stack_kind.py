"""What a folder of secrets belongs to: a demo, a centre or one host; drawn once, so that no profile mixes them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from deploy.demo.hosts import HOSTS
from deploy.engines.secret_files import write_private
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, SANDBOX, TenantId, is_sandbox, tenant_id

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


class SandboxIdError(InvalidInputError):
    """A host of invented people is known by its id, and no other host may have such a one."""

    code = "sandbox-id"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__(
            f"The id of a sandbox begins with {SANDBOX}, such as {SANDBOX}try, and no other host's does. Give the "
            "host's own id first, and the sandbox's with --sandbox."
        )


@dataclass(frozen=True, kw_only=True)
class What:
    """One stack.

    Attributes:
        tenant: Of a host alone only, as are the other fields.
        sandbox: The host of invented people beside it, if there is one; once drawn, it stays.
    """

    kind: str
    tenant: str = ""
    name: str = ""
    nation: str = ""
    setting: str = ""
    sandbox: str = ""

    @classmethod
    def given(cls, **values: str | None) -> Self:
        """Check what an operator said.

        Raises:
            InvalidInputError: A code or a host's id is not one, or says something else than it is.
        """
        found = cls(**{name: value for name, value in values.items() if value is not None})
        if found.kind == HOST:
            if is_sandbox(tenant_id(found.tenant)):
                raise SandboxIdError
            if found.sandbox and not is_sandbox(tenant_id(found.sandbox)):
                raise SandboxIdError
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
            return tuple(TenantId(one) for one in (self.tenant, self.sandbox) if one)
        centre = (BOARD, CUSTODIAN, CENTRE)
        return (*centre, *(TenantId(host.id) for host in HOSTS)) if self.kind == DEMO else centre

    def keep(self, file: Path) -> None:
        """Write it, once.

        Raises:
            OtherStackError: The folder is of another stack already.
        """
        kept = self
        if file.exists():
            known = type(self).read(file)
            if (known.kind, known.tenant) != (self.kind, self.tenant):
                raise OtherStackError(f"is of the stack {known.kind} {known.tenant}".rstrip())
            if known.sandbox and self.sandbox not in {"", known.sandbox}:
                raise OtherStackError(f"has the sandbox {known.sandbox}, and one is enough")
            kept = replace(self, sandbox=self.sandbox or known.sandbox)
        write_private(file, json.dumps(asdict(kept), indent=1))
