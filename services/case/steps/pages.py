"""The pages of steps: what is due first among one's people, and adding, taking, moving, finishing and dropping one.

Promise: the same rights, command and audited reads as the API's; an advocate sees their own people's, a supervisor the
team's. Shown by tests/integration/pages/test_step_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.case.advocates import names_of_advocates
from services.case.steps.acting import Acting
from services.case.steps.views import StepViews
from services.case.support.admission import CASEWORK, PATH, Admission
from services.case.survivors.rules import ADVOCATE
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.site import Link, PageSet, Part

DUE = "/due"
MOST = 100
_PERSON = f"{PATH}/<uuid:survivor_id>"
_DOES = "What is to be done by which day, what is past its day first."


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    admission = Admission(context, web)
    views = StepViews(context, admission.survivors)
    acting = Acting(context, web, admission)
    blueprint = Blueprint("steps", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(f"{_PERSON}/step")(acting.ask)
    blueprint.post(f"{_PERSON}/step")(acting.add)
    blueprint.get(f"{_PERSON}/steps/<uuid:step_id>")(acting.show)
    blueprint.post(f"{_PERSON}/steps/<uuid:step_id>/<what>")(acting.act)

    @blueprint.get(DUE)
    def due() -> str:
        """Show what is due first."""
        who = web.require(*CASEWORK)

        def load() -> tuple[list[dict[str, Any]], dict[str, str]]:
            rows = views.soonest(who, MOST)
            people = admission.survivors.named({row["survivor_id"] for row in rows})
            return rows, {one["id"]: one["name"] or one["reference"] or "" for one in people}

        rows, names = web.read("case:step:list", "list", load)
        return render_template(
            "case/due.html",
            overdue=[row for row in rows if row["overdue"]],
            coming=[row for row in rows if not row["overdue"]],
            names=names,
            takers=_takers(who),
            me=who.actor_id,
            own=who.role == ADVOCATE,
            most=MOST if len(rows) == MOST else None,
            done=request.args.get("done", "")[:20],
        )

    return PageSet(
        blueprint=blueprint,
        prefixes=(DUE,),
        roles=CASEWORK,
        home=PATH,
        begins=(),
        links=(
            Link(path=DUE, words="Due", part=Part.PEOPLE, daily=("IMSA", "SUPERVISOR"), roles=CASEWORK, does=_DOES),
        ),
    )


def _takers(who: Principal) -> dict[str, str]:
    """Give advocates' names, as far as identity tells the reader."""
    return (names_of_advocates() if who.role != ADVOCATE else None) or {}
