"""A tenant's folder under ``k8s/tenants``: the same words give the same bytes.

``kustomize build k8s/tenants/<tenant>`` is what the tenant's cluster applies. ``at-board`` and
``at-custodian`` are for the owners of those servers, who look at them and apply them on their side.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from deploy.provision.settings import servers_of
from deploy.render import broker, credentials, names, ways_out
from deploy.render.names import Rendered, UnknownServerError
from deploy.render.processes import API_PORT
from deploy.render.scaling import scaling_resources
from shared.bus.topology import topology_of
from shared.kernel.tenancy import BOARD, CENTRE, RESERVED, TenantId, couriers_service

DEPLOYMENT_TENANT = "/spec/template/spec/containers/0/args/2"
JOB_TENANT = "/spec/template/spec/containers/0/args/1"
MADE = "# Made by: alongside tenant render. Change the code or the command's words, not this file.\n"
CREDENTIALS_MOUNT = "/spec/template/spec/containers/0/volumeMounts/0/mountPath"
_COURIERS = (
    ("apps/v1", "Deployment"),
    ("policy/v1", "PodDisruptionBudget"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
)

_API = {"app.kubernetes.io/component": "api"}
_SIGN_IN = {BOARD: ("Egress", "to", CENTRE), CENTRE: ("Ingress", "from", BOARD)}

Files = dict[str, str]


def render(rendered: Rendered, *, store: bool = True, dev: bool = False) -> Files:
    """Give the folder's files, path to text.

    Args:
        store: Whether External Secrets fills the Secrets; if not, ``deploy.render.secret_values`` does.
        dev: For a cluster of one machine, without KEDA.

    Raises:
        UnknownServerError: A server's address is missing.
    """
    tenant = rendered.tenant
    for server in servers_of(tenant):
        if server not in rendered.remotes:
            raise UnknownServerError(server)
    parts: dict[str, list[dict[str, Any]]] = {
        "namespace.yaml": [_namespace(rendered)],
        "broker.yaml": broker.vhost_resources(topology_of(tenant)),
    }
    if (outside := ways_out.policy(tenant)) is not None:
        parts["job-outside.yaml"] = [outside]
    if tenant in _SIGN_IN:
        parts["sign-in.yaml"] = [_sign_in_policy(tenant)]
    if store:
        parts["secrets.yaml"] = [template.external() for template in credentials.tenant_secrets(rendered)]
    if not dev:
        parts["scaling.yaml"] = scaling_resources(tenant)
    files = {path: _yaml(documents) for path, documents in parts.items()}
    files["kustomization.yaml"] = _yaml([_kustomization(rendered, list(parts), dev=dev)])
    secrets = credentials.centre_secrets(tenant)
    for server, resources in broker.centre_resources(tenant).items():
        folder = f"at-{server}"
        files[f"{folder}/broker.yaml"] = _yaml(resources)
        # The server's owner has a store of their own, whatever this tenant has.
        files[f"{folder}/secrets.yaml"] = _yaml([template.external() for template in secrets[server]])
        files[f"{folder}/kustomization.yaml"] = _yaml([_plain(["broker.yaml", "secrets.yaml"])])
    return files


def write(files: Mapping[str, str], folder: Path) -> None:
    """Write a folder; what an earlier rendering made and this one does not goes away, other files stay."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.rglob("*.yaml"):
        if str(old.relative_to(folder)) not in files and old.read_text(encoding="utf-8").startswith(MADE):
            old.unlink()
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _overlay(rendered: Rendered) -> str:
    if couriers_service(rendered.tenant) is None:
        return "../../base"  # The register and a sandbox have no courier, and so nobody outside the cluster.
    return "../../overlays/centre" if rendered.tenant in RESERVED else "../../overlays/host"


def _sign_in_policy(tenant: TenantId) -> dict[str, Any]:
    """The board's sign-in page asks the central register, and nobody else of the cluster may."""
    direction, side, other = _SIGN_IN[tenant]
    peer = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": names.namespace_of(other)}},
        "podSelector": {"matchLabels": _API},
    }
    spec = {
        "podSelector": {"matchLabels": _API},
        "policyTypes": [direction],
        direction.lower(): [{side: [peer], "ports": [{"protocol": "TCP", "port": API_PORT}]}],
    }
    labels = {"app.kubernetes.io/name": "alongside"}
    return names.resource("networking.k8s.io/v1", "NetworkPolicy", "sign-in", spec, labels=labels)


def _namespace(rendered: Rendered) -> dict[str, Any]:
    labels = {"app.kubernetes.io/part-of": "alongside"}
    labels |= {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    about = {"name": rendered.name, "nation": rendered.nation, "setting": rendered.setting}
    annotations = {f"alongside/{key}": value for key, value in about.items()}
    metadata = {"name": rendered.namespace, "labels": labels, "annotations": annotations}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def _kustomization(rendered: Rendered, parts: Sequence[str], *, dev: bool) -> dict[str, Any]:
    tenant = str(rendered.tenant)
    patches = [
        _replace("Deployment", {DEPLOYMENT_TENANT: tenant, CREDENTIALS_MOUNT: f"{names.CREDENTIALS_DIR}/{tenant}"}),
        _replace("Job", {JOB_TENANT: tenant, CREDENTIALS_MOUNT: f"{names.CREDENTIALS_DIR}/{tenant}"}),
    ]
    if rendered.remotes:
        networks = {
            f"/spec/egress/{n}/to/0/ipBlock/cidr": remote.network
            for n, (_server, remote) in enumerate(sorted(rendered.remotes.items()))
        }
        patches.append(_replace("NetworkPolicy", networks, name="courier-outside"))
    if rendered.drop_claim is not None:
        patches.append(_drop_mount(rendered.drop_claim))
    if couriers_service(rendered.tenant) is None:
        patches += [{"patch": yaml.safe_dump(_removal(api, kind), sort_keys=False)} for api, kind in _COURIERS]
    return {
        **_plain([_overlay(rendered), *parts]),
        **({"components": ["../../overlays/dev"]} if dev else {}),
        "namespace": rendered.namespace,
        "labels": [{"pairs": {"app.kubernetes.io/instance": tenant}, "includeTemplates": True}],
        "patches": patches,
    }


def _plain(resources: Sequence[str]) -> dict[str, Any]:
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": list(resources),
    }


def _replace(kind: str, values: Mapping[str, str], *, name: str | None = None) -> dict[str, Any]:
    target = {"kind": kind} | ({"name": name} if name else {})
    steps = [{"op": "replace", "path": path, "value": value} for path, value in values.items()]
    return {"target": target, "patch": yaml.safe_dump(steps, sort_keys=False)}


def _drop_mount(claim: str) -> dict[str, Any]:
    """The job alone sees the files that others bring."""
    container = "/spec/template/spec/containers/0/volumeMounts/-"
    volume = {"name": "drop", "persistentVolumeClaim": {"claimName": claim}}
    steps = [
        {"op": "add", "path": container, "value": {"name": "drop", "mountPath": names.DROP_DIR}},
        {"op": "add", "path": "/spec/template/spec/volumes/-", "value": volume},
    ]
    return {"target": {"kind": "Deployment", "name": "job"}, "patch": yaml.safe_dump(steps, sort_keys=False)}


def _removal(api: str, kind: str) -> dict[str, Any]:
    return {"$patch": "delete", "apiVersion": api, "kind": kind, "metadata": {"name": "courier"}}


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, and no anchors: made to be read."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  The signature is PyYAML's.
        """Write everything out."""
        return True


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _block)


def _yaml(documents: Sequence[Mapping[str, Any]]) -> str:
    return MADE + yaml.dump_all(documents, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)
