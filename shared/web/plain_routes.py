"""What every application serves besides its services: health, version, the document and its pages."""

import hashlib
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Any

from flask import Flask, Response, abort, jsonify, render_template, send_from_directory
from marshmallow import Schema, fields

from shared.kernel.tenancy import TenantId
from shared.web.bodies import Blueprint
from shared.web.openapi import operations_of
from shared.web.problems import kinds_of_problems

PRODUCT = "Alongside"
VERSION = "0.1.0"
OPEN_PATHS = frozenset({"/healthz", "/readyz", "/openapi.json", "/v1/meta", "/docs", "/docs/"})
OPEN_PREFIXES = ("/docs/",)

_STATIC = Path(__file__).parent / "static"


class HealthSchema(Schema):
    """The process answers."""

    status = fields.String()


class ReadySchema(Schema):
    """Whether requests should come here now, and what stands in the way."""

    status = fields.String()
    checks = fields.Dict(keys=fields.String(), values=fields.Boolean())
    draining = fields.Boolean()
    needs_attention = fields.Boolean(
        allow_none=True,
        metadata={
            "description": "Whether something that runs here, or should, has to be looked after: the page /running "
            "says what, and so does alongside doctor. Requests are answered all the same. Null until the first look."
        },
    )


class MetaSchema(Schema):
    """What speaks here."""

    product = fields.String()
    version = fields.String()
    tenant = fields.String()
    api = fields.List(fields.String())
    openapi_sha256 = fields.String(metadata={"description": "SHA-256 of /openapi.json, hexadecimal"})


class Document:
    """The OpenAPI document as it is served; written when it is first asked for, by which time all routes are known."""

    def __init__(self) -> None:
        """Begin with nobody to write it."""
        self._write: Callable[[], dict[str, Any]] = dict
        self._written: tuple[dict[str, Any], bytes] | None = None
        self._turn = Lock()

    def written_by(self, write: Callable[[], dict[str, Any]]) -> None:
        """Take what writes it."""
        self._write = write

    @property
    def content(self) -> dict[str, Any]:
        """The document."""
        return self._once()[0]

    @property
    def text(self) -> bytes:
        """What is served."""
        return self._once()[1]

    @property
    def sha256(self) -> str:
        """SHA-256 of what is served, as hexadecimal."""
        return hashlib.sha256(self.text).hexdigest()

    def _once(self) -> tuple[dict[str, Any], bytes]:
        with self._turn:
            if self._written is None:
                content = self._write()
                self._written = content, json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
            return self._written


def build_plain_blueprint(
    app: Flask,
    document: Document,
    tenant_id: TenantId,
    ready_checks: Mapping[str, Callable[[], bool]],
    needs_attention: Callable[[], bool | None],
) -> Blueprint:
    """Build /healthz, /readyz and /v1/meta."""
    blueprint = Blueprint("service", __name__, description="What speaks here, and how it is")

    def healthz() -> dict[str, str]:
        """Say that the process lives."""
        return {"status": "up"}

    def readyz() -> Response:
        """Say whether requests should come here."""
        draining = bool(app.extensions.get("draining"))
        results = {name: check() for name, check in ready_checks.items()}
        ready = not draining and all(results.values())
        response = jsonify(
            {
                "status": "ready" if ready else "not ready",
                "checks": results,
                "draining": draining,
                "needs_attention": needs_attention(),
            }
        )
        response.status_code = 200 if ready else 503
        return response

    def meta() -> dict[str, Any]:
        """Say what speaks here, in which version."""
        return {
            "product": PRODUCT,
            "version": VERSION,
            "tenant": tenant_id,
            "api": ["v1"],
            "openapi_sha256": document.sha256,
        }

    may_be_away = blueprint.alt_response(503, schema=ReadySchema)
    blueprint.get("/healthz")(blueprint.response(200, HealthSchema)(healthz))
    blueprint.get("/readyz")(blueprint.response(200, ReadySchema)(may_be_away(readyz)))
    blueprint.get("/v1/meta")(blueprint.response(200, MetaSchema)(meta))
    return blueprint


def add_pages(app: Flask, document: Document) -> None:
    """Add the document and its pages; everything comes from this server."""

    def openapi() -> Response:
        return Response(document.text, mimetype="application/json")

    def reference() -> str:
        rows = [(m, path, one.get("summary", ""), _leaving(one)) for m, path, one in operations_of(document.content)]
        return render_template("reference.html", title=app.name, operations=rows)

    def errors() -> str:
        kinds = [(code, kind["about"]) for code, kind in sorted(kinds_of_problems().items())]
        return render_template("errors.html", title=app.name, errors=kinds)

    def an_error(code: str) -> str:
        kind = kinds_of_problems().get(code)
        if kind is None:
            abort(HTTPStatus.NOT_FOUND)
        return render_template("error.html", title=app.name, code=code, kind=kind)

    def to_docs() -> Response:
        return Response(status=308, headers={"Location": "/docs/"})

    def docs(name: str = "index.html") -> Response:
        return send_from_directory(_STATIC, name)

    routes: dict[str, Callable[..., Any]] = {
        "/openapi.json": openapi,
        "/docs": to_docs,
        "/docs/": docs,
        "/docs/reference": reference,
        "/docs/errors": errors,
        "/docs/errors/<code>": an_error,
        "/docs/<path:name>": docs,
    }
    for path, view in routes.items():
        app.add_url_rule(path, f"page-{path}".replace(".", "-"), view)


def _leaving(operation: Mapping[str, Any]) -> str:
    """Say of a deprecated operation since when, until when and what to use; nothing of any other."""
    return str(operation.get("description", "")) if operation.get("deprecated") else ""
