"""Deletes a host of a stack on this machine: stops its processes, and lets nothing start or provision it again.

Shown by tests/integration/leaving/test_leaving_deletion.py.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pymongo import MongoClient

from deploy.engines.mongod import CLIENT_TIMEOUT_MS
from deploy.engines.secret_files import write_private
from deploy.leaving.beginning import Client, Wanted, begin
from deploy.leaving.certificate import signature_file
from deploy.leaving.deleting import Premises, go_on
from deploy.leaving.errors import PackagePlaceTakenError
from deploy.leaving.journal import Journal, certificate_file
from deploy.stack.stack import Stack
from shared.kernel.clock import BusinessClock


def delete_host(
    stack: Stack, wanted: Wanted, certificate: Path, say: Callable[[str], None] = lambda _line: None
) -> Journal:
    """Begin, or go on where a deletion stands, to its end.

    Raises:
        PackagePlaceTakenError, NotAgreedError, PeriodOpenError: Nothing was deleted.
        NotGoneError: Something is still there; the next run goes on.
    """
    if certificate.exists():
        raise PackagePlaceTakenError(certificate)
    mongo: Client = MongoClient(stack.engines.mongod.admin_uri(), tz_aware=True, timeoutMS=CLIENT_TIMEOUT_MS)
    provisioner = stack.provisioner()
    try:
        journal = begin(stack.layout, mongo, BusinessClock(stack.layout.clock_file), wanted)
        premises = Premises(
            layout=stack.layout, mongo=mongo, provisioner=provisioner, retire=lambda tenant: retire(stack, tenant)
        )
        done = go_on(premises, journal, say=say)
    finally:
        provisioner.close()
        mongo.close()
    kept = certificate_file(stack.layout, wanted.tenant)
    for copy, original in ((signature_file(certificate), signature_file(kept)), (certificate, kept)):
        write_private(copy, original.read_text(encoding="utf-8"))
    return done


def retire(stack: Stack, tenant: str) -> None:
    """Take a host out of the stack's record, so that neither `up` nor the supervisor brings it back, and stop it."""
    state = stack.state
    kept = tuple(one for one in state.tenants if one.id != tenant)
    suspended = tuple(one for one in state.suspended if one != tenant)
    replace(state, tenants=kept, suspended=suspended).save(stack.layout)
    stack.stop_processes([tenant])
