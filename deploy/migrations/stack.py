"""Migrations of a whole stack: every service of every tenant, the centre first."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from pymongo import MongoClient

from deploy.engines.mongod import CLIENT_TIMEOUT_MS
from deploy.migrations.runner import Runner
from deploy.stack.errors import NoSuchTenantError
from deploy.stack.stack import Stack
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, TenantId, database_name, services_of


def status(stack: Stack, tenants: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Tell of every database how far it is; none named means all tenants."""
    with _runners(stack, tenants, lambda _line: None) as runners:
        return [{"tenant": str(tenant), **asdict(runner.standing())} for tenant, runner in runners]


def up(
    stack: Stack,
    tenants: Sequence[str] = (),
    *,
    contract: bool = False,
    say: Callable[[str], None] = lambda _line: None,
) -> list[dict[str, Any]]:
    """Carry out what is pending; may be repeated after any failure.

    Raises:
        MigrationRunsError, SchemaError, NoSuchTenantError: See ``Runner.up``; what was done stays done.
    """
    with _runners(stack, tenants, say) as runners:
        done = []
        for tenant, runner in runners:
            before = runner.standing()
            after = runner.up(contract=contract)
            done.append({"tenant": str(tenant), "service": before.service, "from": before.version, "to": after})
        return done


@contextmanager
def _runners(
    stack: Stack, tenants: Sequence[str], say: Callable[[str], None]
) -> Iterator[Iterator[tuple[TenantId, Runner]]]:
    known = [CENTRE, CUSTODIAN, BOARD, *(spec.id for spec in stack.state.tenants)]
    if set(tenants) - set(known):
        raise NoSuchTenantError
    mongo: MongoClient[dict[str, Any]] = MongoClient(
        stack.engines.mongod.admin_uri(), tz_aware=True, timeoutMS=CLIENT_TIMEOUT_MS
    )
    try:
        yield (
            (tenant, Runner(mongo[database_name(tenant, service)], service, say=say))
            for tenant in known
            if tenant in tenants or not tenants
            for service in services_of(tenant)
        )
    finally:
        mongo.close()
