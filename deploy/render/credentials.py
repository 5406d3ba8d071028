"""The credentials files of a tenant on a cluster: everything in clear but the secrets, which stay names.

A file is a template in the form of External Secrets (``{{ .mongo_case }}``); the secret store holds the
values, one item a tenant. ``deploy.render.secret_values`` fills the same templates without a store.

Limit: a value stands inside an address, so it may hold letters, digits, ``-`` and ``_`` only.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.provision.tenants import SIGNING, Timings
from deploy.render import names
from deploy.render.broker import scaler_user, secret_of, users_of
from deploy.render.names import Rendered, namespace_of, resource
from shared.bus.names import courier_user, user_name
from shared.bus.topology import topology_of
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, RESERVED, TenantId, database_name, vhost_name
from shared.runtime.context import KEEPERS_OF_SURVIVOR_KEYS

API = "external-secrets.io/v1"
ENGINES_ITEM = "engines"
ADMIN_USER = "alongside-admin"
_ADMIN_VALUE = {"database_admin": (ENGINES_ITEM, "database_admin")}


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
    tenant, topology = rendered.tenant, topology_of(rendered.tenant)
    files = {f"{service}.json": _file(_service(rendered, service)) for service in topology.services}
    wanted = [f"{engine}_{service}" for service in topology.services for engine in ("mongo", "amqp")]
    made = [_secret("credentials", tenant, files, [*wanted, "token_public"])]
    if tenant != CENTRE:
        made.append(_courier_secret(rendered))
    if "identity" in topology.services:
        made.append(_secret("token", tenant, {"token.key": "{{ .token_private }}"}, ["token_private"]))
        made.append(_secret("first-link", tenant, {"link": "{{ .first_link }}"}, ["first_link"]))
    admin = _mongo(ADMIN_USER, "database_admin", "admin")
    made.append(SecretTemplate(name="database-admin", data={"uri": admin}, values=_ADMIN_VALUE))
    made += [_user_secret(user, tenant, _value_of(user, tenant)) for user in users_of(topology)]
    return made


def engines_secret() -> SecretTemplate:
    """The database administrator's password, as the database's operator reads it (k8s/engines/database.yaml)."""
    return SecretTemplate(
        name="database-admin-password",
        data={"password": "{{ .database_admin }}"},
        values=_ADMIN_VALUE,
        namespace=names.ENGINES_NAMESPACE,
    )


def centre_secrets(tenant: TenantId) -> Mapping[TenantId, list[SecretTemplate]]:
    """What the owner of each server keeps for this tenant's courier: one password, given out of band."""
    user = courier_user(tenant)
    made = {}
    for server in names.servers_of(tenant):
        value = f"amqp_{user.replace('.', '_')}"
        data = {"username": user, "password": f"{{{{ .{value} }}}}"}
        template = SecretTemplate(
            name=secret_of(user), data=data, values={value: (server, value)}, namespace=namespace_of(server)
        )
        made[server] = [template]
    return made


def _courier_secret(rendered: Rendered) -> SecretTemplate:
    tenant = rendered.tenant
    service = "reporting" if tenant not in RESERVED else str(tenant)
    user = courier_user(tenant)
    remotes = {
        str(server): f"amqps://{user}:{{{{ .amqp_courier_at_{server} }}}}@{remote.host}:{names.AMQPS_PORT}"
        f"/{vhost_name(TenantId(server))}"
        for server, remote in rendered.remotes.items()
    }
    extra: dict[str, Any] = {"courier_remotes": remotes}
    wanted = ["mongo_courier", *(f"amqp_courier_at_{server}" for server in remotes), "token_public"]
    if tenant not in RESERVED:
        extra["courier_own_uri"] = _amqp(user, "amqp_courier", tenant)
        wanted.append("amqp_courier")
    content = {
        **_service(rendered, service),
        "mongo_uri": _mongo(user_name(tenant, "courier"), "mongo_courier", database_name(tenant, service)),
        "amqp_uri": next(iter(remotes.values())),
        "extra": extra,
    }
    return _secret("credentials-courier", tenant, {"courier.json": _file(content)}, wanted)


def _service(rendered: Rendered, service: str) -> dict[str, Any]:
    """What ``shared.runtime.context.ServiceSettings`` reads."""
    tenant, timings = rendered.tenant, Timings()
    user = user_name(tenant, service)
    return {
        "name": rendered.name,
        "nation": rendered.nation,
        "setting": rendered.setting,
        "demo": False,
        "mongo_uri": _mongo(user, f"mongo_{service}", database_name(tenant, service)),
        "amqp_uri": _amqp(user, f"amqp_{service}", tenant),
        "vhost": vhost_name(tenant),
        "data_dir": names.DATA_DIR,
        "tenant_key_file": f"{names.KEYS_DIR}/tenant.key",
        "token_public_keys": ["{{ .token_public }}"],
        "token_issuer": str(CENTRE if tenant in (BOARD, CUSTODIAN) else tenant),
        "clock_file": names.CLOCK_FILE,
        "api_port": names.API_PORT,
        "mark_settle_s": timings.mark_settle_s,
        "mark_every_s": timings.mark_every_s,
        "poll_s": timings.poll_s,
        "job_every_s": timings.job_every_s,
        "retry_delays_ms": list(timings.retry_delays_ms),
        "extra": _extra(rendered, service),
    }


def _extra(rendered: Rendered, service: str) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if service == "identity":
        extra["token_private_key_file"] = names.TOKEN_KEY_FILE
    if service in SIGNING:
        extra["signing_key_file"] = names.SIGNING_KEY_FILE
        for server in names.SERVERS:
            extra[f"{server}_signing_key"] = rendered.public_keys.get(str(server), names.NO_KEY)
    if service in KEEPERS_OF_SURVIVOR_KEYS:
        extra["escrow_file"] = f"{names.ESCROW_DIR}/{rendered.tenant}.escrow"
        extra["escrow_holder_key_file"] = names.ESCROW_HOLDER_FILE
    return extra


def _user_secret(user: str, tenant: TenantId, value: str) -> SecretTemplate:
    data = {"username": user, "password": f"{{{{ .{value} }}}}"}
    if user == scaler_user(tenant):
        data["host"] = _amqp(user, value, tenant)  # For KEDA's trigger.
    return _secret(secret_of(user), tenant, data, [value])


def _value_of(user: str, tenant: TenantId) -> str:
    return "amqp_courier" if user == courier_user(tenant) else f"amqp_{user.rpartition('.')[2]}"


def _secret(name: str, tenant: TenantId, data: Mapping[str, str], values: list[str]) -> SecretTemplate:
    return SecretTemplate(name=name, data=data, values={value: (str(tenant), value) for value in values})


def _mongo(user: str, value: str, database: str) -> str:
    where = f"{names.DATABASE_HOSTS}/?replicaSet={names.DATABASE}&authSource={database}"
    return f"mongodb://{user}:{{{{ .{value} }}}}@{where}"


def _amqp(user: str, value: str, tenant: TenantId) -> str:
    return f"amqp://{user}:{{{{ .{value} }}}}@{names.BROKER_HOST}:{names.AMQP_PORT}/{vhost_name(tenant)}"


def _file(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=1) + "\n"
