"""The page on which a person sets their password with an enrolment link.

Promise: what is on it says nothing about who else there is; a link that does not work looks the same whatever is wrong;
without a script, and the link's secret goes to no other site. Shown by
tests/integration/identity/test_enrol_page.py.
"""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request

from services.identity.people.assembly import self_service_of
from services.identity.people.enrolment import PATH
from services.identity.people.errors import LinkNotConfirmedError, LinkRefusedError, WrongCodeError
from services.identity.people.self_service import SelfService
from services.identity.sessions.errors import BusyError, WeakPasswordError
from shared.kernel.errors import AlongsideError
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.site import PageSet, go_to

_LONGEST = 1_000
_PLACES: dict[type[AlongsideError], str] = {WrongCodeError: "code", LinkNotConfirmedError: "code"}


def pages(context: ServiceContext, gateway: Gateway) -> PageSet:
    """Give the page on which a person sets their password; nobody is signed in, so it needs no gateway."""
    del gateway
    self_service = self_service_of(context)
    here = Path(__file__).parent
    blueprint = Blueprint("enrol", __name__, url_prefix=PATH, template_folder=str(here / "templates"))

    @blueprint.get("")
    def ask_for_link() -> str:
        """Ask for a link's secret, where it was given by another way than a link."""
        return render_template("identity/link.html", error=None)

    @blueprint.post("")
    def take_link() -> Any:
        """Go on to the link whose secret was typed."""
        link = request.form.get("link", "").strip()[:_LONGEST].rpartition("/")[2]
        return _form(self_service, link)

    @blueprint.get("/<link>")
    def show(link: str) -> Any:
        """Ask for the new password."""
        return _form(self_service, link)

    @blueprint.post("/<link>")
    def take(link: str) -> Any:
        """Set the password and go on to the sign-in."""
        password, again = (request.form.get(name, "")[:_LONGEST] for name in ("password", "again"))
        if password != again:
            return _form(self_service, link, error="The two passwords are not the same. Type the new password twice.")
        try:
            self_service.enrol(link=link, code=request.form.get("code", "")[:40] or None, password=password)
        except LinkRefusedError:
            return _form(self_service, link)
        except (LinkNotConfirmedError, WrongCodeError, WeakPasswordError, BusyError) as error:
            return _form(self_service, link, error=str(error), target=_PLACES.get(type(error), "password"))
        return go_to("/sign-in?why=enrolled")

    return PageSet(blueprint=blueprint, prefixes=(), open_paths=(PATH, f"{PATH}/*"), roles=(), home="/")


def _form(self_service: SelfService, link: str, *, error: str | None = None, target: str = "password") -> Response:
    try:
        opened = self_service.look(link)
    except LinkRefusedError as refused:
        shown = render_template("identity/link.html", error=str(refused))
        return Response(shown, status=HTTPStatus.NOT_FOUND, mimetype="text/html")
    shown = render_template("identity/enrol.html", opened=opened, link=link, error=error, target=target)
    status = HTTPStatus.OK if error is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return Response(shown, status=status, mimetype="text/html")
