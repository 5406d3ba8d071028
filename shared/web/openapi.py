"""The OpenAPI 3.1 document of an application, made once from its routes' schemas, when it is first asked for.

Promise: every operation declares its problems, its security and, where it is a POST, the Idempotency-Key.
Shown by tests/integration/shared/test_web.py.
"""

from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Flask
from flask_smorest import Api, Blueprint
from flask_smorest.utils import prepare_response

from shared.web.schemas import ProblemSchema

PROBLEM_TYPE = "application/problem+json"
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "schema": {"type": "string"},
    "description": 'The ETag of the version that was read, such as "3". Missing: 428; stale: 412.',
}
"""For ``@blueprint.doc(parameters=[IF_MATCH])`` on a route that calls ``Gateway.if_match``."""

LOCATION = "x-location"
"""On an operation until the document is whole: the address of what it makes."""

_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "New for each request; a repeat with the same key and body gives the first answer again.",
}
_AGAIN_FROM = {
    "type": "string",
    "format": "date-time",
    "description": "What to give as updated_since the next time, to keep up; each page of one reading says the same.",
}
_METHODS = frozenset({"get", "put", "post", "delete", "patch", "head", "options"})


class ProblemApi(Api):  # type: ignore[misc]  # flask-smorest ships no types.
    """flask-smorest with our problem documents in place of its own error payload, and with routes described late.

    Most processes are never asked for their document, and to write it is a fifth of what it costs to build one.
    """

    ERROR_SCHEMA = ProblemSchema

    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        """Take a blueprint's routes; they are described by ``describe``."""
        name = options.get("name", blueprint.name)
        self._app.extensions["flask-smorest"]["blp_name_to_api"][name] = self
        self._app.register_blueprint(blueprint, **options)
        self.__dict__.setdefault("_undescribed", []).append(partial(self._describe, blueprint, name))

    def describe(self) -> None:
        """Describe every route that was taken since."""
        undescribed = self.__dict__.pop("_undescribed", ())
        for describe in undescribed:
            describe()

    def _describe(self, blueprint: Blueprint, name: str) -> None:
        blueprint.register_views_in_doc(self, self._app, self.spec, name=name, parameters=None)
        self.spec.tag({"name": name, "description": blueprint.description})

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            if status >= HTTPStatus.BAD_REQUEST:
                self._register_problem(status.name, status.phrase)
        self._register_problem("DEFAULT_ERROR", "A problem")

    def _register_problem(self, name: str, description: str) -> None:
        response: dict[str, Any] = {"description": description, "schema": ProblemSchema}
        prepare_response(response, self.spec, PROBLEM_TYPE)
        self.spec.components.response(name, response, lazy=True)


def build_document(api: ProblemApi, open_routes: frozenset[tuple[str, str]]) -> dict[str, Any]:
    """Give the whole document.

    Args:
        api: With every blueprint registered.
        open_routes: (method, path) that need no token.
    """
    schemes: dict[str, Any] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    if ("POST", "/v1/token") in open_routes:
        schemes["password"] = {"type": "oauth2", "flows": {"password": {"tokenUrl": "/v1/token", "scopes": {}}}}
    for name, scheme in schemes.items():
        api.spec.components.security_scheme(name, scheme)
    api.describe()
    document: dict[str, Any] = api.spec.to_dict()
    document["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    document["security"] = [{name: []} for name in schemes]
    for method, path, operation in operations_of(document):
        responses = operation.setdefault("responses", {})
        responses.setdefault("default", {"$ref": "#/components/responses/DEFAULT_ERROR"})
        if not any(str(status).startswith(("2", "3")) for status in responses):
            responses["200"] = {"description": "Done"}
        if (method, path) in open_routes:
            operation["security"] = []
        elif method == "POST":
            operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
        _tell_how_to_keep_up(operation, document)
    _link_what_is_made(document)
    return document


def _link_what_is_made(document: dict[str, Any]) -> None:
    """Say of each operation that makes something what may be asked of it next, as OpenAPI's links."""
    paths = document.get("paths", {})
    for _, _, operation in operations_of(document):
        # Such as /v1/episodes/{id}; it is for this alone.
        prefix, _, _ = operation.pop(LOCATION, "").partition("{id}")
        made = operation["responses"].get("201")
        if not prefix or made is None:
            continue
        links = {}
        for path, operations in paths.items():
            parameter, _, rest = path.removeprefix(prefix).removeprefix("{").partition("}")
            if not path.startswith(prefix + "{") or "{" in rest:
                continue
            place = path.replace("~", "~0").replace("/", "~1")
            for method in sorted(_METHODS & operations.keys()):
                links[f"{method}{rest.replace('/', '-')}"] = {
                    "operationRef": f"#/paths/{place}/{method}",
                    "parameters": {parameter: "$response.body#/id"},
                }
        if links:
            made["links"] = links


def _tell_how_to_keep_up(operation: dict[str, Any], document: dict[str, Any]) -> None:
    """Describe ``again_from`` in the answer of a list that knows ``updated_since``: no room writes it down itself."""
    if not any(isinstance(one, dict) and one.get("name") == "updated_since" for one in operation.get("parameters", ())):
        return
    content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    listed = document.get("components", {}).get("schemas", {}).get(name, {})
    listed.setdefault("properties", {})["again_from"] = _AGAIN_FROM


def operations_of(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give method, path and operation of each, in the document's order."""
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            if method in _METHODS:
                yield method.upper(), path, operation


def endpoints_with(app: Flask, place: str) -> frozenset[str]:
    """Give the endpoints whose arguments stand in a place: ``json`` (a JSON body) or ``query``."""
    found = set()
    for endpoint, view in app.view_functions.items():
        arguments = getattr(view, "_apidoc", {}).get("arguments", {})
        if any(isinstance(p, dict) and p.get("in") == place for p in arguments.get("parameters", ())):
            found.add(endpoint)
    return frozenset(found)
