"""Engines that others start: their addresses and the administrators' passwords, from files.

Takes the place of ``deploy.engines.pair`` for the provisioner where containers run the engines.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from deploy.engines import mongod, rabbit_config
from deploy.engines.official import AMQP_PORT, MANAGEMENT_PORT


class Database(Protocol):
    """What the provisioner asks of a database engine; see ``deploy.engines.mongod.Mongod``."""

    def admin_uri(self) -> str:
        """URI of the administrator."""
        ...

    def uri(self, *, user: str, password: str, auth_source: str) -> str:
        """URI of any user."""
        ...


class Broker(Protocol):
    """What the provisioner asks of a broker; see ``deploy.engines.rabbitmq.RabbitNode``."""

    @property
    def management_url(self) -> str:
        """Root of the HTTP management API."""
        ...

    def admin_credentials(self) -> tuple[str, str]:
        """User and password of the administrator."""
        ...

    def amqp_url(self, *, user: str, password: str, vhost: str) -> str:
        """AMQP URL of any user."""
        ...


class Engines(Protocol):
    """A broker and a database, whoever runs them."""

    @property
    def mongod(self) -> Database:
        """The database."""
        ...

    @property
    def rabbit(self) -> Broker:
        """The broker."""
        ...


@dataclass(frozen=True, kw_only=True)
class OutsideDatabase:
    """A replica set under ``address`` (host:port, or several with commas).

    Attributes:
        options: More of a MongoDB address's own options, such as ``tls=true&tlsCAFile=…``; every process gets them
            with its address.
    """

    address: str
    password_file: Path
    replica_set: str = mongod.REPLICA_SET
    options: str = ""

    def admin_uri(self) -> str:
        """URI of the administrator, for the provisioner only; it holds the password."""
        password = self.password_file.read_text(encoding="utf-8").strip()
        return self.uri(user=mongod.ADMIN_USER, password=password, auth_source="admin")

    def uri(self, *, user: str, password: str, auth_source: str) -> str:
        """URI of any user; parts are given unquoted."""
        credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
        source = quote(auth_source, safe="")
        more = f"&{self.options}" if self.options else ""
        return f"mongodb://{credentials}@{self.address}/?replicaSet={self.replica_set}&authSource={source}{more}"


@dataclass(frozen=True, kw_only=True)
class OutsideBroker:
    """A broker under ``host``."""

    host: str
    password_file: Path
    amqp_port: int = AMQP_PORT
    management_port: int = MANAGEMENT_PORT

    @property
    def management_url(self) -> str:
        """Root of the HTTP management API, without a trailing slash."""
        return f"http://{self.host}:{self.management_port}"

    def admin_credentials(self) -> tuple[str, str]:
        """User and password of the administrator, for the provisioner only."""
        return rabbit_config.ADMIN_USER, self.password_file.read_text(encoding="utf-8").strip()

    def amqp_url(self, *, user: str, password: str, vhost: str) -> str:
        """AMQP URL of any user; parts are given unquoted."""
        credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"amqp://{credentials}@{self.host}:{self.amqp_port}/{quote(vhost, safe='')}"


@dataclass(frozen=True, kw_only=True)
class OutsideEngines:
    """Both."""

    mongod: OutsideDatabase
    rabbit: OutsideBroker
