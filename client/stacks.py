"""Which stack a command is about, and whether it may be spoken to: asked before anything is read, sent or written."""

from client.shown import say
from deploy.engines.layout import Layout
from deploy.stack.api_client import ApiClient
from deploy.stack.ours import require_api, require_engines, require_tenant
from deploy.stack.people import client_of
from deploy.stack.stack import Stack
from shared.kernel.tenancy import BOARD, CENTRE


def this_stack() -> Stack:
    """Give the stack that ALONGSIDE_HOME and ALONGSIDE_PORT_BASE name; nothing is touched yet."""
    return Stack(Layout.from_environment(), say=say)


def running_stack(*tenants: str) -> Stack:
    """Give this stack, whose engines run and which has these tenants.

    Raises:
        NoSuchTenantError, NotRunningError, HomeInUseError, OtherStackError: See ``deploy.stack.ours``.
    """
    stack = this_stack()
    for tenant in tenants:
        require_tenant(stack, tenant)
    require_engines(stack)
    return stack


def host_client(tenant: str, name: str) -> ApiClient:
    """Sign in as one of a host's invented people, at this stack's own API and no other.

    Raises:
        NoSuchTenantError, NotRunningError, HomeInUseError, OtherStackError: See ``deploy.stack.ours``.
    """
    stack = this_stack()
    require_tenant(stack, tenant, host=True)
    require_api(stack, tenant)
    return client_of(stack, tenant, name)


def board_client(name: str) -> ApiClient:
    """Sign in as one of the centre's invented people at the board; they sign in at the central register.

    Raises:
        NotRunningError, HomeInUseError, OtherStackError: See ``deploy.stack.ours``.
    """
    stack = this_stack()
    for server in (BOARD, CENTRE):
        require_api(stack, server)
    return client_of(stack, BOARD, name)
