"""The pages of the NRM: what is known of one person, by when something is to be done, and the forms that write it.

Promise: the same rights, commands and audited reads as the API's: whoever may act on somebody reads, their advocate
writes; what stood there before a correction stays to be seen; nothing is chosen before somebody chooses. Shown by
tests/integration/pages/test_nrm_pages.py.
"""

from pathlib import Path

from flask import Blueprint

from services.case.nrm.acting import Acting
from services.case.support.admission import CASEWORK, PATH
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.site import PageSet

_NRM = f"{PATH}/<uuid:survivor_id>/nrm"
_ONE = f"{_NRM}/<uuid:entry_id>"


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    acting = Acting(context, web)
    blueprint = Blueprint("nrm", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(_NRM)(acting.show)
    blueprint.get(f"{_NRM}/new")(acting.ask)
    blueprint.post(f"{_NRM}/new")(acting.record)
    blueprint.get(_ONE)(acting.mend)
    blueprint.post(f"{_ONE}/correct")(acting.correct)
    blueprint.post(f"{_ONE}/take-back")(acting.take_back)
    blueprint.post(f"{_ONE}/plan")(acting.plan)
    return PageSet(blueprint=blueprint, prefixes=(), roles=CASEWORK, home=PATH, begins=())
