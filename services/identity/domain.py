"""Roles and the duties that one person may not join. Source: domain reference 14.1, decisions 5."""

from collections.abc import Iterable

from services.identity.errors import SeparatedDutiesError, UnknownRoleError

HOST_ROLES = (
    "HOST_ADMIN", "IMSA", "SUPERVISOR", "HOST_DPO", "HOST_DATA_LEAD", "SAFEGUARDING_LEAD", "INTEGRATOR", "HUB_TRIAGE",
)  # fmt: skip
CENTRE_ROLES = ("BOARD_MEMBER", "STATISTICIAN", "RELEASE_APPROVER", "PLATFORM_OPERATOR", "DATA_GUARDIAN")
SEPARATED = (("STATISTICIAN", "RELEASE_APPROVER"), ("HOST_DATA_LEAD", "HOST_ADMIN"), ("STATISTICIAN", "DATA_GUARDIAN"))


def check_roles(roles: Iterable[str], *, centre: bool, demo: bool) -> tuple[str, ...]:
    """Give the roles, sorted, if one person may hold them together; a demo may join duties.

    Raises:
        UnknownRoleError, SeparatedDutiesError: They may not.
    """
    chosen = set(roles)
    if not chosen or not chosen <= set(CENTRE_ROLES if centre else HOST_ROLES):
        raise UnknownRoleError
    if not demo:
        for first, second in SEPARATED:
            if {first, second} <= chosen:
                raise SeparatedDutiesError(first, second)
    return tuple(sorted(chosen))
