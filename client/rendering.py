"""``alongside tenant render``: a tenant's Kubernetes folder, from the code."""

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from client.shown import Output, say, show_json
from deploy.engines.layout import PROJECT_ROOT
from deploy.provision.settings import servers_of
from deploy.render.credentials import tenant_secrets
from deploy.render.folder import render, write
from deploy.render.names import RemoteBroker, Rendered
from deploy.render.secret_values import write_secrets
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, TenantId, reads_folders, tenant_id

TENANTS = PROJECT_ROOT / "k8s" / "tenants"
_HOST_AND_NETWORK = 2
_CLAIM = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class ServerAddressError(InvalidInputError):
    """An address of a server is a host name and a network."""

    code = "server-address"

    def __init__(self) -> None:
        """Say the form."""
        super().__init__("A server's address has the form HOST=NETWORK, such as broker.example.org=192.0.2.10/32.")


class DropClaimError(InvalidInputError):
    """A volume claim for files that others bring is named as the cluster names things, and belongs to a host."""

    code = "drop-claim"

    def __init__(self) -> None:
        """Say the form."""
        super().__init__(
            "--drop-claim is the name of a persistent volume claim in the host's namespace: small letters, digits and "
            "hyphens, at most 63. The centre's own tenants take no files."
        )


def render_tenant(
    name: Annotated[str, typer.Argument(help="Short id: letters and digits; or board, custodian, centre.")],
    *,
    nation: Annotated[str, typer.Option(help="ENGLAND, WALES, SCOTLAND or NORTHERN_IRELAND")],
    setting: Annotated[str, typer.Option(help="A code of organisation_setting.")] = "OTHER",
    title: Annotated[str | None, typer.Option("--name", help="The organisation's name; the id if not given.")] = None,
    board: Annotated[str | None, typer.Option(help="The board's broker, HOST=NETWORK")] = None,
    custodian: Annotated[str | None, typer.Option(help="The custodian's broker, HOST=NETWORK")] = None,
    board_key: Annotated[str | None, typer.Option(help="The board's public signing key")] = None,
    custodian_key: Annotated[str | None, typer.Option(help="The custodian's public signing key")] = None,
    drop_claim: Annotated[
        str | None, typer.Option(help="The volume claim in which others put files for its sources of kind folder.")
    ] = None,
    into: Annotated[Path, typer.Option(help="Folder of the tenants' folders.")] = TENANTS,
    secrets: Annotated[Path | None, typer.Option(help="Also make its secrets, in this folder.")] = None,
    store: Annotated[bool, typer.Option(help="Let External Secrets fill the Secrets.")] = True,
    dev: Annotated[bool, typer.Option("--dev", help="For a cluster of one machine.")] = False,
    output: Output = "text",
) -> None:
    """Write a tenant's Kubernetes folder; the same options give the same files."""
    get("nation").require(nation)
    get("organisation_setting").require(setting)
    tenant = TenantId(name) if name in (BOARD, CUSTODIAN, CENTRE) else tenant_id(name)
    given = {BOARD: board, CUSTODIAN: custodian}
    addresses = {str(server): _address(given[server]) for server in servers_of(tenant)}
    remotes = {server: address for server, address in addresses.items() if address is not None}
    keys = {str(server): key for server, key in ((BOARD, board_key), (CUSTODIAN, custodian_key)) if key is not None}
    if drop_claim is not None and not (_CLAIM.fullmatch(drop_claim) and reads_folders(tenant)):
        raise DropClaimError
    rendered = Rendered(
        tenant=tenant,
        name=title or name,
        nation=nation,
        setting=setting,
        remotes=remotes,
        public_keys=keys,
        drop_claim=drop_claim,
    )
    files = render(rendered, store=store, dev=dev)
    write(files, into / name)
    written: dict[str, Any] = {"folder": str(into / name), "files": sorted(files)}
    if secrets is not None:
        _, filled = write_secrets(secrets, tenant, tenant_secrets(rendered))
        written["secrets"] = [str(file) for file in filled]
        if remotes:
            say(
                "The passwords amqp_courier_at_… must be given to the owners of those servers by telephone or in "
                "person."
            )
    if output == "json":
        show_json(written)
    else:
        say(f"{into / name} is written. Look at it with: kubectl kustomize {into / name}")


def _address(text: str | None) -> RemoteBroker | None:
    if text is None:
        return None
    parts = text.split("=")
    if len(parts) != _HOST_AND_NETWORK or not all(parts):
        raise ServerAddressError
    return RemoteBroker(host=parts[0], network=parts[1])
