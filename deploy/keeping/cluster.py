"""Keeping one tenant on a cluster: its passwords are a secret store's, its queues the topology operator's.

Works in a pod with the mounts of ``prepare`` (k8s/base/prepare.yaml): the tenant's credentials files, its volume of
keys, and the database administrator's address. A restore runs before ``prepare``, on an empty database, and does
what ``prepare`` does. Shown by tests/integration/keeping/test_keeping_elsewhere.py.

Limits: the private key that signs tokens stays in the secret store and is in no backup made here; the broker is asked
for the lengths of its queues only, as the services' own users.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import amqp

from deploy.keeping.places import HOSTS_FILE, Headers
from deploy.provision.prepare import prepare
from deploy.provision.spec import TenantSpec, Timings
from shared.bus.connection import close, open_connection
from shared.bus.topology import Topology, topology_of
from shared.kernel.tenancy import TenantId, services_of
from shared.runtime.context import ServiceSettings


class ClusterKept:
    """One tenant of a cluster, from inside; whoever asks names that tenant."""

    def __init__(self, tenant: TenantId, admin_uri: str) -> None:
        """Take the address; the credentials files are read when they are needed.

        Args:
            tenant: Whose pod this is.
            admin_uri: Any address of the database's administrator.
        """
        self._tenant = tenant
        self._admin_uri = admin_uri

    @property
    def tenants(self) -> Sequence[TenantId]:
        """The one."""
        return (self._tenant,)

    @property
    def clock_file(self) -> Path:
        """As the credentials say."""
        return self._any.clock_file

    @property
    def unfinished(self) -> Path:
        """On the volume of keys, which outlives the pod."""
        return self._any.tenant_key_file.with_name("restoring.json")

    def admin_uri(self) -> str:
        """As given."""
        return self._admin_uri

    def topology(self, tenant: TenantId) -> Topology:
        """As the services know it."""
        return topology_of(tenant, self._any.ladder)

    def key_files(self, tenant: TenantId) -> Mapping[str, Path]:  # noqa: ARG002
        """On the volume of keys: the tenant key, and the keys that sign, where there are some."""
        files = {"tenant.key": self._any.tenant_key_file}
        for settings in self._settings.values():
            if "signing_key_file" in settings.extra:
                files["signing.key"] = Path(settings.extra["signing_key_file"])
            if "log_key_file" in settings.extra:
                files["log.key"] = Path(settings.extra["log_key_file"])
        return files

    def register(self, tenant: TenantId) -> Path:  # noqa: ARG002
        """On a server's volume of data."""
        return self._any.data_dir / HOSTS_FILE

    def escrow_dir(self, tenant: TenantId) -> Path:  # noqa: ARG002
        """As the keeper of survivors' keys is told; the centre's tenants have none."""
        for settings in self._settings.values():
            if "escrow_file" in settings.extra:
                return Path(settings.extra["escrow_file"]).parent
        return self._any.tenant_key_file.parent

    def about(self, tenant: TenantId) -> Mapping[str, Any]:
        """From the credentials."""
        said = self._any
        spec = TenantSpec(id=tenant, name=said.name, nation=said.nation, setting=said.setting, number=0)
        timings = Timings(
            mark_settle_s=said.mark_settle_s,
            mark_every_s=said.mark_every_s,
            poll_s=said.poll_s,
            job_every_s=said.job_every_s,
            retry_delays_ms=said.retry_delays_ms,
        )
        # Of a sandbox some services are told so in every stack; a stack is a demo where all are.
        demo = all(settings.demo for settings in self._settings.values())
        return {"spec": asdict(spec), "stack": {"demo": demo, "timings": asdict(timings)}}

    def definitions(self, tenant: TenantId) -> Mapping[str, Any]:  # noqa: ARG002
        """None: the vhost follows from the tenant's rendered folder."""
        return {}

    def has_messages(self, tenant: TenantId) -> bool:
        """Ask each queue of the vhost how long it is; one that is not there is empty."""
        connection = open_connection(self._any.amqp_uri)
        try:
            return any(_length(connection, queue) for queue in self.topology(tenant).queues)
        finally:
            close(connection)

    def start_engines(self) -> None:
        """They are their operators' to start."""

    def adopt_stack(self, header: Mapping[str, Any]) -> None:
        """Timings are the credentials' own."""

    def provision(self, headers: Headers) -> None:  # noqa: ARG002
        """Databases, users and markers, as ``prepare`` makes them."""
        prepare(self._tenant, self._admin_uri)

    def adopt_tenants(self, headers: Headers) -> None:
        """It is this pod's already."""

    def remove_broker(self, tenant: TenantId) -> None:
        """The vhost was there before."""

    @cached_property
    def _settings(self) -> Mapping[str, ServiceSettings]:
        return {service: ServiceSettings.load(self._tenant, service) for service in services_of(self._tenant)}

    @property
    def _any(self) -> ServiceSettings:
        """What all services are told alike."""
        return next(iter(self._settings.values()))


def _length(connection: Any, queue: str) -> int:
    channel = connection.channel()
    try:
        return int(channel.queue_declare(queue, passive=True).message_count)
    except amqp.NotFound:
        # The broker has closed this channel.
        return 0
    finally:
        if channel.is_open:
            channel.close()
