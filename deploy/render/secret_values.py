"""Draws a tenant's secrets and fills its templates, where no secret store does: for SOPS, and for dev clusters.

Promise: a value is drawn once and kept; both files are for their owner only, and never lie in the source
tree.
Shown by tests/k8s/test_tenant_render.py.
Limit: whoever has the folder has the tenant: move it into the store, or encrypt it, then delete it.
"""

import json
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.engines.layout import PROJECT_ROOT
from deploy.engines.secret_files import write_private
from deploy.render.credentials import SLOT, SecretTemplate, engines_secret
from deploy.render.names import namespace_of
from shared.kernel.errors import RuleViolationError
from shared.kernel.tenancy import TenantId

_PASSWORD_BYTES = 24

Store = dict[str, dict[str, str]]


class SecretsInTreeError(RuleViolationError):
    """Secrets are never written where a commit could take them."""

    code = "secrets-in-tree"

    def __init__(self) -> None:
        """Say the mend."""
        super().__init__("The folder for secrets lies in the source tree. Name one outside of it.")


class MissingValueError(RuleViolationError):
    """A value is another owner's, so it cannot be drawn here."""

    code = "secret-from-elsewhere"

    def __init__(self, item: str, prop: str) -> None:
        """Name the place; the mend is to put it there."""
        super().__init__(
            f"The value {prop} of {item} is the central register's. Write it into store.json as "
            f'{{"{item}": {{"{prop}": "…"}}}} and run this again.'
        )


def write_secrets(folder: Path, tenant: TenantId, templates: Iterable[SecretTemplate]) -> tuple[Path, list[Path]]:
    """Write ``store.json`` (the values of all tenants of this folder) and the filled Secrets, a file a namespace.

    Values that ``store.json`` holds already stay, such as a server's password for a courier that came out of
    band, or the central register's ``token_public`` for the board.

    Raises:
        SecretsInTreeError: The folder lies in the source tree.
        MissingValueError: A value is another owner's and not there.
    """
    folder = folder.expanduser().resolve()
    if folder.is_relative_to(PROJECT_ROOT):
        raise SecretsInTreeError
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    templates = [*templates, engines_secret()]
    store_file = folder / "store.json"
    known: Store = json.loads(store_file.read_text(encoding="utf-8")) if store_file.exists() else {}
    store = draw(known, templates)
    write_private(store_file, json.dumps(store, indent=1, sort_keys=True))
    by_file: dict[Path, list[dict[str, Any]]] = {}
    for template in templates:
        owner = "engines" if template.namespace else tenant
        filled = fill(template, store, namespace=template.namespace or namespace_of(tenant))
        by_file.setdefault(folder / f"{owner}.secrets.yaml", []).append(filled)
    for file, secrets_of_file in by_file.items():
        write_private(file, yaml.safe_dump_all(secrets_of_file, sort_keys=False))
    return store_file, list(by_file)


def draw(known: Mapping[str, Mapping[str, str]], templates: Iterable[SecretTemplate]) -> Store:
    """Give every value that the templates want; known ones stay.

    Raises:
        MissingValueError: A public token key is wanted that belongs to no private one of this tenant.
    """
    templates = list(templates)
    signs = {item for t in templates for item, prop in t.values.values() if prop == "token_private"}
    store: Store = {item: dict(values) for item, values in known.items()}
    for template in templates:
        for item, prop in template.values.values():
            values = store.setdefault(item, {})
            if prop == "token_public" and prop not in values:
                if item not in signs:
                    raise MissingValueError(item, prop)
                _draw_token(values)
            values.setdefault(prop, secrets.token_urlsafe(_PASSWORD_BYTES))
    return store


def fill(template: SecretTemplate, store: Mapping[str, Mapping[str, str]], *, namespace: str) -> dict[str, Any]:
    """Give the Secret with its values in place."""
    values = {name: store[item][prop] for name, (item, prop) in template.values.items()}
    metadata = {"name": template.name, "namespace": namespace}
    data = {file: SLOT.sub(lambda slot: values[slot[1]], text) for file, text in template.data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "stringData": data}


def _draw_token(values: dict[str, str]) -> None:
    private = Ed25519PrivateKey.generate()
    values["token_private"] = private.private_bytes_raw().hex()
    values["token_public"] = private.public_key().public_bytes_raw().hex()
