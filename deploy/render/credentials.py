"""The credentials files of a tenant on a cluster: everything in clear but the secrets, which stay names.

A file is a template in the form of External Secrets (``{{ .mongo_case }}``); the secret store holds the
values, one item a tenant. ``deploy.render.secret_values`` fills the same templates without a store.

Limit: a value stands inside an address, so it may hold letters, digits, ``-`` and ``_`` only.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.engines.official import AMQP_PORT, AMQPS_PORT
from deploy.provision.settings import COURIER, Place, files_of, servers_of, settings_for
from deploy.provision.spec import Timings
from deploy.render import names
from deploy.render.broker import scaler_user, secret_of, users_of
from deploy.render.names import Rendered, namespace_of, resource
from deploy.render.processes import API_PORT
from shared.bus.names import courier_user
from shared.bus.topology import topology_of
from shared.kernel.tenancy import BOARD, CUSTODIAN, TenantId, services_of, vhost_name

API = "external-secrets.io/v1"
ENGINES_ITEM = "engines"
ADMIN_USER = "alongside-admin"
_ADMIN_VALUE = {"database_admin": (ENGINES_ITEM, "database_admin")}


SLOT = re.compile(r"\{\{ \.([a-z_]+) \}\}")
"""Where a secret belongs in a text; the form is External Secrets'."""


def slot(value: str) -> str:
    """Give what stands in a text for a secret."""
    return f"{{{{ .{value} }}}}"


@dataclass(frozen=True, kw_only=True)
class SecretTemplate:
    """One Secret, not yet filled.

    Attributes:
        data: File name to text with ``{{ .value }}`` where a secret belongs.
        values: Name of each value to (item of the store, property of the item).
        namespace: Where it belongs, if not with the tenant.
    """

    name: str
    data: Mapping[str, str]
    values: Mapping[str, tuple[str, str]]
    namespace: str | None = None

    def external(self) -> dict[str, Any]:
        """The resource that asks the External Secrets operator to fill it."""
        spec = {
            "refreshInterval": "1h",
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": names.SECRET_STORE},
            "target": {"name": self.name, "template": {"engineVersion": "v2", "data": dict(self.data)}},
            "data": [
                {"secretKey": name, "remoteRef": {"key": f"alongside/{item}", "property": prop}}
                for name, (item, prop) in self.values.items()
            ],
        }
        where = {"namespace": self.namespace} if self.namespace else {}
        return resource(API, "ExternalSecret", self.name, spec, **where)


def tenant_secrets(rendered: Rendered) -> list[SecretTemplate]:
    """Every Secret of a tenant's namespace."""
    tenant, place = rendered.tenant, _place(rendered)
    files = {name: _file(settings_for(rendered.spec, name, place)) for name in files_of(tenant)}
    made = [_secret("credentials", tenant, {f"{name}.json": files[name] for name in services_of(tenant)})]
    if COURIER in files:
        made.append(_secret("credentials-courier", tenant, {f"{COURIER}.json": files[COURIER]}))
    if "identity" in files:
        made.append(_secret("token", tenant, {"token.key": slot("token_private")}))
        made.append(_secret("first-link", tenant, {"link": slot("first_link")}))
    admin = _Database().uri(user=ADMIN_USER, password=slot("database_admin"), auth_source="admin")
    made.append(SecretTemplate(name="database-admin", data={"uri": admin}, values=_ADMIN_VALUE))
    made += [_user_secret(user, tenant) for user in users_of(topology_of(tenant))]
    return made


def engines_secret() -> SecretTemplate:
    """The database administrator's password, as the database's operator reads it (k8s/engines/database.yaml)."""
    return SecretTemplate(
        name="database-admin-password",
        data={"password": slot("database_admin")},
        values=_ADMIN_VALUE,
        namespace=names.ENGINES_NAMESPACE,
    )


def centre_secrets(tenant: TenantId) -> Mapping[TenantId, list[SecretTemplate]]:
    """What the owner of each server keeps for this tenant's courier: one password, given out of band."""
    user = courier_user(tenant)
    made = {}
    for server in servers_of(tenant):
        value = f"amqp_{user.replace('.', '_')}"
        data = {"username": user, "password": slot(value)}
        template = SecretTemplate(
            name=secret_of(user), data=data, values={value: (server, value)}, namespace=namespace_of(server)
        )
        made[server] = [template]
    return made


class _Database:
    """The database of the cluster's engines; slots and names need no quoting."""

    def uri(self, *, user: str, password: str, auth_source: str) -> str:
        where = f"{names.DATABASE_HOSTS}/?replicaSet={names.DATABASE}&authSource={auth_source}"
        return f"mongodb://{user}:{password}@{where}"


class _Broker:
    """A broker as a cluster's pods reach it."""

    def __init__(self, scheme: str = "amqp", host: str = names.BROKER_HOST, port: int = AMQP_PORT) -> None:
        self._scheme, self._where = scheme, f"{host}:{port}"

    def amqp_url(self, *, user: str, password: str, vhost: str) -> str:
        return f"{self._scheme}://{user}:{password}@{self._where}/{vhost}"


def _place(rendered: Rendered) -> Place:
    tenant = rendered.tenant
    remotes = {
        server: _Broker("amqps", remote.host, AMQPS_PORT).amqp_url(
            user=courier_user(tenant), password=slot(f"amqp_courier_at_{server}"), vhost=vhost_name(TenantId(server))
        )
        for server, remote in rendered.remotes.items()
    }
    return Place(
        timings=Timings(),
        demo=False,
        database=_Database(),
        broker=_Broker(),
        password=lambda engine, name: slot(f"{engine}_{name}"),
        api_port=API_PORT,
        data_dir=names.DATA_DIR,
        drop_dir=names.DROP_DIR,
        clock_file=names.CLOCK_FILE,
        tenant_key_file=f"{names.KEYS_DIR}/tenant.key",
        token_public_key=slot("token_public"),
        token_private_key_file=names.TOKEN_KEY_FILE,
        signing_key_file=names.SIGNING_KEY_FILE,
        signing_keys={server: rendered.public_keys.get(server, names.NO_KEY) for server in (BOARD, CUSTODIAN)},
        log_key_file=names.LOG_KEY_FILE,
        escrow={
            "escrow_file": f"{names.ESCROW_DIR}/{tenant}.escrow",
            "escrow_holder_key_file": names.ESCROW_HOLDER_FILE,
        },
        remotes=remotes,
    )


def _user_secret(user: str, tenant: TenantId) -> SecretTemplate:
    """A broker user as the topology operator reads it; the scaler's with its whole address, for KEDA's trigger."""
    password = slot("amqp_courier" if user == courier_user(tenant) else f"amqp_{user.rpartition('.')[2]}")
    data = {"username": user, "password": password}
    if user == scaler_user(tenant):
        data["host"] = _Broker().amqp_url(user=user, password=password, vhost=vhost_name(tenant))
    return _secret(secret_of(user), tenant, data)


def _secret(name: str, tenant: TenantId, data: Mapping[str, str]) -> SecretTemplate:
    """A Secret whose slots are all filled from the tenant's own item."""
    wanted = dict.fromkeys(value for text in data.values() for value in SLOT.findall(text))
    return SecretTemplate(name=name, data=data, values={value: (str(tenant), value) for value in wanted})


def _file(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=1) + "\n"
