"""Names at the broker: written down once, whoever uses them."""

from shared.kernel.tenancy import TenantId


def user_name(tenant: TenantId, service: str) -> str:
    """Name the user of one service of one tenant, at the broker as at the database."""
    return f"{tenant}.{service}"


def courier_user(tenant: TenantId | str) -> str:
    """Name the broker user of a tenant's courier."""
    return f"courier.{tenant}"
