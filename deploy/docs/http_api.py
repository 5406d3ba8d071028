"""The page of the HTTP APIs, from the OpenAPI documents that the applications themselves serve.

The applications are built as an api process builds them, with keys drawn for the moment; no database is asked.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.docs.events import HOST, PLACES
from deploy.docs.markdown import code, codes, page, sentence, table
from deploy.provision.credentials import Vault
from shared.kernel.tenancy import TenantId, services_of
from shared.keys.tenant_key import TenantKeyFile
from shared.runtime.context import ServiceContext, ServiceSettings
from shared.runtime.serving import build_app
from shared.web.openapi import operations_of

_NOWHERE = "mongodb://127.0.0.1:1/"

_INTRODUCTION = (
    "One API for each tenant, at `/v1/`; `/docs/` at the same address lets you try it, `/openapi.json` is the "
    "document itself "
    "(OpenAPI 3.1). Sign in with `POST /v1/token` (RFC 6749, password grant) and send `Authorization: Bearer …`. "
    "Every POST "
    "carries an `Idempotency-Key`: a repeat with the same key and body gives the first answer again. A change of "
    "something that "
    "has versions carries `If-Match`. Without a right to it, an address answers 404 like one that does not exist. "
    "To keep up with a list, give each time the `again_from` of the last reading as `updated_since`, and replace what "
    "you have of the same id. It lies two minutes before that reading began, by the database's clock: a change that was "
    "under way then bears an earlier time and is seen only now. No change comes later than that. "
    "All problems: [errors](errors.md). Instants are RFC 3339 in UTC; codes are of the [code lists](code-lists.md)."
)


def http_api_page() -> str:
    """Write the page."""
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        seen: set[tuple[str, str]] = set()
        for tenant, place in PLACES.items():
            document = openapi_of(tenant, Path(folder))
            fresh = [o for o in operations_of(document) if (o[0], o[1]) not in seen or tenant == HOST]
            seen |= {
                (method, path) for method, path, _ in fresh if path.startswith(("/v1/audit", "/healthz", "/readyz"))
            }
            seen |= {("GET", "/v1/meta")}
            services = ", ".join(services_of(tenant))
            parts += [f"## {place.capitalize()}\n\nServices: {services}."]
            parts += [_operation(method, path, operation, document) for method, path, operation in fresh]
    return page("HTTP API", _INTRODUCTION, *parts)


def openapi_of(tenant: TenantId, folder: Path) -> dict[str, Any]:
    """Give the document that a tenant's application serves.

    Args:
        tenant: A host, the board, the custodian or the central register.
        folder: For keys of the moment.
    """
    with _contexts(tenant, folder) as contexts:
        answer = build_app(contexts).test_client().get("/openapi.json")
        document: dict[str, Any] = answer.get_json()
        return document


@contextlib.contextmanager
def _contexts(tenant: TenantId, folder: Path) -> Iterator[dict[str, ServiceContext]]:
    vault = Vault.of(folder, tenant)
    key_file = vault.folder / "tenant.key"
    TenantKeyFile.create(key_file, tenant)
    token_file, token_key = vault.token_key()
    signing_file, signing_key = vault.signing_key()
    settings = ServiceSettings(
        mongo_uri=_NOWHERE,
        amqp_uri="",
        vhost="",
        data_dir=folder,
        tenant_key_file=key_file,
        token_public_keys=(token_key,),
        token_issuer=str(tenant),
        clock_file=folder / "clock.json",
        name=PLACES[tenant],
        nation="ENGLAND",
        setting="OTHER",
        api_port=0,
        demo=True,
        mark_settle_s=1.0,
        mark_every_s=1.0,
        poll_s=1.0,
        job_every_s=1.0,
        retry_delays_ms=(),
        extra={
            "token_private_key_file": str(token_file),
            "signing_key_file": str(signing_file),
            "board_signing_key": signing_key,
            "custodian_signing_key": signing_key,
        },
    )
    contexts = {service: ServiceContext(tenant, service, settings) for service in services_of(tenant)}
    try:
        yield contexts
    finally:
        for context in contexts.values():
            context.client.close()


def _operation(method: str, path: str, operation: dict[str, Any], document: dict[str, Any]) -> str:
    about = operation.get("summary", "")
    parameters = [_resolve(p, document) for p in operation.get("parameters", ())]
    rows = [
        (code(p["name"]), p["in"], _shape(p.get("schema", {}), document), "yes" if p.get("required") else "no")
        for p in parameters
        if p["name"] not in ("Idempotency-Key", "If-Match")
    ]
    for media in operation.get("requestBody", {}).get("content", {}).values():
        rows += _fields(media.get("schema", {}), document)
    headers = [p["name"] for p in parameters if p["name"] in ("Idempotency-Key", "If-Match")]
    answers = []
    for status, answer in sorted(operation.get("responses", {}).items()):
        if not str(status).startswith(("2", "3")):
            continue
        for media in answer.get("content", {}).values():
            names = _names(media.get("schema", {}), document)
            answers.append(f"{status}: {names}" if names else str(status))
    said = [f"Headers: {codes(headers)}." if headers else "", f"Answers {'; '.join(answers)}." if answers else ""]
    if operation.get("security") == []:
        said.insert(0, "Open: no token.")
    lines = " ".join(part for part in said if part)
    parts = [f"### {method} {path}", sentence(about), table(("field", "in", "shape", "needed"), rows), lines]
    return "\n\n".join(part for part in parts if part)


def _fields(schema: dict[str, Any], document: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    found = _resolve(schema, document)
    needed = set(found.get("required", ()))
    properties = found.get("properties", {})
    return [(code(n), "body", _shape(p, document), "yes" if n in needed else "no") for n, p in properties.items()]


def _names(schema: dict[str, Any], document: dict[str, Any]) -> str:
    found = _resolve(schema, document)
    names = codes(found.get("properties", {}))
    items = found.get("properties", {}).get("items", {}).get("items", {})
    inside = codes(_resolve(items, document).get("properties", {}))
    return f"{names}; each item: {inside}" if inside else names


def _shape(schema: dict[str, Any], document: dict[str, Any]) -> str:
    found = _resolve(schema, document)
    if found.get("type") == "array":
        return f"list of {_shape(found.get('items', {}), document)}"
    if "properties" in found:
        return f"record ({codes(found['properties'])})"
    kinds = found.get("type", "any")
    kind = " or ".join(str(k) for k in kinds) if isinstance(kinds, list) else str(kinds)
    parts = [f"{kind}, {found['format']}" if "format" in found else kind]
    if found.get("enum"):
        parts.append("one of " + codes(e for e in found["enum"] if e is not None))
    if found.get("description"):
        parts.append(str(found["description"]))
    return "; ".join(parts)


def _resolve(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference inside the document; anything else is given back as it is."""
    place = schema.get("$ref")
    if place is None:
        return schema
    found: Any = document
    for word in str(place).removeprefix("#/").split("/"):
        found = found[word]
    return dict(found)
