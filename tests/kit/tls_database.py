"""A MongoDB that is not the suite's: its own replica set, with authentication, and TLS or no word at all."""

import subprocess

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.engines.mongod import ADMIN_USER, find_mongod
from deploy.engines.waiting import wait_until
from shared.runtime.database_engine import COMPRESSORS

REPLICA_SET = "elsewhere"


class TlsDatabase:
    """One node; ``options`` is what an address of it must say."""

    def __init__(self, folder, port, authority):
        self.address = f"127.0.0.1:{port}"
        certificates = authority.issue(folder / "tls", "localhost", addresses=["127.0.0.1"])
        pem = certificates / "both.pem"
        pem.write_bytes((certificates / "key.pem").read_bytes() + (certificates / "certificate.pem").read_bytes())
        pem.chmod(0o600)
        self.options = f"tls=true&tlsCAFile={certificates / 'authorities.pem'}"
        key = folder / "member.key"
        key.write_text("k" * 64)
        key.chmod(0o600)
        self.password_file = folder / "admin.password"
        self.password_file.write_text("invented-password\n")
        (folder / "data").mkdir()
        arguments = [
            "--dbpath", folder / "data", "--port", str(port), "--bind_ip", "127.0.0.1", "--replSet", REPLICA_SET,
            "--auth", "--keyFile", key, "--networkMessageCompressors", COMPRESSORS,
            "--tlsMode", "requireTLS", "--tlsCertificateKeyFile", pem, "--tlsCAFile", certificates / "authorities.pem",
            "--tlsAllowConnectionsWithoutCertificates", "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64",
            "--setParameter", "diagnosticDataCollectionEnabled=false", "--nounixsocket",
            "--logpath", folder / "mongod.log",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            [str(find_mongod()), *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._make_ready()

    def admin_uri(self):
        """The administrator's address, as an operator would write it."""
        where = f"{self.address}/?replicaSet={REPLICA_SET}&authSource=admin&{self.options}"
        return f"mongodb://{ADMIN_USER}:invented-password@{where}"

    def stop(self):
        """End it."""
        self._process.terminate()
        self._process.wait(timeout=60)

    def _make_ready(self):
        uri = f"mongodb://{self.address}/?directConnection=true&{self.options}"
        with MongoClient(uri, serverSelectionTimeoutMS=1_000) as nobody:
            assert wait_until(lambda: _answers(nobody), within_s=60)
            members = [{"_id": 0, "host": self.address}]
            nobody.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            assert wait_until(lambda: nobody.admin.command("hello")["isWritablePrimary"], within_s=60)
            nobody.admin.command("createUser", ADMIN_USER, pwd="invented-password", roles=["root"])


def _answers(client):
    try:
        return bool(client.admin.command("ping"))
    except PyMongoError:
        return False
