"""Draws a tenant's secrets and fills its templates, where no secret store does: for SOPS, and for dev clusters.

Promise: a value is drawn once and kept; both files are for their owner only, and never lie in the source
tree. Limit: whoever has the folder has the tenant: move it into the store, or encrypt it, then delete it.
"""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.engines.layout import PROJECT_ROOT
from deploy.engines.secret_files import write_private
from deploy.render.credentials import SecretTemplate
from shared.kernel.errors import RuleViolationError

_PASSWORD_BYTES = 24
_SLOT = re.compile(r"\{\{ \.([a-z_]+) \}\}")

Store = dict[str, dict[str, str]]


class SecretsInTreeError(RuleViolationError):
    """Secrets are never written where a commit could take them."""

    code = "secrets-in-tree"

    def __init__(self) -> None:
        """Say the mend."""
        super().__init__("The folder for secrets lies in the source tree. Name one outside of it.")


def write_secrets(folder: Path, tenant: str, templates: Iterable[SecretTemplate]) -> tuple[Path, Path]:
    """Write ``<tenant>.store.json`` (the values, for a secret store) and ``<tenant>.secrets.yaml`` (filled Secrets).

    Values that ``*.store.json`` holds already stay, such as a server's password for a courier that came out
    of band, or the central register's ``token_public`` for the board.

    Raises:
        SecretsInTreeError: The folder lies in the source tree.
    """
    folder = folder.expanduser().resolve()
    if folder.is_relative_to(PROJECT_ROOT):
        raise SecretsInTreeError
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    templates = list(templates)
    store_file, secrets_file = folder / f"{tenant}.store.json", folder / f"{tenant}.secrets.yaml"
    known: Store = json.loads(store_file.read_text(encoding="utf-8")) if store_file.exists() else {}
    store = draw(known, templates)
    write_private(store_file, json.dumps(store, indent=1, sort_keys=True))
    filled = [fill(template, store) for template in templates]
    write_private(secrets_file, yaml.safe_dump_all(filled, sort_keys=False))
    return store_file, secrets_file


def draw(known: Mapping[str, Mapping[str, str]], templates: Iterable[SecretTemplate]) -> Store:
    """Give every value that the templates want; known ones stay."""
    store: Store = {item: dict(values) for item, values in known.items()}
    for template in templates:
        for item, prop in template.values.values():
            values = store.setdefault(item, {})
            if prop == "token_public" and "token_private" not in values and prop not in values:
                _draw_token(values)
            values.setdefault(prop, secrets.token_urlsafe(_PASSWORD_BYTES))
    return store


def fill(template: SecretTemplate, store: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Give the Secret with its values in place."""
    values = {name: store[item][prop] for name, (item, prop) in template.values.items()}
    metadata = {"name": template.name} | ({"namespace": template.namespace} if template.namespace else {})
    data = {file: _SLOT.sub(lambda slot: values[slot[1]], text) for file, text in template.data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "stringData": data}


def _draw_token(values: dict[str, str]) -> None:
    private = Ed25519PrivateKey.generate()
    values["token_private"] = private.private_bytes_raw().hex()
    values["token_public"] = private.public_key().public_bytes_raw().hex()
