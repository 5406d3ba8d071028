"""What case gives to somebody's copy: everything that it keeps of them, opened with their key.

Promise: every collection of case that names a survivor stands in ``KINDS``, or in ``NOT_GATHERED`` with the reason.
Shown by tests/unit/case/test_access_gathering.py.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pymongo.database import Database

from services.case.approvals.documents import APPROVAL
from services.case.asking.documents import LOOK
from services.case.breaches.documents import BREACH
from services.case.contacts.documents import CONTACT
from services.case.corrections.documents import CORRECTION
from services.case.data_tasks.documents import DATA_TASK
from services.case.dependants.documents import ANSWER
from services.case.disclosures.documents import DISCLOSURE
from services.case.duplicates.documents import DUPLICATE
from services.case.emergencies.documents import EMERGENCY
from services.case.emergencies.documents import NEVER as NEVER_OPENS
from services.case.entries.documents import ENTRY
from services.case.episodes.documents import CHANGE, EPISODE, EPISODES
from services.case.erasures.documents import ERASURE
from services.case.goals.documents import GOAL, SCORE
from services.case.handing_over.documents import HANDOVER, NOTE
from services.case.imports.documents import KNOWN_ROW
from services.case.information_requests.documents import INFORMATION_REQUEST
from services.case.interpreting.documents import BOOKING, NEVER, WISH
from services.case.needs.documents import NEED, RISK
from services.case.nrm.documents import NRM_ENTRY
from services.case.outcomes.documents import ENTITLEMENT, RATING
from services.case.restrictions.documents import OPENING, RESTRICTION
from services.case.rights.documents import RIGHTS_CASE, RIGHTS_STEP
from services.case.steps.documents import STEP
from services.case.survivors.documents import SURVIVOR
from services.case.survivors.sealing import Sealer
from services.case.visits.documents import VISIT
from shared.runtime.access_parts import Item
from shared.runtime.gathering import MOST_OF_A_KIND, Kind, items_of

_STATUS = {"status": "case_status", "before": "case_status", "after": "case_status"}
_REQUEST = {"kind": "rights_request", "outcome": "rights_outcome", "refusals": "rights_refusal"}
_BY_EPISODE = "episode_id"
KINDS = (
    Kind(type=SURVIVOR, what="Who you are", by="_id"),
    Kind(type=EPISODE, what="Support that you had", lists=_STATUS),
    Kind(type=CHANGE, what="How your support went on", when="recorded_at", lists=_STATUS),
    Kind(type=ENTRY, what="Something that was noted of your support", when="recorded_at", by=_BY_EPISODE),
    Kind(type=CONTACT, what="A contact with you", when="on"),
    Kind(type=STEP, what="Something that was to be done", when="opened_at"),
    Kind(type=GOAL, what="A goal of yours", when="recorded_at", lists={"set_by": "outcome_rater"}),
    Kind(type=SCORE, what="How near you were to a goal", when="recorded_at"),
    Kind(type=NRM_ENTRY, what="What is known of the National Referral Mechanism", when="recorded_at",
         lists={"told_by": "nrm_told_by", "authority": "competent_authority"}),
    Kind(type=RATING, what="How far you have come, as it was written down", when="recorded_at",
         lists={"outcome": "outcome", "rating": "outcome_scale", "rated_by": "outcome_rater", "point": "outcome_point",
                "asked": "outcome_asked"}),
    Kind(type=ENTITLEMENT, what="Something that you have a right to", when="recorded_at",
         lists={"entitlement": "entitlement"}),
    Kind(type=NEED, what="A need of yours, as it was written down", when="recorded_at",
         lists={"about": "advocacy_area", "level": "need_level", "view": "need_view"}),
    Kind(type=RISK, what="A risk for you, as it was written down", when="recorded_at",
         lists={"about": "risk_type", "level": "risk_level", "view": "risk_view"}),
    Kind(type=LOOK, what="What a supervisor asked about a contact with you", when="looked_at"),
    Kind(type=APPROVAL, what="An approval of your plan, or of the end of your support", when="asked_at",
         leaves=("waits_for",), lists={"said": "plan_agreement"}),
    Kind(type=HANDOVER, what="Another advocate took over", when="given_at"),
    Kind(type=NOTE, what="What one advocate wrote for the next", when="recorded_at"),
    Kind(type=VISIT, what="A visit to you, and how it was kept safe", when="from_at",
         lists={"told": "visit_told", "found": "visit_found"}),
    Kind(type=DISCLOSURE, what="What of you was given to somebody, or was not", when="asked_at",
         leaves=("salt", "asked_role", "state", "tell"),
         lists={"data_classes": "data_class", "means": "disclosure_means", "contact": "disclosure_contact",
                "reason": "disclosure_refusal", "told_answer": "withdrawal_finding"}),
    Kind(type=WISH, what="What you need of an interpreter", when="recorded_at",
         lists={"language": "language", "gender": "interpreter_gender", "modes": "interpreter_mode",
                "community_rule": "interpreter_community"}),
    Kind(type=NEVER, what="Who never interprets for you", when="recorded_at",
         lists={"why": "interpreter_never", "why_ended": "interpreter_never_ended"}),
    Kind(type=BOOKING, what="An interpreter who was booked for you", when="at",
         lists={"purpose": "interpreting_purpose", "mode": "interpreter_mode", "agreed_gender": "interpreter_gender",
                "refusals": "interpreter_refusal"}),
    Kind(type=ANSWER, what="Whether children depend on you, as you were asked", when="recorded_at",
         lists={"answer": "dependant_answer"}),
    Kind(type=CORRECTION, what="Something that was put right", when="corrected_at"),
    Kind(type=DUPLICATE, what="A question whether you are written down twice", when="opened_at", by="survivor_ids"),
    Kind(type=KNOWN_ROW, what="A row of a file that you came in with", leaves=("kind",)),
    Kind(type=DATA_TASK, what="Something about your record that has to be found out", when="opened_at"),
    Kind(type=RIGHTS_CASE, what="Something that you asked for as your right", when="received_on", lists=_REQUEST),
    Kind(type=RIGHTS_STEP, what="What was done about it", when="at"),
    Kind(type=RESTRICTION, what="That the use of what is kept about you was restricted", when="begun_at",
         leaves=("state",), lists={"ground": "restriction_ground", "told": "rights_told", "why": "restriction_lifted",
                                   "lift_told": "rights_told", "untold": "restriction_untold"}),
    Kind(type=OPENING, what="What was opened in spite of that, since a life may have depended on it", when="opened_at",
         lists={"why": "vital_interest"}),
    Kind(type=EMERGENCY, what="That somebody opened what keeps you safe, since somebody may have been in danger",
         when="opened_at", leaves=("state",), lists={"why": "vital_interest", "outcome": "emergency_outcome"}),
    Kind(type=NEVER_OPENS, what="Somebody who works here and never opens your record in an emergency", when="named_at",
         leaves=("state",), lists={"ground": "emergency_never"}),
    Kind(type=ERASURE, what="Your wish to be erased", when="asked_at", lists={"state": "erasure_state"}),
    Kind(type=INFORMATION_REQUEST, what="Somebody outside asked about you", when="received_on",
         lists={"asked_by": "legal_request_type", "outcome": "legal_request_outcome",
                "refusals": "information_refusal", "notice": "survivor_notice"}),
    Kind(type=BREACH, what="Something that went wrong with what is kept about you", when="aware_at",
         by="touched.survivor_id", leaves=("report",), lists={"kind": "breach_kind", "contents": "breach_content",
         "risk": "breach_risk", "remedies": "breach_remedy"}),
)  # fmt: skip
NOT_GATHERED: Mapping[str, str] = {
    "survivor_marks": "by these people are found, and nothing can be read of them",
    "import_changes": "what an undo puts back for a time; what it is about is in the record itself",
    "access_copies": "who made this copy and when stands among what was done about the request",
    "access_parts": "the copy itself",
}
"""Collections that name survivors and are in no copy, and why."""


def gathered(database: Database[dict[str, Any]], survivor_id: str, sealer: Sealer) -> Iterator[Item]:
    """Give everything that case keeps of somebody, kind by kind, each with the newest first."""
    episodes = [one["_id"] for one in database[EPISODES].find({"survivor_id": survivor_id}, {"_id": 1})]
    for kind in KINDS:
        whose: Any = {"$in": episodes} if kind.by == _BY_EPISODE else survivor_id
        # Ids follow the time, so the newest come first.
        found = database[kind.type.collection].find({kind.by: whose}).sort("_id", -1).limit(MOST_OF_A_KIND + 1)
        yield from items_of(kind, found, opened=sealer.opening(survivor_id))
