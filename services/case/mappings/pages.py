"""The empty file with the columns that we suggest, as a download for people with a browser.

Promise: the same rights and the same audited read as the API's. Shown by
tests/integration/pages/test_import_pages.py.
"""

from collections.abc import Callable

from flask import Blueprint, Response, abort

from services.case.mappings.rights import MAPPERS
from services.case.mappings.rules.template import template_csv, template_xlsx
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.site import PageSet

PATH = "/import-template"

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KINDS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", template_csv),
    "xlsx": (_XLSX, template_xlsx),
}


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the download; the page of imports leads to it."""
    del context
    blueprint = Blueprint("import_template", __name__)

    @blueprint.get(f"{PATH}/<kind>")
    def template(kind: str) -> Response:
        """Give the empty file."""
        web.require(*MAPPERS)
        if kind not in _KINDS:
            abort(404)
        content_type, write = _KINDS[kind]
        response = Response(web.read("case:import_template:read", kind, write), content_type=content_type)
        response.headers["Content-Disposition"] = f'attachment; filename="alongside-template.{kind}"'
        return response

    return PageSet(blueprint=blueprint, prefixes=(PATH,), roles=MAPPERS, home="/imports", begins=())
