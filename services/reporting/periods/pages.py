"""The host's pages of its periods: what leaves and why something does not, and the signature.

Promise: the same rights, commands and audited reads as the API's; true numbers are shown to this host alone, and no id
of a person, of a survivor or of staff, stands on a page. Shown by tests/integration/reporting/test_host_pages.py.
"""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request

from services.reporting.periods.commands import SIGNER, SignOff, sign_off
from services.reporting.periods.errors import NotTheTimeError, PreviewChangedError
from services.reporting.periods.page_views import HostPageViews
from services.reporting.periods.views import READERS, PeriodViews
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.site import Link, PageSet, Part, go_to


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    views, key = HostPageViews(context, PeriodViews(context)), context.trust.own
    here = Path(__file__).parent
    blueprint = Blueprint("host", __name__, url_prefix="/host", template_folder=str(here / "templates"))

    @blueprint.get("/periods")
    def periods() -> str:
        """List the periods that the board opened for this host."""
        web.require(*READERS)
        rows = web.read("reporting:period:list", "list", views.periods)
        return render_template("reporting/periods.html", periods=rows)

    @blueprint.get("/periods/<period>")
    def period(period: str) -> str:
        """Show one period: what leaves, who is left out, the signature, and what is missing."""
        web.require(*READERS)
        return _period_page(period)

    @blueprint.post("/periods/<period>/sign-off", endpoint="sign_off")
    def sign(period: str) -> Any:
        """Sign the preview that was looked at."""
        who = web.require(SIGNER)
        if not request.form.get("looked"):
            return _refused(period, "Tick the box to say that you have looked at these figures.", "looked")
        digest = request.form.get("digest", "")
        command = SignOff(period=period, digest=digest, actor_id=who.actor_id)
        try:
            web.carry_out(command, lambda work: sign_off(command, work, key=key))
        except PreviewChangedError:
            return _refused(
                period,
                "The figures changed since you looked. Look at the new figures below, then sign.",
                "figures",
            )
        except NotTheTimeError as error:
            return _refused(period, str(error), "signature")
        return go_to(f"/host/periods/{period}?done=signed#signature")

    def _period_page(period: str, *, error: tuple[str, str] | None = None) -> str:
        who = web.principal
        shown = web.read("reporting:period:preview", period, lambda: views.period(period, reader=who.actor_id))
        return render_template(
            "reporting/period.html",
            **shown,
            error=error,
            done=request.args.get("done") == "signed",
            signer=who.role == SIGNER,
        )

    def _refused(period: str, sentence: str, target: str) -> Response:
        shown = _period_page(period, error=(sentence, target))
        return Response(shown, status=HTTPStatus.CONFLICT, mimetype="text/html")

    return PageSet(
        blueprint=blueprint,
        prefixes=("/host",),
        roles=READERS,
        home="/host/periods",
        links=(
            Link(
                path="/host/periods",
                words="Periods",
                part=Part.DATA,
                daily=("HOST_DATA_LEAD",),
                does="Your own figures before each period is sealed: look, and sign.",
                roles=READERS,
            ),
        ),
    )
