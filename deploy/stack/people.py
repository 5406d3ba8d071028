"""Invented people of a demo or test stack: one login for each role, with a password of the stack's own.

In a demo one person plays every part; in service that would void the guarantees, and provisioning a real
tenant invites two administrators, who add the others: each sets a password with a link that works once.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from deploy.engines.layout import Layout
from deploy.provision.credentials import Vault
from deploy.stack.api_client import ApiClient
from deploy.stack.stack import Stack
from services.identity.people.errors import LoginTakenError
from services.identity.people.provisioning import create_first_user, invite_first_administrators, open_again
from shared.kernel.tenancy import BOARD, CENTRE, TenantId
from shared.runtime.context import ServiceContext, open_context

HOST_LOGINS: Mapping[str, str] = {
    "admin": "HOST_ADMIN",
    "admin2": "HOST_ADMIN",
    "advocate": "IMSA",
    "supervisor": "SUPERVISOR",
    "dpo": "HOST_DPO",
    "datalead": "HOST_DATA_LEAD",
    "safeguarding": "SAFEGUARDING_LEAD",
}
CENTRE_LOGINS: Mapping[str, str] = {
    "board": "BOARD_MEMBER",
    "statistician": "STATISTICIAN",
    "approver": "RELEASE_APPROVER",
    "guardian": "DATA_GUARDIAN",
    "operator": "PLATFORM_OPERATOR",
    "operator2": "PLATFORM_OPERATOR",
}


ADMINISTRATORS_NAME: Mapping[bool, str] = {False: "admin", True: "operator"}
"""Who administers in a demo: at a host, and at the central register."""


def make_people(layout: Layout, tenant: TenantId) -> None:
    """Make the invented logins of a demo's tenant; those that exist stay."""
    with _identity(layout, tenant) as context:
        for name, role in (CENTRE_LOGINS if tenant == CENTRE else HOST_LOGINS).items():
            try:
                create_first_user(
                    context, login=login_of(name, tenant), password=password_of(layout, tenant), roles=(role,)
                )
            except LoginTakenError:
                continue


def invite_administrators(layout: Layout, tenant: TenantId) -> dict[str, str]:
    """Invite a real tenant's two administrators; gives the path of the link by login, of those who have one to use."""
    with _identity(layout, tenant) as context:
        return invite_first_administrators(context)


def new_link(layout: Layout, tenant: TenantId, login: str) -> str:
    """Give the path of a new link for somebody whom no administrator can help; for the machine's operator.

    Raises:
        DocumentMissingError: There is no such login.
    """
    with _identity(layout, tenant) as context:
        return open_again(context, login=login)


@contextmanager
def _identity(layout: Layout, tenant: TenantId) -> Iterator[ServiceContext]:
    os.environ["ALONGSIDE_SECRETS"] = str(layout.secrets_dir / "credentials")
    context = open_context(tenant, "identity", kind="provision")
    try:
        yield context
    finally:
        context.committer.close()
        context.client.close()


def login_of(name: str, tenant: TenantId) -> str:
    """Give an invented login."""
    return f"{name}@{tenant}.example"


def password_of(layout: Layout, tenant: TenantId) -> str:
    """Give the one password of a tenant's invented people."""
    return Vault.of(layout.secrets_dir, tenant).password("people")


def client_of(stack: Stack, tenant: str, role_name: str) -> ApiClient:
    """Sign in as one of the invented people: at a host, or at the board."""
    layout = stack.layout
    if tenant == BOARD:
        return ApiClient(
            url=stack.url(BOARD),
            login=login_of(role_name, CENTRE),
            password=password_of(layout, CENTRE),
            role=CENTRE_LOGINS[role_name],
            token_url=stack.url(CENTRE),
            audience="board",
        )
    identity = TenantId(tenant)
    return ApiClient(
        url=stack.url(tenant),
        login=login_of(role_name, identity),
        password=password_of(layout, identity),
        role=(CENTRE_LOGINS if tenant == CENTRE else HOST_LOGINS)[role_name],
    )
