"""A host with engines of its own: what it tells the centre, what the centre gives it, and its provisioning.

Three steps, two files, carried by hand over a way that both sides trust: the host draws its signing key and
writes a *request*; the centre admits it at its own broker and writes an *invitation*, which holds a password;
the host provisions its own engines with it. No private key of either side leaves it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode

from deploy.engines.layout import Layout
from deploy.engines.secret_files import read_or_make_password, write_private
from deploy.provision.credentials import Vault
from deploy.provision.outside import Engines
from deploy.provision.settings import servers_of
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from shared.bus.names import courier_user
from shared.bus.rights import courier_rights
from shared.contracts.task import RosterHost
from shared.kernel.errors import InvalidInputError
from shared.kernel.tenancy import BOARD, CUSTODIAN, TenantId, tenant_id, vhost_name
from shared.keys.signing import HostRegister


class ExchangeFileError(InvalidInputError):
    """A request or an invitation is missing or not usable."""

    code = "exchange-file"

    def __init__(self, path: Path, problem: str, mend: str) -> None:
        """Say which file, what is wrong and how to mend it."""
        super().__init__(f"The file {path} {problem}. {mend}")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a host tells the centre; nothing in it is secret.

    Attributes:
        signing_key: Public Ed25519 key as hexadecimal.
    """

    host: str
    name: str
    nation: str
    setting: str
    signing_key: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a host's file.

        Raises:
            ExchangeFileError: It is missing or of another form.
        """
        mend = "Ask the host for the request.json that its own provisioning wrote."
        try:
            found = cls(**_content(path, mend))
            tenant_id(found.host)
        except (TypeError, InvalidInputError) as error:
            if isinstance(error, ExchangeFileError):
                raise
            raise ExchangeFileError(path, "is not a host's request", mend) from error
        return found

    def write(self, path: Path) -> None:
        """Write it for the centre."""
        write_private(path, json.dumps(asdict(self), indent=1))


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """What the centre gives one host.

    Attributes:
        remotes: ``board`` and ``custodian`` to the AMQPS address of each, with the courier's password.
        signing_keys: ``board`` and ``custodian`` to their public Ed25519 keys as hexadecimal.
    """

    host: str
    remotes: Mapping[str, str]
    signing_keys: Mapping[str, str]

    @classmethod
    def read(cls, path: Path, *, tenant: TenantId) -> Self:
        """Read the centre's file.

        Raises:
            ExchangeFileError: It is missing, of another form or for another host.
        """
        mend = "Send request.json to the centre, and put the invitation that comes back in this place."
        try:
            found = cls(**_content(path, mend))
        except TypeError as error:
            raise ExchangeFileError(path, "is not an invitation", mend) from error
        if found.host != tenant:
            raise ExchangeFileError(path, f"invites {found.host}, not {tenant}", mend)
        return found

    def as_json(self) -> str:
        """Give it as text; it holds a password."""
        return json.dumps(asdict(self), indent=1)


@dataclass(frozen=True, kw_only=True)
class TlsFiles:
    """Files of the courier's TLS, read anew at each connection."""

    authorities: Path
    certificate: Path
    key: Path

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """Give the usual names in a folder."""
        return cls(
            authorities=folder / "authorities.pem", certificate=folder / "certificate.pem", key=folder / "key.pem"
        )

    def query(self) -> str:
        """Give them as RabbitMQ's own URI parameters."""
        files = {"cacertfile": self.authorities, "certfile": self.certificate, "keyfile": self.key}
        return urlencode({name: str(path) for name, path in files.items()}, safe="/")


def draw_request(layout: Layout, spec: TenantSpec) -> Request:
    """Draw the host's signing key, once, and give what the centre must know."""
    public = Vault.of(layout.secrets_dir, spec.id).signing_key()[1]
    return Request(host=spec.id, name=spec.name, nation=spec.nation, setting=spec.setting, signing_key=public)


class CentreProvisioner(Provisioner):
    """Admits hosts that have engines of their own."""

    def admit(self, request: Request, *, address: str) -> Invitation:
        """Make a host's broker user, queue and register entries; running it again gives the same.

        Args:
            request: What the host told.
            address: HOST:PORT of this broker's TLS listener, as the host reaches it.
        """
        tenant = tenant_id(request.host)
        user = courier_user(tenant)
        folder = self._layout.secrets_dir / "admitted" / tenant
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        password = read_or_make_password(folder / "amqp-courier.password")
        self.broker.put_user(user, password)
        self.broker.add_host(tenant)
        for server in (BOARD, CUSTODIAN):
            self.broker.grant(user, vhost_name(server), courier_rights(tenant, server))
        entry = RosterHost(host=tenant, nation=request.nation, setting=request.setting, signing_key=request.signing_key)
        for server in (BOARD, CUSTODIAN):
            HostRegister(path=self._data_dir(server) / "hosts.json").put(entry, name=request.name)
        credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return Invitation(
            host=tenant,
            remotes={
                str(server): f"amqps://{credentials}@{address}/{quote(vhost_name(server), safe='')}"
                for server in (BOARD, CUSTODIAN)
            },
            signing_keys={str(server): self._public_key(server) for server in (BOARD, CUSTODIAN)},
        )


class HostProvisioner(Provisioner):
    """Provisions one host on its own engines; the centre's are touched only by its courier, later."""

    def __init__(
        self,
        layout: Layout,
        *,
        timings: Timings,
        demo: bool,
        engines: Engines,
        invitation: Invitation,
        tls: TlsFiles,
    ) -> None:
        """Connect to the host's own engines."""
        super().__init__(layout, timings=timings, demo=demo, engines=engines)
        self._invitation = invitation
        self._tls = tls

    def _courier(self, tenant: TenantId, vault: Vault) -> None:
        user = courier_user(tenant)
        self.broker.put_user(user, vault.password("amqp-courier"))
        self.broker.grant(user, vhost_name(tenant), courier_rights(tenant, tenant))

    def _remotes(self, tenant: TenantId, vault: Vault) -> Mapping[str, str]:  # noqa: ARG002
        """The centre's invitation holds addresses and password; the files of TLS are this host's."""
        query = self._tls.query()
        return {str(server): f"{self._invitation.remotes[str(server)]}?{query}" for server in servers_of(tenant)}

    def _public_key(self, tenant: TenantId) -> str:
        return self._invitation.signing_keys[str(tenant)]

    def _certificates(self) -> Mapping[str, str]:
        return {"centre": str(self._tls.certificate)}

    def _register(self, spec: TenantSpec, vault: Vault) -> None:
        """The centre did it, in its own registers, when it admitted this host."""


def _content(path: Path, mend: str) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ExchangeFileError(path, "does not exist", mend) from error
    except (OSError, ValueError) as error:
        raise ExchangeFileError(path, "cannot be read as JSON by this process", mend) from error
    if not isinstance(content, dict):
        raise ExchangeFileError(path, "does not have the form that is expected", mend)
    return content
