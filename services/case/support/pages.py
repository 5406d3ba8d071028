"""The pages on which casework begins: whom somebody supports, and one screen for one person.

Promise: an advocate sees their own people and nobody else; each visit is in the audit log; consents come from consent's
API under the reader's own right. Shown by tests/integration/pages/test_support_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.case.approvals.views import ApprovalViews
from services.case.asking.views import LookViews
from services.case.contacts.views import ContactViews
from services.case.contacts.words import in_words
from services.case.dependants.views import DependantViews
from services.case.dependants.words import now_words
from services.case.episodes.states import ENDED
from services.case.episodes.words import state_words
from services.case.goals.views import GoalViews
from services.case.goals.words import in_words as in_goal_words
from services.case.handing_over.views import HandoverViews
from services.case.needs.summary import weighed_now
from services.case.nrm.views import Known, NrmViews
from services.case.nrm.words import in_words as in_nrm_words
from services.case.outcomes.summary import answered_and_gained
from services.case.steps.rules import REVIEW
from services.case.steps.views import StepViews
from services.case.support.admission import CASEWORK, PATH, Admission
from services.case.support.consents import consents_of
from services.case.support.views import PEOPLE, CaseloadViews
from services.case.survivors.rules import ADVOCATE
from services.case.visits.rules import SUPERVISOR
from services.case.visits.views import VisitViews
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.edge import ask
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part

Rows = list[dict[str, Any]]
_LAST = 5
_MOST_ASKED = 10


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    admission, caseload, contacts = Admission(context, web), CaseloadViews(context), ContactViews(context)
    steps, goals = StepViews(context, admission.survivors), GoalViews(context)
    looks, handovers = LookViews(context, admission.survivors), HandoverViews(context, admission.survivors)
    nrm, visits, approvals = NrmViews(context), VisitViews(context), ApprovalViews(context, admission.survivors)
    dependants = DependantViews(context)
    blueprint = Blueprint("support", __name__, template_folder=str(Path(__file__).parent / "templates"))

    @blueprint.get(PATH)
    def people() -> str:
        """Show whom somebody supports."""
        who, part = web.require(*CASEWORK), wanted_part(PEOPLE)
        found, following = web.read("case:survivor:list", "list", lambda: caseload.people(who, part))
        named = sorted(found, key=lambda one: one.urgency)
        asked = looks.questions(who, _MOST_ASKED)[0] if who.role == ADVOCATE else []
        return render_template(
            "case/people.html",
            supported=[one for one in named if one.is_open],
            others=[one for one in named if not one.is_open],
            own=who.role == ADVOCATE,
            asked=len(asked),
            unread=len(handovers.waiting(who, _MOST_ASKED)) if who.role == ADVOCATE else 0,
            sent_back=len(approvals.to_read(who, _MOST_ASKED)) if who.role == ADVOCATE else 0,
            alarms=visits.count_alarms(who.role) if who.role == SUPERVISOR else 0,
            out=visits.is_out(who.actor_id),
            next=following,
            first=part.after is None,
        )

    @blueprint.get(f"{PATH}/<uuid:survivor_id>")
    def person(survivor_id: Any) -> str:
        """Show one person: how to reach them safely, what was and what comes next."""
        who, key = admission.about(survivor_id, "case:survivor:read")

        def load() -> tuple[dict[str, Any], Rows, Rows, Rows, Rows, Known, dict[str, Any]]:
            episodes = admission.episodes_of(who, key)
            ids = [row["id"] for row in episodes]
            return (
                admission.survivors.survivor(key),
                episodes,
                contacts.last(key, ids, _LAST),
                steps.open_of(key),
                goals.of_person(key, ids),
                nrm.known(key),
                {
                    **answered_and_gained(context, key, ids),
                    **weighed_now(context, key, ids),
                    "dependants": now_words(dependants.now(key)),
                },
            )

        known, episodes, last, to_do, wanted, of_nrm, weighed = web.read("case:survivor:read", key, load)
        return render_template(
            "case/person.html",
            person=known,
            base=f"{PATH}/{key}",
            episodes=[{**row, "words": state_words(row["status"])} for row in episodes],
            is_open=any(row["status"] not in ENDED for row in episodes),
            contacts=[in_words(row) for row in last],
            looks=looks.of_contacts([row["id"] for row in last]),
            asks=who.role == "SUPERVISOR",
            steps=to_do,
            goals=[in_goal_words(row) for row in wanted],
            nrm=None if of_nrm.current is None else in_nrm_words(of_nrm.current),
            nrm_overdue=sum(row["overdue"] for row in of_nrm.deadlines),
            reviewed=any(row["kind"] == REVIEW for row in to_do),
            me=who.actor_id,
            weighed=weighed,
            consents=consents_of(key),
            stop=ask("/v1/stops/search", body={"survivor_id": key}),
            done=request.args.get("done", "")[:20],
        )

    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=CASEWORK,
        home=PATH,
        begins=(ADVOCATE,),
        links=(
            Link(
                path=PATH,
                words="My people",
                part=Part.PEOPLE,
                daily=("IMSA",),
                does="Whom you support, and what comes next.",
                roles=(ADVOCATE,),
            ),
            Link(
                path=PATH,
                words="Everybody",
                part=Part.PEOPLE,
                daily=("SUPERVISOR",),
                does="Whom your organisation supports.",
                roles=("SUPERVISOR",),
            ),
        ),
    )
