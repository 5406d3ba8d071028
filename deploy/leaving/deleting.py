"""Deletes a host for good, step by step: a kill at any point is gone on with by the same command.

The order: a durable journal; no process writes any more, and nothing provisions the host again; the keys, so that from
then on no copy opens anywhere; queues; databases; files and registers; the certificate, signed with the last key that
is left; that key. Each step may be repeated, and is noted once it is seen to be done. Shown by
tests/integration/leaving/test_leaving_deletion.py.
Limit: a file that is deleted on an SSD is no physical proof, and what lies in backups and in the database's own log is
closed by the missing keys, not gone; the certificate says so.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo import MongoClient

from deploy.engines.layout import Layout
from deploy.keeping.age_files import sync_folder
from deploy.leaving.certificate import write_certificate
from deploy.leaving.errors import NotGoneError
from deploy.leaving.journal import Journal, certificate_file
from deploy.provision.credentials import Vault
from deploy.provision.tenants import Provisioner
from deploy.provision.turns import turn
from shared.kernel.tenancy import BOARD, CUSTODIAN, TenantId, database_name, vhost_name
from shared.keys.signing import HostRegister

STOPPED, KEYS_GONE, QUEUES_GONE, DATABASES_GONE, FILES_GONE, CERTIFIED, DONE = (
    "STOPPED", "KEYS_GONE", "QUEUES_GONE", "DATABASES_GONE", "FILES_GONE", "CERTIFIED", "DONE",
)  # fmt: skip
STEPS = (STOPPED, KEYS_GONE, QUEUES_GONE, DATABASES_GONE, FILES_GONE, CERTIFIED, DONE)

_LOG_KEY = "log.key"


@dataclass(frozen=True, kw_only=True)
class Premises:
    """Where the host runs.

    Attributes:
        retire: Stops the host's processes, and lets nothing start or provision it again.
    """

    layout: Layout
    mongo: MongoClient[dict[str, Any]]
    provisioner: Provisioner
    retire: Callable[[str], None]


def go_on(premises: Premises, journal: Journal, say: Callable[[str], None] = lambda _line: None) -> Journal:
    """Do what is left to do.

    Args:
        premises: Where.
        journal: As it was written.
        say: Hears of each step before it is taken.

    Returns:
        The journal with every step.

    Raises:
        NotGoneError: Something is still there; the next run goes on.
    """
    deletion = _Deletion(premises, TenantId(journal.tenant))
    for step, act in deletion.steps():
        if step in journal.steps:
            continue
        say(step)
        act(journal)
        journal = journal.done(step, datetime.now(UTC))
        journal.write(premises.layout)
    return journal


class _Deletion:
    def __init__(self, premises: Premises, tenant: TenantId) -> None:
        self._premises, self._tenant = premises, tenant
        self._vault = Vault.folder_of(premises.layout.secrets_dir, tenant)

    def steps(self) -> Iterator[tuple[str, Callable[[Journal], None]]]:
        yield STOPPED, lambda _: self._premises.retire(self._tenant)
        yield KEYS_GONE, lambda _: self._destroy_keys()
        yield QUEUES_GONE, lambda _: self._remove_queues()
        yield DATABASES_GONE, lambda _: self._drop_databases()
        yield FILES_GONE, lambda _: self._remove_files()
        certificate = certificate_file(self._premises.layout, self._tenant)
        yield CERTIFIED, lambda journal: write_certificate(journal, self._vault / _LOG_KEY, certificate)
        yield DONE, lambda _: self._remove_vault()

    def _destroy_keys(self) -> None:
        """Everything in the vault but what signs the certificate; the table of survivors' keys; the copy in escrow."""
        for file in self._vault.glob("*"):
            if file.is_dir():
                shutil.rmtree(file)
            elif file.name != _LOG_KEY:
                file.unlink()
        if self._vault.exists():
            sync_folder(self._vault)
        self._premises.mongo.drop_database(database_name(self._tenant, "keys"))
        escrow = self._premises.layout.escrow_dir(self._tenant)
        for file in escrow.glob(f"{self._tenant}.escrow*"):
            file.unlink()
        if escrow.exists():
            sync_folder(escrow)

    def _remove_queues(self) -> None:
        self._premises.provisioner.remove_from_broker(self._tenant)
        if self._premises.provisioner.broker.has_vhost(vhost_name(self._tenant)):
            raise NotGoneError("The vhost of the host")

    def _drop_databases(self) -> None:
        self._premises.provisioner.remove(self._tenant)
        beginning = database_name(self._tenant, "")
        if any(name.startswith(beginning) for name in self._premises.mongo.list_database_names()):
            raise NotGoneError("A database of the host")

    def _remove_files(self) -> None:
        """What its processes kept beside the database, and its entries at board and custodian."""
        shutil.rmtree(self._premises.layout.data_dir(self._tenant), ignore_errors=True)
        if self._premises.layout.data_dir(self._tenant).exists():
            raise NotGoneError("The folder of the host")
        with turn(self._premises.layout.home):
            for server in (BOARD, CUSTODIAN):
                HostRegister(path=self._premises.layout.data_dir(server) / "hosts.json").drop(self._tenant)

    def _remove_vault(self) -> None:
        shutil.rmtree(self._vault, ignore_errors=True)
        if self._vault.exists():
            raise NotGoneError("The folder of the host's keys")
        sync_folder(self._vault.parent)
