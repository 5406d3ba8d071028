"""Rules that hold for every route of a host's API, tried on each: who may, keys, replays, parameters, strangers."""

import re
import secrets
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from services.audit.unusual.documents import FINDING, FINDINGS
from services.audit.unusual.finding import Finding
from services.audit.unusual.rules import OUTSIDE_CASELOAD, Seen
from services.case.interpreting.documents import BOOKING, booking_from
from services.case.restrictions.freeze import PASSES as CASE_PASSES
from services.case.restrictions.freeze import VITAL
from services.case.survivors.sealing import Sealer
from services.consent.restricting.freeze import PASSES as CONSENT_PASSES
from services.identity.people.rules import CENTRE_ROLES, HOST_ROLES
from shared.kernel.ids import new_id
from shared.runtime.rooms import service_of
from tests.kit.tenant_place import EPISODE

ROLES = (*HOST_ROLES, *CENTRE_ROLES)
CASEWORK = ("IMSA", "SUPERVISOR")
IMPORTERS = ("HOST_ADMIN", "HOST_DPO", "HOST_DATA_LEAD")
MAPPERS = ("HOST_DATA_LEAD", "HOST_ADMIN")
CONSENTING = (*CASEWORK, "HOST_DPO")
TAKERS = ("SUPERVISOR", "HOST_DPO", "SAFEGUARDING_LEAD", "HOST_ADMIN")
OPENERS = (*CASEWORK, "SAFEGUARDING_LEAD")
LOOKERS, REVIEWERS = ("IMSA", "SAFEGUARDING_LEAD"), ("SAFEGUARDING_LEAD", "HOST_DPO")
WATCHERS = ("SUPERVISOR", "SAFEGUARDING_LEAD", "HOST_ADMIN")
CSV = (
    b"Client Ref,Referral Date,Age At Referral,Gender,Nationality,Exploitation Type,Nation\n"
    b"%s,05/06/2026,34,Female,Viet Nam,Labour,Wales\n"
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request that is right, ready to be sent more than once.

    Attributes:
        other: Another body, under the same key; None where a route takes only one.
        effects: Counts what the request has done so far.
    """

    path: str
    body: object
    other: object
    effects: Callable[[], int]
    headers: dict = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Route:
    """A route that changes something: who may, and how to ask."""

    template: str
    roles: tuple
    ask: Callable
    status: int = 201


def _survivor(place):
    name = secrets.token_hex(6)
    survivors = place.database("case")["survivors"]
    before = survivors.count_documents({})
    return Asked(
        path="/v1/survivors", body={"name": name}, other={"name": "x"},
        effects=lambda: survivors.count_documents({}) - before,
    )  # fmt: skip


def _episode(place):
    body = {**EPISODE, "survivor_id": place.survivor("IMSA")}
    return Asked(
        path="/v1/episodes", body=body, other={**body, "gender": "MALE"},
        effects=lambda: place.database("case")["episodes"].count_documents({"survivor_id": body["survivor_id"]}),
    )  # fmt: skip


def _duplicate(place):
    name = secrets.token_hex(6)
    one, _ = place.survivor(name=name), place.survivor(name=name)
    duplicates = place.database("case")["possible_duplicates"]
    asked = duplicates.find_one({"survivor_ids": one})["_id"]
    return Asked(
        path=f"/v1/possible-duplicates/{asked}/answer", body={"answer": "SAME_PERSON"},
        other={"answer": "DIFFERENT_PEOPLE"}, effects=lambda: duplicates.find_one({"_id": asked})["version"] - 1,
    )  # fmt: skip


def _assignment(place):
    survivor = place.survivor()
    survivors = place.database("case")["survivors"]
    return Asked(
        path=f"/v1/survivors/{survivor}/advocates", body={"advocate_ids": [new_id()]}, other={"advocate_ids": []},
        effects=lambda: survivors.find_one({"_id": survivor})["version"] - 1,
    )  # fmt: skip


def _assignments(place):
    survivor = place.survivor()
    survivors = place.database("case")["survivors"]
    body = {"survivor_ids": [survivor], "advocate_id": new_id()}
    return Asked(
        path="/v1/survivors/assign", body=body, other={**body, "advocate_id": new_id()},
        effects=lambda: survivors.find_one({"_id": survivor})["version"] - 1,
    )  # fmt: skip


def _moved(verb, **days):
    def ask(place):
        from_id, moves = new_id(), place.database("case")["caseload_moves"]
        place.survivor(advocate_id=from_id)
        body = {"from_id": from_id, "to_id": new_id(), "survivor_ids": None, **days}
        return Asked(
            path=f"/v1/caseload/{verb}", body=body, other={**body, "to_id": new_id()},
            effects=lambda: moves.count_documents({"from_id": from_id}),
        )  # fmt: skip

    return ask


def _ended_cover(place):
    asked = _moved("cover", first_on="2199-01-01", last_on="2199-01-02")(place)
    move, moves = place.post(asked.path, asked.body).json["id"], place.database("case")["caseload_moves"]
    return Asked(
        path=f"/v1/caseload/moves/{move}/end", body={}, other=None,
        effects=lambda: moves.find_one({"_id": move})["version"] - 1,
    )  # fmt: skip


def _limit(place):
    limits = place.database("case")["caseload_limits"]
    limits.delete_many({})
    return Asked(
        path="/v1/caseload/limit", body={"people": 20}, other={"people": 25},
        effects=lambda: (limits.find_one() or {"version": 0})["version"],
    )  # fmt: skip


def _on_episode(suffix, body, other, effects):
    def ask(place):
        episode = place.episode(advocate_id=place.actor("IMSA"))
        headers = {"If-Match": '"1"'} if suffix in ("close", "exclude", "move") else {}
        return Asked(
            path=f"/v1/episodes/{episode['id']}/{suffix}", body=body, other=other, headers=headers,
            effects=lambda: effects(place, episode["id"]),
        )  # fmt: skip

    return ask


def _version(place, episode_id):
    return place.database("case")["episodes"].find_one({"_id": episode_id})["version"] - 1


def _kept(kind):
    """Count what an episode has of a kind of what is kept in codes."""
    return lambda place, episode_id: place.database("case")[KEPT_IN[kind]].count_documents({"episode_id": episode_id})


def _on_kept(kind, suffix, body, other):
    def ask(place):
        episode = place.episode(advocate_id=place.actor("IMSA"))
        path = f"/v1/episodes/{episode['id']}/{kind}"
        kept_id = place.post(path, CODED[kind], "IMSA").json["id"]
        # Nobody wrote it, as far as anybody knows, so each of the casework roles may correct it.
        place.database("case")[KEPT_IN[kind]].update_one({"_id": kept_id}, {"$set": {"actor_id": None}})
        return Asked(
            path=f"{path}/{kept_id}/{suffix}", body=body, other=other,
            effects=lambda: _kept(kind)(place, episode["id"]) - 1,
        )  # fmt: skip

    return ask


def _contacts(place, episode_id):
    return place.database("case")["contacts"].count_documents({"episode_id": episode_id})


def _goals(place, episode_id):
    return place.database("case")["goals"].count_documents({"episode_id": episode_id})


def _on_goal(suffix, body, other, *, ended=False):
    def ask(place):
        episode = place.episode(advocate_id=place.actor("IMSA"))
        path = f"/v1/episodes/{episode['id']}/goals"
        goal_id = place.post(path, {"area": "NRM"}).json["id"]
        if ended:
            place.post(f"{path}/{goal_id}/end", {"how": "REACHED"})
        goals = place.database("case")["goals"]
        before = goals.find_one({"_id": goal_id})["version"]
        return Asked(
            path=f"{path}/{goal_id}/{suffix}", body=body, other=other,
            effects=lambda: goals.find_one({"_id": goal_id})["version"] - before,
        )  # fmt: skip

    return ask


def _on_contact(suffix, body, other):
    def ask(place):
        episode = place.episode(advocate_id=place.actor("IMSA"))
        path = f"/v1/episodes/{episode['id']}/contacts"
        contact_id = place.post(path, CONTACT, "IMSA").json["id"]
        # Nobody wrote it, as far as anybody knows, so each of the casework roles may correct it.
        place.database("case")["contacts"].update_one({"_id": contact_id}, {"$set": {"actor_id": None}})
        return Asked(
            path=f"{path}/{contact_id}/{suffix}", body=body, other=other,
            effects=lambda: _contacts(place, episode["id"]) - 1,
        )  # fmt: skip

    return ask


def _on_look(verb, body, other):
    def ask(place):
        episode = place.episode(advocate_id=place.actor("IMSA"))
        path = f"/v1/episodes/{episode['id']}/contacts"
        one = f"{path}/{place.post(path, CONTACT, 'IMSA').json['id']}"
        asked = verb == "answer" and place.post(f"{one}/ask", {"question": "x"}).status_code
        looks = place.database("case")["contact_looks"]
        return Asked(
            path=f"{one}/{verb}", body=body, other=other,
            effects=lambda: sum(d["version"] for d in looks.find({"episode_id": episode["id"]})) - bool(asked),
        )  # fmt: skip

    return ask


TO_LAWYER = {"purpose": "SHARE_WITH_LEGAL_REPRESENTATIVE", "recipient_class": "LEGAL_REPRESENTATIVE"}
DISCLOSED = {
    **TO_LAWYER, "recipient": "x", "means": "POST", "contact": "ONLY_THROUGH_US",
    "items": [{"data_class": "NRM", "words": "x"}],
}  # fmt: skip


def _disclosure(place):
    survivor = place.survivor(advocate_id=place.actor("IMSA"))
    disclosures = place.database("case")["disclosures"]
    return Asked(
        path=f"/v1/survivors/{survivor}/disclosures", body=DISCLOSED, other={**DISCLOSED, "means": "TELEPHONE"},
        effects=lambda: disclosures.count_documents({"survivor_id": survivor}),
    )  # fmt: skip


def _on_disclosure(verb, body, other=None, **stands):
    def ask(place):
        asked, disclosures = _disclosure(place), place.database("case")["disclosures"]
        one = place.post(asked.path, asked.body, "IMSA").json["id"]
        soon = datetime.now(UTC) + timedelta(minutes=5)
        disclosures.update_one({"_id": one}, {"$set": {"until": soon, "said_at": soon, **stands}})
        return Asked(
            path=f"{asked.path}/{one}/{verb}", body=body, other=other,
            effects=lambda: disclosures.find_one({"_id": one})["version"] - 1,
        )  # fmt: skip

    return ask


def _handover_note(place):
    survivor = place.survivor(advocate_id=place.actor("IMSA"))
    notes = place.database("case")["handover_notes"]
    return Asked(
        path=f"/v1/survivors/{survivor}/handover/notes", body={"words": "x"}, other={"words": "y"},
        effects=lambda: notes.count_documents({"survivor_id": survivor}),
    )  # fmt: skip


def _read_handover(place):
    giver, to_id = new_id(), place.actor("IMSA")
    survivor, handovers = place.survivor(advocate_id=giver), place.database("case")["handovers"]
    place.post("/v1/caseload/give", {"from_id": giver, "to_id": to_id, "survivor_ids": [survivor]})
    handover = handovers.find_one({"survivor_id": survivor})["_id"]
    return Asked(
        path=f"/v1/survivors/{survivor}/handover/{handover}/read", body={}, other=None,
        effects=lambda: handovers.find_one({"_id": handover})["version"] - 1,
    )  # fmt: skip


APPROVERS = ("SUPERVISOR", "SAFEGUARDING_LEAD")
PLAN, CLOSURE = {"agreement": "NOT_ASKED_YET"}, {"reason": "MOVED_OUT_OF_AREA"}


def _asked_approval(kind, body, other):
    def ask(place):
        episode = place.episode(advocate_id=place.actor("IMSA"))["id"]
        assert place.post(f"/v1/episodes/{episode}/goals", {"area": "NRM"}, "IMSA").status_code == 201
        approvals = place.database("case")["approvals"]
        return Asked(
            path=f"/v1/episodes/{episode}/approvals/{kind}", body=body, other=other,
            effects=lambda: approvals.count_documents({"episode_id": episode}),
        )  # fmt: skip

    return ask


def _on_approval(verb, body, other):
    def ask(place):
        # An end of support, which the lead may be asked about; of a plan alone it is said how they stand to it.
        kind, asked = ("plan", PLAN) if verb == "agreement" else ("closure", {**CLOSURE, "asked_of": APPROVERS[1]})
        one = _asked_approval(kind, asked, None)(place)
        approval, approvals = place.post(one.path, one.body, "IMSA").json["id"], place.database("case")["approvals"]
        return Asked(
            path=f"/v1/approvals/{approval}/{verb}", body=body, other=other,
            effects=lambda: approvals.find_one({"_id": approval})["version"] - 1,
        )  # fmt: skip

    return ask


def _approval_setting(place):
    settings = place.database("case")["approval_settings"]
    before = sum(one["version"] for one in settings.find())
    return Asked(
        path="/v1/approvals/setting", body={"closures_wait": True}, other={"closures_wait": False},
        effects=lambda: sum(one["version"] for one in settings.find()) - before,
    )  # fmt: skip


def _leaving(place):
    leavings = place.database("case")["leavings"]
    leavings.delete_many({})
    return Asked(
        path="/v1/leaving", body={"recipient": "age1" + "q" * 58}, other={"recipient": "age1" + "p" * 58},
        effects=lambda: sum(one["version"] for one in leavings.find()),
    )  # fmt: skip


def _on_leaving(verb):
    def ask(place):
        asked = _leaving(place)
        assert place.post(asked.path, asked.body, "HOST_DPO", key=new_id()).status_code == 201
        return Asked(
            path=f"{asked.path}/{verb}", body={}, other=None, headers={"If-Match": '"1"'},
            effects=lambda: asked.effects() - 1,
        )  # fmt: skip

    return ask


def _new_step(place):
    survivor = place.survivor(advocate_id=place.actor("IMSA"))
    steps = place.database("case")["steps"]
    return Asked(
        path=f"/v1/survivors/{survivor}/steps", body={"what": "x"}, other={"what": "y"},
        effects=lambda: steps.count_documents({"survivor_id": survivor}),
    )  # fmt: skip


def _on_step(suffix, body, other):
    def ask(place):
        survivor = place.survivor(advocate_id=place.actor("IMSA"))
        step_id = place.post(f"/v1/survivors/{survivor}/steps", {"what": "x"}).json["id"]
        steps = place.database("case")["steps"]
        return Asked(
            path=f"/v1/steps/{step_id}/{suffix}", body=body, other=other,
            effects=lambda: steps.find_one({"_id": step_id})["version"] - 1,
        )  # fmt: skip

    return ask


def _nrm(place):
    survivor = place.survivor(advocate_id=place.actor("IMSA"))
    entries = place.database("case")["nrm_entries"]
    return Asked(
        path=f"/v1/survivors/{survivor}/nrm", body=NEGATIVE, other={**NEGATIVE, "told_by": "ADVOCATE"},
        effects=lambda: entries.count_documents({"survivor_id": survivor}),
    )  # fmt: skip


def _on_nrm(suffix, body, other, collection="nrm_entries"):
    def ask(place):
        first = _nrm(place)
        entry_id = place.post(first.path, first.body, "IMSA").json["id"]
        documents, survivor = place.database("case")[collection], first.path.split("/")[3]
        before = documents.count_documents({"survivor_id": survivor})
        return Asked(
            path=f"{first.path}/{entry_id}/{suffix}", body=body, other=other,
            effects=lambda: documents.count_documents({"survivor_id": survivor}) - before,
        )  # fmt: skip

    return ask


def _import(place):
    imports = place.database("case")["imports"]
    before = imports.count_documents({})
    ref = secrets.token_hex(4).encode()
    return Asked(
        path="/v1/imports", body=CSV % ref, other=CSV % b"other",
        effects=lambda: imports.count_documents({}) - before,
    )  # fmt: skip


def _correction(place):
    survivor = place.survivor("IMSA", name="Before")
    corrections = place.database("case")["survivor_corrections"]
    body = {"name": "After", "why": "WRITTEN_WRONGLY"}
    return Asked(
        path=f"/v1/survivors/{survivor}/corrections", body=body, other={**body, "why": "HAS_CHANGED"},
        effects=lambda: corrections.count_documents({"survivor_id": survivor}),
    )  # fmt: skip


def _record(place):
    rows = place.database("case")["import_rows"]
    before = rows.count_documents({})
    body = {"source": "standard", "new_source": True, "reference": f"R-{secrets.token_hex(4)}", "record": RECORD}
    return Asked(
        path="/v1/survivors/by-reference", body=body, other={**body, "record": {}},
        effects=lambda: rows.count_documents({}) - before,
    )  # fmt: skip


def _planned(place):
    return place.plan(CSV % secrets.token_hex(4).encode())


def _stands(place, import_id, state):
    return int(place.database("case")["imports"].find_one({"_id": import_id})["state"] != state)


def _commit(place):
    plan = _planned(place)
    return Asked(
        path=f"/v1/imports/{plan['id']}/commit", body={"plan_hash": plan["plan_hash"]}, other={"plan_hash": "0" * 64},
        effects=lambda: _stands(place, plan["id"], "PLANNED"),
    )  # fmt: skip


def _undo(place):
    report = place.commit(_planned(place))
    return Asked(
        path=f"/v1/imports/{report['id']}/undo", body={}, other=None,
        effects=lambda: _stands(place, report["id"], "DONE"),
    )  # fmt: skip


def _data_task(place):
    task, tasks = new_id(), place.database("case")["data_tasks"]
    now = place.contexts["case"].clock.now()
    tasks.insert_one(
        {
            "_id": task, "kind": "GONE_AT_SOURCE", "state": "OPEN", "import_id": new_id(), "episode_id": None,
            "survivor_id": None, "opened_at": now, "updated_at": now, "version": 1, "tenant_id": place.tenant,
        }
    )  # fmt: skip
    return Asked(
        path=f"/v1/data-tasks/{task}/close", body={}, other=None,
        effects=lambda: tasks.find_one({"_id": task})["version"] - 1,
    )  # fmt: skip


def _history(place, survivor_id):
    found = place.database("consent")["consents"].find_one({"survivor_id": survivor_id})
    return len(found["entries"]) if found else 0


def _consent(place):
    survivor = place.survivor("IMSA")
    body = {"survivor_id": survivor, "purpose": "AGGREGATE_STATISTICS", "decision": "REFUSED"}
    return Asked(
        path="/v1/consents", body=body, other={**body, "decision": "DEFERRED"},
        effects=lambda: _history(place, survivor),
    )  # fmt: skip


def _withdrawal(place):
    place.register_wording()
    survivor = place.survivor("IMSA")
    consent_id = place.give(survivor).json["id"]
    return Asked(
        path=f"/v1/consents/{consent_id}/withdraw", body={}, other={"method": "WRITTEN"},
        effects=lambda: _history(place, survivor) - 1,
    )  # fmt: skip


def _wording(place):
    code = f"w-{secrets.token_hex(4)}"
    body = {
        "code": code, "purpose": "AGGREGATE_STATISTICS", "recipient_class": "PROJECT_BOARD",
        "valid_from": "2026-01-01T00:00:00Z", "text": "Words.",
    }  # fmt: skip

    def effects():
        found = place.database("consent")["wordings"].find_one({"_id": code})
        return len(found["texts"]) if found else 0

    return Asked(path="/v1/consent-wordings", body=body, other={**body, "text": "Others."}, effects=effects)


def _draft(place):
    survivor = place.survivor("IMSA")
    said = {"language": "en"}
    body = {"survivor_id": survivor, "purpose": "AGGREGATE_STATISTICS", "said": said}
    drafts = place.database("consent")["consent_drafts"]

    def effects():
        found = drafts.find_one({"survivor_id": survivor})
        return found["version"] if found else 0

    return Asked(
        path="/v1/consent-drafts", body=body, other={**body, "said": {"language": "vi"}}, effects=effects
    )  # fmt: skip


def _dropped_draft(place):
    asked = _draft(place)
    draft = place.post(asked.path, asked.body, "IMSA").json["id"]
    drafts = place.database("consent")["consent_drafts"]
    return Asked(
        path=f"/v1/consent-drafts/{draft}/drop", body={}, other=None,
        effects=lambda: 1 - drafts.count_documents({"_id": draft}),
    )  # fmt: skip


def _notice(place):
    body = {"purpose": "FUNDER_REPORTING", "recipient_class": "FUNDER", "text": "Words."}
    notices = place.database("consent")["notices"]
    before = notices.count_documents({})
    return Asked(
        path="/v1/consent-notices", body=body, other={**body, "text": "Others."},
        effects=lambda: notices.count_documents({}) - before,
    )  # fmt: skip


def _kept_notice(place):
    asked = _notice(place)
    return place.post(asked.path, asked.body, "HOST_DPO").json["id"]


def _translation(place):
    code = _kept_notice(place)

    def effects():
        return len(place.database("consent")["notices"].find_one({"_id": code})["texts"]) - 1

    body = {"language": "pl", "text": "Words."}
    return Asked(
        path=f"/v1/consent-notices/{code}/translations", body=body, other={**body, "language": "vi"}, effects=effects
    )


def _translation_review(place):
    code = _kept_notice(place)
    sent = {"language": "pl", "text": "Words."}
    added = place.post(f"/v1/consent-notices/{code}/translations", sent, "HOST_DPO").json["text_hash"]

    def effects():
        return place.database("consent")["notices"].find_one({"_id": code})["texts"][1]["review"] == "REVIEWED"

    body = {"language": "pl", "text_hash": added}
    return Asked(
        path=f"/v1/consent-notices/{code}/reviews", body=body, other={**body, "language": "vi"}, effects=effects
    )


def _basis(place):
    bases = place.database("consent")["purpose_bases"]
    bases.delete_many({"_id": "STORY_OR_MEDIA"})
    body = {
        "article6": "CONSENT_6_1_A", "article9": "EXPLICIT_CONSENT_9_2_A", "controller": "A host", "contact": "A desk",
        "keeps_months": 12,
    }  # fmt: skip

    def effects():
        return len((bases.find_one({"_id": "STORY_OR_MEDIA"}) or {"statements": ()})["statements"])

    return Asked(
        path="/v1/consent-purposes/STORY_OR_MEDIA/basis", body=body, other={**body, "keeps_months": 13}, effects=effects
    )


def _noted_answer(place):
    code = f"w-{secrets.token_hex(4)}"
    place.register_wording(code, purpose="SHARE_WITH_NAMED_AGENCY", recipient_class="NAMED_AGENCY")
    survivor = place.survivor("IMSA")
    consent_id = place.give(survivor, purpose="SHARE_WITH_NAMED_AGENCY", wording_code=code).json["id"]
    place.post(f"/v1/consents/{consent_id}/withdraw", {})
    withdrawals = place.database("consent")["withdrawals"]
    found = withdrawals.find_one({"consent_id": consent_id})
    (question,) = [one["id"] for one in found["questions"] if one["kind"] == "RECIPIENT"]
    body = {"question_id": question, "answer": "DONE", "finding": "STOPPED"}
    return Asked(
        path=f"/v1/withdrawals/{found['_id']}/answers", body=body, other={**body, "finding": "DELETED"},
        effects=lambda: withdrawals.find_one({"_id": found["_id"]})["version"] - 1,
    )  # fmt: skip


def _concern(place):
    survivor = place.survivor()
    concerns = place.database("consent")["concerns"]
    body = {"survivor_id": survivor, "kind": "COMPLAINT"}
    return Asked(
        path="/v1/survivor-concerns", body=body, other={**body, "kind": "OTHER_ADVOCATE"},
        effects=lambda: concerns.count_documents({"survivor_id": survivor}),
    )  # fmt: skip


def _closed_concern(place):
    asked = _concern(place)
    concern = place.post(asked.path, asked.body).json["id"]
    concerns = place.database("consent")["concerns"]
    return Asked(
        path=f"/v1/survivor-concerns/{concern}/close", body={"outcome": "EXPLAINED"}, other={"outcome": "PUT_RIGHT"},
        effects=lambda: concerns.find_one({"_id": concern})["version"] - 1,
    )  # fmt: skip


def _receipt_offer(place):
    withdrawal = _withdrawal(place)
    consent_id = withdrawal.path.split("/")[3]
    offers = place.database("consent")["receipts"]
    return Asked(
        path=f"/v1/consents/{consent_id}/receipt-offers", body={"answer": "TAKEN"}, other={"answer": "READ_TO_THEM"},
        effects=lambda: offers.count_documents({"consent_id": consent_id}),
    )  # fmt: skip


def _rights_case(place):
    survivor = place.survivor("IMSA")
    cases = place.database("case")["rights_cases"]
    body = {"survivor_id": survivor, "kind": "ACCESS", "channel": "LETTER"}
    return Asked(
        path="/v1/rights-cases", body=body, other={**body, "kind": "COMPLAINT"},
        effects=lambda: cases.count_documents({"survivor_id": survivor}),
    )  # fmt: skip


def _on_rights_case(verb, body, other):
    def ask(place):
        asked = _rights_case(place)
        case_id = place.post(asked.path, asked.body).json["id"]
        if verb == "resume-clock":
            stops = {"why": "IDENTITY"}
            place.post(f"{asked.path}/{case_id}/stop-clock", stops, "HOST_DPO", If_Match='"1"')
        cases, version = place.database("case")["rights_cases"], 2 if verb == "resume-clock" else 1
        return Asked(
            path=f"{asked.path}/{case_id}/{verb}", body=body, other=other, headers={"If-Match": f'"{version}"'},
            effects=lambda: cases.find_one({"_id": case_id})["version"] - version,
        )  # fmt: skip

    return ask


def _erasure_case(place):
    survivor = place.survivor("IMSA")
    body = {"survivor_id": survivor, "kind": "ERASURE", "channel": "LETTER"}
    return place.post("/v1/rights-cases", body).json["id"]


NOTHING_HOLDS = {"holds": [], "looked_for_holds": True, "told": "IN_PERSON_PRIVATE"}


def _erasure(place):
    case_id, erasures = _erasure_case(place), place.database("case")["person_erasures"]
    return Asked(
        path=f"/v1/rights-cases/{case_id}/erasure", body=NOTHING_HOLDS, other={**NOTHING_HOLDS, "told": "SAFE_CONTACT"},
        headers={"If-Match": '"1"'}, effects=lambda: erasures.count_documents({"_id": case_id}),
    )  # fmt: skip


def _on_erasure(verb):
    def ask(place):
        case_id, erasures = _erasure_case(place), place.database("case")["person_erasures"]
        place.post(f"/v1/rights-cases/{case_id}/erasure", NOTHING_HOLDS, "HOST_DPO", If_Match='"1"')
        by_another = {"asked_by": new_id(), **({"state": "ERASED"} if verb == "backups-closed" else {})}
        erasures.update_one({"_id": case_id}, {"$set": by_another})
        return Asked(
            path=f"/v1/person-erasures/{case_id}/{verb}", body={}, other=None, headers={"If-Match": '"1"'},
            effects=lambda: erasures.find_one({"_id": case_id})["version"] - 1,
        )  # fmt: skip

    return ask


def _copy(place):
    asked, copies = _rights_case(place), place.database("case")["access_copies"]
    case_id = place.post(asked.path, asked.body).json["id"]
    return Asked(
        path=f"{asked.path}/{case_id}/copy", body={}, other=None, headers={"If-Match": '"1"'},
        effects=lambda: (copies.find_one({"_id": case_id}) or {"version": 0})["version"],
    )  # fmt: skip


def _information(place):
    survivor = place.survivor("IMSA")
    requests = place.database("case")["information_requests"]
    body = {"survivor_id": survivor, "asked_by": "POLICE_REQUEST"}
    return Asked(
        path="/v1/information-requests", body=body, other={**body, "asked_by": "CORONER"},
        effects=lambda: requests.count_documents({"survivor_id": survivor}),
    )  # fmt: skip


def _on_information(verb, body, other):
    def ask(place):
        asked, requests = _information(place), place.database("case")["information_requests"]
        request = place.post(asked.path, asked.body).json["id"]
        return Asked(
            path=f"{asked.path}/{request}/{verb}", body=body, other=other, headers={"If-Match": '"1"'},
            effects=lambda: requests.find_one({"_id": request})["version"] - 1,
        )  # fmt: skip

    return ask


def _restriction(place):
    survivor, restrictions = place.survivor(), place.database("case")["restrictions"]
    body = {"survivor_id": survivor, "kind": "RESTRICTION", "channel": "LETTER"}
    case_id = place.post("/v1/rights-cases", body).json["id"]
    said = {"ground": "ACCURACY", "told": "IN_PERSON_PRIVATE"}
    return Asked(
        path=f"/v1/rights-cases/{case_id}/restriction", body=said, other={**said, "ground": "UNLAWFUL"},
        headers={"If-Match": '"1"'}, effects=lambda: restrictions.count_documents({"survivor_id": survivor}),
    )  # fmt: skip


def _begun_restriction(place):
    """A restriction that holds, and whose it is."""
    asked = _restriction(place)
    restriction = place.post(asked.path, asked.body, "HOST_DPO", If_Match='"1"').json["id"]
    return restriction, place.database("case")["restrictions"].find_one({"_id": restriction})["survivor_id"]


def _lifted_restriction(place):
    restriction, _ = _begun_restriction(place)
    said = {"why": "CHECKED", "untold": "NO_SAFE_WAY"}
    restrictions = place.database("case")["restrictions"]
    return Asked(
        path=f"/v1/restrictions/{restriction}/lift", body=said, other={**said, "why": "THEY_ASKED"},
        headers={"If-Match": '"1"'}, effects=lambda: restrictions.find_one({"_id": restriction})["version"] - 1,
    )  # fmt: skip


def _vital(place):
    _, survivor = _begun_restriction(place)
    place.database("case")["survivors"].update_one({"_id": survivor}, {"$set": {"advocate_ids": [place.actor("IMSA")]}})
    openings = place.database("case")["vital_openings"]
    body = {"survivor_id": survivor, "why": "MISSING"}
    return Asked(
        path="/v1/vital-openings", body=body, other={**body, "why": "RISK_TO_LIFE"},
        effects=lambda: openings.count_documents({"survivor_id": survivor}),
    )  # fmt: skip


def _seen_vital(place):
    asked = _vital(place)
    opening, openings = place.post(asked.path, asked.body).json["id"], place.database("case")["vital_openings"]
    return Asked(
        path=f"/v1/vital-openings/{opening}/seen", body={}, other=None,
        effects=lambda: openings.find_one({"_id": opening})["version"] - 1,
    )  # fmt: skip


def _emergency(place):
    survivor, emergencies = place.survivor(), place.database("case")["emergencies"]
    # What one person may do a day is counted, and these tests are one person.
    place.database("case")["emergency_tries"].delete_many({"_id": {"$in": [place.actor(role) for role in LOOKERS]}})
    body = {"survivor_id": survivor, "why": "MISSING", "words": "Planted words."}
    return Asked(
        path="/v1/emergencies", body=body, other={**body, "why": "RISK_TO_LIFE"},
        effects=lambda: emergencies.count_documents({"survivor_id": survivor}),
    )  # fmt: skip


def _opened_emergency(place):
    asked = _emergency(place)
    return place.post(asked.path, asked.body, "IMSA").json["id"]


def _reviewed_emergency(place):
    one, emergencies = _opened_emergency(place), place.database("case")["emergencies"]
    return Asked(
        path=f"/v1/emergencies/{one}/review", body={"outcome": "RIGHT"}, other={"outcome": "WRONG"},
        headers={"If-Match": '"1"'}, effects=lambda: emergencies.find_one({"_id": one})["version"] - 1,
    )  # fmt: skip


def _never(place):
    survivor, nevers = place.survivor(advocate_id=place.actor("IMSA")), place.database("case")["emergency_nevers"]
    body = {"staff_id": new_id(), "ground": "KNOWS_THEM"}
    return Asked(
        path=f"/v1/survivors/{survivor}/emergency-nevers", body=body, other={**body, "ground": "COLLEAGUE"},
        effects=lambda: nevers.count_documents({"survivor_id": survivor}),
    )  # fmt: skip


def _ended_never(place):
    asked = _never(place)
    one, nevers = place.post(asked.path, asked.body).json["id"], place.database("case")["emergency_nevers"]
    return Asked(
        path=f"/v1/emergency-nevers/{one}/end", body={}, other=None, headers={"If-Match": '"1"'},
        effects=lambda: nevers.find_one({"_id": one})["version"] - 1,
    )  # fmt: skip


def _stop(place):
    survivor, other = (place.survivor(advocate_id=place.actor("IMSA")) for _ in range(2))
    stops = place.database("consent")["stops"]
    return Asked(
        path="/v1/stops", body={"survivor_id": survivor}, other={"survivor_id": other},
        effects=lambda: stops.count_documents({"survivor_id": {"$in": [survivor, other]}}),
    )  # fmt: skip


def _lift(place):
    asked = _stop(place)
    stop, stops = place.post(asked.path, asked.body).json["id"], place.database("consent")["stops"]
    before = stops.find_one({"_id": stop})["version"]
    return Asked(
        path=f"{asked.path}/{stop}/lift", body={"why": "OTHER"}, other={"why": "STAYS_STOPPED"},
        effects=lambda: stops.find_one({"_id": stop})["version"] - before,
    )  # fmt: skip


def _plan_of_visit():
    now = datetime.now(UTC)
    return {
        "from_at": now.isoformat(), "until_at": (now + timedelta(hours=2)).isoformat(), "place": "Invented Row",
    }  # fmt: skip


def _visit(place):
    survivor = place.survivor(advocate_id=place.actor("IMSA"))
    visits, body = place.database("case")["visits"], _plan_of_visit()
    return Asked(
        path=f"/v1/survivors/{survivor}/visits", body=body, other={**body, "place": "Other Row"},
        effects=lambda: visits.count_documents({"survivor_id": survivor}),
    )  # fmt: skip


def _on_visit(verb, body, other=None, *, alarmed=False):
    def ask(place):
        planned, visits = _visit(place), place.database("case")["visits"]
        visit = place.post(planned.path, planned.body, "IMSA").json["id"]
        if alarmed:
            assert place.post(f"/v1/visits/{visit}/help", {}, "IMSA").status_code == 200
        before = visits.find_one({"_id": visit})["version"]
        return Asked(
            path=f"/v1/{'visit-alarms' if alarmed else 'visits'}/{visit}/{verb}", body=body, other=other,
            effects=lambda: visits.find_one({"_id": visit})["version"] - before,
        )  # fmt: skip

    return ask


def _dependants(place):
    survivor = place.survivor(advocate_id=place.actor("IMSA"))
    answers, body = place.database("case")["dependant_answers"], {"answer": "NO", "ask_again_on": _in_a_week()}
    return Asked(
        path=f"/v1/survivors/{survivor}/dependants", body=body, other={**body, "answer": "NOT_ASKED"},
        effects=lambda: answers.count_documents({"survivor_id": survivor}),
    )  # fmt: skip


def _in_a_week():
    return (datetime.now(UTC) + timedelta(weeks=1)).date().isoformat()


SPEAKS, KEEPERS = {"language": "sq"}, ("SUPERVISOR", "HOST_ADMIN")
INTERPRETER = {
    "name": "Invented Interpreter", "languages": ["sq"], "gender": "FEMALE", "modes": ["VIDEO"], "from_on": "2026-01-01",
}  # fmt: skip


def _interpreter(place):
    name = f"Invented {secrets.token_hex(6)}"
    interpreters = place.database("case")["interpreters"]
    before = set(interpreters.distinct("_id"))
    return Asked(
        path="/v1/interpreters", body={**INTERPRETER, "name": name}, other={**INTERPRETER, "gender": "MALE"},
        effects=lambda: len(set(interpreters.distinct("_id")) - before),
    )  # fmt: skip


def _on_interpreter(verb, body, other):
    def ask(place):
        one, interpreters = (
            place.post("/v1/interpreters", INTERPRETER).json["id"],
            place.database("case")["interpreters"],
        )
        said = body
        if verb == "ties/end":
            assert place.post(f"/v1/interpreters/{one}/ties", {"kind": "FRIEND_OF", "name": "x"}).status_code == 200
            said = {"tie_id": place.get(f"/v1/interpreters/{one}").json["ties"][0]["id"]}
        before = interpreters.find_one({"_id": one})["version"]
        return Asked(
            path=f"/v1/interpreters/{one}/{verb}", body=said, other=other,
            effects=lambda: interpreters.find_one({"_id": one})["version"] - before,
        )  # fmt: skip

    return ask


def _interpreting(what, body, other):
    def ask(place):
        survivor = place.survivor(advocate_id=place.actor("IMSA"))
        kept = place.database("case")[what.replace("-", "_")]
        return Asked(
            path=f"/v1/survivors/{survivor}/{what}", body=body, other=other,
            effects=lambda: kept.count_documents({"survivor_id": survivor}),
        )  # fmt: skip

    return ask


def _ended_interpreter_never(place):
    said, nevers = (
        _interpreting("interpreter-nevers", {"name": "x"}, None)(place),
        place.database("case")["interpreter_nevers"],
    )
    never = place.post(said.path, said.body, "IMSA").json["id"]
    return Asked(
        path=f"{said.path}/{never}/end", body={"why": "WRITTEN_WRONGLY"}, other={"why": "SURVIVOR_CHANGED_IT"},
        effects=lambda: nevers.count_documents({"ends": never}),
    )  # fmt: skip


def _interpreter_booking(place, *, hours=24):
    said = _interpreting("interpreter-bookings", None, None)(place)
    survivor = said.path.split("/")[3]
    assert place.post(f"/v1/survivors/{survivor}/interpreter-wishes", SPEAKS, "IMSA").status_code == 201
    at = datetime.now(UTC) + timedelta(hours=hours)
    body = {
        "interpreter_id": place.post("/v1/interpreters", INTERPRETER).json["id"], "at": at.isoformat(), "mode": "VIDEO",
        "purpose": "CONTACT",
    }  # fmt: skip
    return Asked(path=said.path, body=body, other={**body, "purpose": "CONSENT"}, effects=said.effects)


def _on_interpreter_booking(verb):
    def ask(place):
        made, bookings = _interpreter_booking(place), place.database("case")["interpreter_bookings"]
        booking = place.post(made.path, made.body, "IMSA").json["id"]
        return Asked(
            path=f"{made.path}/{booking}/{verb}", body={}, other=None,
            effects=lambda: bookings.find_one({"_id": booking})["version"] - 1,
        )  # fmt: skip

    return ask


def _held_interpreter_booking(place):
    """A booking whose time has come meanwhile; what nobody may book stands there as it would a day later."""
    asked, bookings = _on_interpreter_booking("held")(place), place.database("case")["interpreter_bookings"]
    stored = bookings.find_one({"_id": asked.path.split("/")[5]})
    sealer = Sealer.of_known(place.contexts["case"], [stored["survivor_id"]])
    then = replace(booking_from(stored, sealer), at=datetime.now(UTC) - timedelta(hours=1))
    past = {**stored, **BOOKING.document(then, seal=sealer.sealing(then.survivor_id))}
    # What they need was known by then.
    early = {"recorded_at": then.at - timedelta(days=1)}
    place.database("case")["interpreter_wishes"].update_many({"survivor_id": then.survivor_id}, {"$set": early})
    bookings.replace_one({"_id": stored["_id"]}, past)
    return asked


def _breach(place):
    breaches = place.database("case")["breaches"]
    before = breaches.count_documents({})
    body = {"kind": "OTHER", "contents": ["NUMBERS_AND_CODES"]}
    return Asked(
        path="/v1/breaches", body=body, other={**body, "kind": "LOST_OR_CHANGED"},
        effects=lambda: breaches.count_documents({}) - before,
    )  # fmt: skip


def _on_breach(verb, body, other):
    def ask(place):
        asked, breaches, survivor = _breach(place), place.database("case")["breaches"], place.survivor()
        breach = place.post(asked.path, asked.body).json["id"]
        version = 1
        if verb in ("told", "close"):
            before = "people" if verb == "told" else "report"
            named = {"survivor_ids": [survivor]} if before == "people" else {"also_told": []}
            place.post(f"{asked.path}/{breach}/{before}", named, "HOST_DPO", If_Match='"1"')
            version = 2
        said = {"survivor_id": survivor} if verb == "told" else {}
        named = {"survivor_ids": [survivor]} if verb == "people" else {}
        return Asked(
            path=f"{asked.path}/{breach}/{verb}", body={**body, **said, **named},
            other=None if other is None else {**other, **said}, headers={"If-Match": f'"{version}"'},
            effects=lambda: breaches.find_one({"_id": breach})["version"] - version,
        )  # fmt: skip

    return ask


def _mappings(place):
    return place.database("case")["import_profiles"]


def _mapping(place):
    text = f"format: 1\nid: m-{secrets.token_hex(4)}\nsource: casefile\ncolumns:\n  Ref: reference\n"
    before = _mappings(place).count_documents({})
    return Asked(
        path="/v1/import-profiles", body={"text": text}, other={"text": text + "drop: [Notes]\n"},
        effects=lambda: _mappings(place).count_documents({}) - before,
    )  # fmt: skip


def _on_mapping(verb):
    def ask(place):
        mapping = place.post("/v1/import-profiles", _mapping(place).body, "HOST_DATA_LEAD").json["id"]
        return Asked(
            path=f"/v1/import-profiles/{mapping}/{verb}", body={}, other={"number": 1}, headers={"If-Match": '"1"'},
            effects=lambda: _mappings(place).find_one({"_id": mapping})["version"] - 1,
        )  # fmt: skip

    return ask


KEPT = "kept"
"""The source that paths name."""
SIGN_IN = {
    "sign_in": "client_credentials",
    "credentials": {"consumer_key": "invented", "consumer_secret": "invented"},
}


def _sources(place):
    return place.database("case")["sources"]


def _source(place):
    # A host has twenty at most.
    for name in ("sources", "source_roll"):
        place.database("case")[name].delete_many({"name": {"$ne": KEPT}})
    body = {"name": f"s-{secrets.token_hex(4)}", "kind": "folder", "profile": "standard", "system": "casefile"}
    return Asked(
        path="/v1/sources", body=body, other={**body, "at": "02:30"}, effects=lambda: _sources(place).count_documents({"name": {"$ne": KEPT}})
    )  # fmt: skip


def _kept_source(place):
    return place.post("/v1/sources", {**_source(place).body, "name": KEPT}, "HOST_DATA_LEAD").json["id"]


def _on_source(verb, body, other):
    def ask(place):
        kind = {
            "kind": "salesforce", "profile": "salesforce_data_loader", "system": None, "object": "Contact",
            "host": "x.my.salesforce.com", **SIGN_IN,
        }  # fmt: skip
        source = place.post("/v1/sources", {**_source(place).body, **kind}, "HOST_DATA_LEAD").json["id"]

        def effects():
            found = _sources(place).find_one({"_id": source})
            return 1 if found is None else found["version"] - 1

        return Asked(path=f"/v1/sources/{source}/{verb}", body=body, other=other, effects=effects)

    return ask


def _of_audit(place):
    """An entry about somebody, which audit keeps, put there by hand: no route waits for a broker here."""
    database, survivor, entry = place.database("audit"), new_id(), new_id()
    database["people"].insert_one({"_id": survivor, "version": 1, "advocate_ids": [], "worked": [], "whole": True})
    at = datetime.now(UTC)
    database["entries"].insert_one({
        "_id": entry, "version": 1, "service": "case", "action": "case:survivor:read", "actor_id": new_id(),
        "role": "IMSA", "object_id": survivor, "outcome": "ALLOWED", "at": at, "recorded_at": at, "order": 0,
        "updated_at": at,
    })  # fmt: skip
    return entry, place.database("audit")["withholdings"]


def _withholding(place):
    entry, kept = _of_audit(place)
    body = {
        "entry_ids": [entry], "reason": "INVESTIGATION",
        "until": (datetime.now(UTC) + timedelta(days=60)).isoformat(),
    }  # fmt: skip
    return Asked(
        path="/v1/audit/withholdings", body=body, other={**body, "reason": "ANOTHER_PERSON"},
        effects=lambda: kept.count_documents({"entry_ids": entry}),
    )  # fmt: skip


def _on_withholding(verb):
    def ask(place):
        asked = _withholding(place)
        _, kept = _of_audit(place)
        asker = place.headers("HOST_DPO", actor=new_id())
        made = place.app.test_client().post(asked.path, json=asked.body, headers={**asker, "Idempotency-Key": new_id()})
        one = made.json["id"]
        return Asked(
            path=f"/v1/audit/withholdings/{one}/{verb}", body={}, other=None, headers={"If-Match": '"1"'},
            effects=lambda: kept.find_one({"_id": one})["version"] - 1,
        )  # fmt: skip

    return ask


def _names_stated(place):
    policies = place.database("audit")["paper_policies"]
    before = (policies.find_one({"_id": "paper"}) or {"version": 0})["version"]
    return Asked(
        path="/v1/audit/papers/policy", body={"names_shown": False}, other={"names_shown": True},
        effects=lambda: (policies.find_one({"_id": "paper"}) or {"version": 0})["version"] - before,
    )  # fmt: skip


def _raised(place):
    """An officer's unusual access, which no role of these tests is; raised by hand, since no job runs here."""
    at = datetime.now(UTC)
    entry = Seen(
        id=new_id(), actor_id=new_id(), role="HOST_DPO", service="case", action="case:survivor:read",
        outcome="REFUSED", at=at, object_id=new_id(), person=None, standing=None, found=None,
    )  # fmt: skip
    finding = Finding.raised(new_id(), OUTSIDE_CASELOAD, [entry], at)
    place.database("audit")[FINDINGS].insert_one({**FINDING.document(finding), "version": 1})
    return finding.id


def _finding_closed(place):
    one = _raised(place)
    return Asked(
        path=f"/v1/audit/unusual/{one}/close", body={"reason": "MISTAKE", "words": "We talked."},
        other={"reason": "BREACH", "words": "We talked."}, headers={"If-Match": '"1"'},
        effects=lambda: place.database("audit")[FINDINGS].find_one({"_id": one})["version"] - 1,
    )  # fmt: skip


OUTCOME = {
    "outcome": "MSCOS_3_SAFETY_FROM_TRAFFICKER_OR_ABUSER", "rating": "PARTLY", "rated_by": "SURVIVOR",
    "point": "BASELINE",
}  # fmt: skip
CONTACT = {"mode": "PHONE", "interpreter": "PROFESSIONAL", "minutes": 30}
CODED = {
    "outcomes": OUTCOME, "entitlements": {"entitlement": "HOUSING"}, "needs": {"about": "HOUSING", "level": "URGENT"},
    "risks": {"about": "DIGITAL_SURVEILLANCE", "level": "LOW"},
}  # fmt: skip
KEPT_IN = {"outcomes": "outcome_ratings", "entitlements": "entitlements", "needs": "needs", "risks": "risks"}
KEPT_READS = (
    "/v1/episodes/{episode_id}/outcomes/changes", "/v1/episodes/{episode_id}/needs/now", "/v1/episodes/{episode_id}/risks/now",
)  # fmt: skip
NEGATIVE = {"stage": "RG_NEGATIVE", "on": "2026-08-04"}
RECORD = {
    "referral_date": "2026-06-05", "age_at_referral": 34, "gender": "FEMALE", "nationality": ["VNM"],
    "exploitation": ["LABOUR"], "nation": "WALES",
}  # fmt: skip
CHANGES = [
    Route(template="/v1/survivors", roles=CASEWORK, ask=_survivor),
    Route(template="/v1/survivors/{survivor_id}/advocates", roles=("SUPERVISOR",), status=200, ask=_assignment),
    Route(template="/v1/survivors/assign", roles=("SUPERVISOR",), status=200, ask=_assignments),
    Route(
        template="/v1/episodes/{episode_id}/contacts/{contact_id}/acknowledge", roles=("SUPERVISOR",),
        ask=_on_look("acknowledge", {}, None),
    ),
    Route(
        template="/v1/episodes/{episode_id}/contacts/{contact_id}/ask", roles=("SUPERVISOR",),
        ask=_on_look("ask", {"question": "x"}, {"question": "y"}),
    ),
    Route(
        template="/v1/episodes/{episode_id}/contacts/{contact_id}/answer", roles=CASEWORK, status=200,
        ask=_on_look("answer", {"answer": "x"}, {"answer": "y"}),
    ),
    Route(template="/v1/survivors/{survivor_id}/handover/notes", roles=CASEWORK, ask=_handover_note),
    Route(
        template="/v1/survivors/{survivor_id}/handover/{handover_id}/read", roles=("IMSA",), status=200,
        ask=_read_handover,
    ),
    Route(template="/v1/caseload/give", roles=("SUPERVISOR",), ask=_moved("give")),
    Route(
        template="/v1/caseload/cover", roles=("SUPERVISOR",),
        ask=_moved("cover", first_on="2199-01-01", last_on="2199-01-02"),
    ),
    Route(template="/v1/caseload/moves/{move_id}/end", roles=("SUPERVISOR",), status=200, ask=_ended_cover),
    Route(template="/v1/caseload/limit", roles=("SUPERVISOR", "HOST_ADMIN"), status=200, ask=_limit),
    Route(template="/v1/episodes", roles=CASEWORK, ask=_episode),
    Route(
        template="/v1/episodes/{episode_id}/close", roles=CASEWORK, status=200,
        ask=_on_episode("close", {"reason": "DECEASED"}, {"reason": "INELIGIBLE"}, _version),
    ),
    Route(
        template="/v1/episodes/{episode_id}/move", roles=CASEWORK, status=200,
        ask=_on_episode("move", {"after": "CLOSING"}, {"after": "ON_HOLD", "reason": "HEALTH"}, _version),
    ),
    Route(
        template="/v1/episodes/{episode_id}/exclude", roles=CASEWORK, status=200,
        ask=_on_episode("exclude", {"excluded": True}, {"excluded": False}, _version),
    ),
    Route(
        template="/v1/episodes/{episode_id}/goals", roles=CASEWORK,
        ask=_on_episode("goals", {"area": "HOUSING"}, {"area": "NRM"}, _goals),
    ),
    Route(
        template="/v1/episodes/{episode_id}/goals/{goal_id}/scores", roles=CASEWORK,
        ask=_on_goal("scores", {"score": 3, "said_by": "SURVIVOR"}, {"score": 4, "said_by": "SURVIVOR"}),
    ),
    Route(
        template="/v1/episodes/{episode_id}/goals/{goal_id}/end", roles=CASEWORK, status=200,
        ask=_on_goal("end", {"how": "REACHED"}, {"how": "PARTLY_REACHED"}),
    ),
    Route(
        template="/v1/episodes/{episode_id}/goals/{goal_id}/take-up", roles=CASEWORK, status=200,
        ask=_on_goal("take-up", {}, None, ended=True),
    ),
    Route(
        template="/v1/episodes/{episode_id}/contacts", roles=CASEWORK,
        ask=_on_episode("contacts", CONTACT, {**CONTACT, "minutes": 31}, _contacts),
    ),
    Route(
        template="/v1/episodes/{episode_id}/contacts/{contact_id}/corrections", roles=CASEWORK,
        ask=_on_contact("corrections", {"why": "WRITTEN_WRONGLY", "minutes": 9}, {"why": "SURVIVOR_ASKED", "minutes": 9}),
    ),
    Route(
        template="/v1/episodes/{episode_id}/contacts/{contact_id}/take-back", roles=CASEWORK,
        ask=_on_contact("take-back", {"why": "DID_NOT_HAPPEN"}, {"why": "WRITTEN_TWICE"}),
    ),
    *(
        Route(
            template=f"/v1/episodes/{{episode_id}}/{kind}", roles=("IMSA",),
            ask=_on_episode(kind, CODED[kind], {**CODED[kind], "on": "2026-08-05"}, _kept(kind)),
        )
        for kind in CODED
    ),
    *(
        Route(
            template=f"/v1/episodes/{{episode_id}}/{kind}/{{{kind[:-1]}_id}}/{verb}", roles=CASEWORK,
            ask=_on_kept(kind, verb, body, {**body, "why": "SURVIVOR_ASKED"}),
        )
        for kind in CODED
        for verb, body in (
            ("corrections", {"why": "WRITTEN_WRONGLY", "on": "2026-08-06"}), ("take-back", {"why": "WRITTEN_TWICE"}),
        )
    ),
    Route(template="/v1/survivors/{survivor_id}/nrm", roles=("IMSA",), ask=_nrm),
    Route(
        template="/v1/survivors/{survivor_id}/nrm/{entry_id}/corrections", roles=("IMSA",),
        ask=_on_nrm("corrections", {"why": "WRITTEN_WRONGLY", "on": "2026-08-03"}, {"why": "SURVIVOR_ASKED"}),
    ),
    Route(
        template="/v1/survivors/{survivor_id}/nrm/{entry_id}/take-back", roles=("IMSA",),
        ask=_on_nrm("take-back", {"why": "ANOTHER_PERSON"}, {"why": "WRITTEN_TWICE"}),
    ),
    Route(
        template="/v1/survivors/{survivor_id}/nrm/{entry_id}/plan", roles=CASEWORK,
        ask=_on_nrm("plan", {"kind": "RECONSIDERATION"}, {"kind": "JUDICIAL_REVIEW"}, "steps"),
    ),
    Route(
        template="/v1/possible-duplicates/{duplicate_id}/answer", roles=("SUPERVISOR",), status=200, ask=_duplicate
    ),
    Route(template="/v1/survivors/{survivor_id}/disclosures", roles=CASEWORK, ask=_disclosure),
    Route(
        template="/v1/survivors/{survivor_id}/disclosures/{disclosure_id}/ask-again", roles=CASEWORK, status=200,
        ask=_on_disclosure("ask-again", {}, state="REFUSED"),
    ),
    Route(
        template="/v1/survivors/{survivor_id}/disclosures/{disclosure_id}/give", roles=CASEWORK, status=200,
        ask=_on_disclosure("give", {}, state="PERMITTED"),
    ),
    Route(
        template="/v1/survivors/{survivor_id}/disclosures/{disclosure_id}/told", roles=CONSENTING, status=200,
        ask=_on_disclosure("told", {"answer": "DELETED"}, {"answer": "STOPPED"}, state="GIVEN", tell="TO_TELL"),
    ),
    Route(template="/v1/survivors/{survivor_id}/steps", roles=CASEWORK, ask=_new_step),
    Route(template="/v1/steps/{step_id}/take", roles=CASEWORK, status=200, ask=_on_step("take", {}, None)),
    Route(template="/v1/steps/{step_id}/done", roles=CASEWORK, status=200, ask=_on_step("done", {}, None)),
    Route(
        template="/v1/steps/{step_id}/move", roles=CASEWORK, status=200,
        ask=_on_step("move", {"due_on": None}, {"due_on": "2199-01-01"}),
    ),
    Route(
        template="/v1/steps/{step_id}/drop", roles=CASEWORK, status=200,
        ask=_on_step("drop", {"why": "NO_LONGER_NEEDED"}, {"why": "SURVIVOR_DECIDED"}),
    ),
    Route(template="/v1/survivors/{survivor_id}/corrections", roles=CASEWORK, status=200, ask=_correction),
    Route(template="/v1/survivors/by-reference", roles=IMPORTERS, ask=_record),
    Route(template="/v1/imports", roles=IMPORTERS, status=202, ask=_import),
    Route(template="/v1/imports/{import_id}/commit", roles=IMPORTERS, status=202, ask=_commit),
    Route(template="/v1/imports/{import_id}/undo", roles=IMPORTERS, status=202, ask=_undo),
    Route(template="/v1/data-tasks/{task_id}/close", roles=(*IMPORTERS, "SUPERVISOR"), status=200, ask=_data_task),
    Route(template="/v1/import-profiles", roles=MAPPERS, ask=_mapping),
    Route(template="/v1/import-profiles/{mapping_id}/approve", roles=MAPPERS, status=200, ask=_on_mapping("approve")),
    Route(template="/v1/import-profiles/{mapping_id}/retire", roles=MAPPERS, status=200, ask=_on_mapping("retire")),
    Route(template="/v1/sources", roles=MAPPERS, ask=_source),
    Route(template="/v1/sources/{source_id}/pull", roles=MAPPERS, status=202, ask=_on_source("pull", {}, None)),
    Route(template="/v1/sources/{source_id}/test", roles=MAPPERS, status=202, ask=_on_source("test", {}, None)),
    Route(template="/v1/sources/{source_id}/pause", roles=MAPPERS, status=200, ask=_on_source("pause", {}, None)),
    Route(template="/v1/sources/{source_id}/resume", roles=MAPPERS, status=200, ask=_on_source("resume", {}, None)),
    Route(
        template="/v1/sources/{source_id}/credentials", roles=MAPPERS, status=200,
        ask=_on_source("credentials", SIGN_IN, {**SIGN_IN, "credentials": {**SIGN_IN["credentials"], "consumer_key": "b"}}),
    ),
    Route(template="/v1/sources/{source_id}/remove", roles=MAPPERS, status=200, ask=_on_source("remove", {}, None)),
    Route(template="/v1/consents", roles=CONSENTING, ask=_consent),
    Route(template="/v1/consents/{consent_id}/withdraw", roles=CONSENTING, status=200, ask=_withdrawal),
    Route(template="/v1/consent-wordings", roles=("HOST_DPO",), ask=_wording),
    Route(template="/v1/consent-drafts", roles=CONSENTING, ask=_draft),
    Route(template="/v1/consent-drafts/{draft_id}/drop", roles=CONSENTING, status=200, ask=_dropped_draft),
    Route(template="/v1/consent-notices", roles=("HOST_DPO",), ask=_notice),
    Route(template="/v1/consent-notices/{code}/translations", roles=("HOST_DPO",), ask=_translation),
    Route(template="/v1/consent-notices/{code}/reviews", roles=("HOST_DPO",), status=200, ask=_translation_review),
    Route(template="/v1/consent-purposes/{purpose}/basis", roles=("HOST_DPO",), ask=_basis),
    Route(template="/v1/consents/{consent_id}/receipt-offers", roles=CONSENTING, ask=_receipt_offer),
    Route(template="/v1/survivor-concerns", roles=TAKERS, ask=_concern),
    Route(template="/v1/survivor-concerns/{concern_id}/close", roles=TAKERS, status=200, ask=_closed_concern),
    Route(template="/v1/rights-cases", roles=(*TAKERS, "IMSA"), ask=_rights_case),
    *(
        Route(
            template=f"/v1/rights-cases/{{rights_case_id}}/{verb}", roles=("HOST_DPO",), status=200,
            ask=_on_rights_case(verb, body, other),
        )
        for verb, body, other in (
            ("acknowledge", {"told": "SAFE_CONTACT"}, {"told": "NOT_SAFE_YET"}),
            ("stop-clock", {"why": "IDENTITY"}, {"why": "CLARIFICATION"}),
            ("resume-clock", {}, {"words": "x"}),
            ("extend", {"why": "COMPLEX"}, {"why": "SEVERAL_REQUESTS"}),
            ("notes", {"words": "x"}, {"words": "y"}),
            ("decide", {"outcome": "MET", "told": "SAFE_CONTACT"}, {"outcome": "TAKEN_BACK", "told": "SAFE_CONTACT"}),
        )
    ),
    Route(template="/v1/rights-cases/{rights_case_id}/restriction", roles=("HOST_DPO",), ask=_restriction),
    Route(
        template="/v1/restrictions/{restriction_id}/lift", roles=("HOST_DPO",), status=200, ask=_lifted_restriction
    ),
    Route(template="/v1/emergencies", roles=LOOKERS, ask=_emergency),
    Route(
        template="/v1/emergencies/{emergency_id}/review", roles=REVIEWERS, status=200, ask=_reviewed_emergency
    ),
    Route(
        template="/v1/survivors/{survivor_id}/emergency-nevers", roles=("IMSA", "SUPERVISOR", *REVIEWERS), ask=_never
    ),
    Route(template="/v1/emergency-nevers/{never_id}/end", roles=REVIEWERS, status=200, ask=_ended_never),
    Route(template="/v1/vital-openings", roles=OPENERS, ask=_vital),
    Route(template="/v1/vital-openings/{opening_id}/seen", roles=("HOST_DPO",), status=200, ask=_seen_vital),
    Route(template="/v1/stops", roles=("IMSA", *TAKERS), ask=_stop),
    Route(template="/v1/stops/{stop_id}/lift", roles=("SUPERVISOR", "SAFEGUARDING_LEAD"), status=200, ask=_lift),
    Route(
        template="/v1/episodes/{episode_id}/approvals/plan", roles=CASEWORK,
        ask=_asked_approval("plan", PLAN, {"agreement": "WANTS_TIME"}),
    ),
    Route(
        template="/v1/episodes/{episode_id}/approvals/closure", roles=CASEWORK,
        ask=_asked_approval("closure", CLOSURE, {"reason": "INELIGIBLE"}),
    ),
    *(
        Route(
            template=f"/v1/approvals/{{approval_id}}/{verb}", roles=roles, status=200,
            ask=_on_approval(verb, body, other),
        )
        for verb, roles, body, other in (
            ("approve", APPROVERS, {}, None), ("send-back", APPROVERS, {"words": "x"}, {"words": "y"}),
            ("settle", CASEWORK, {}, None), ("agreement", CASEWORK, PLAN, {"agreement": "WANTS_TIME"}),
        )
    ),
    Route(template="/v1/approvals/setting", roles=("HOST_ADMIN",), status=200, ask=_approval_setting),
    Route(template="/v1/leaving", roles=("HOST_DPO",), ask=_leaving),
    Route(template="/v1/leaving/agree", roles=("HOST_ADMIN",), status=200, ask=_on_leaving("agree")),
    Route(
        template="/v1/leaving/take-back", roles=("HOST_ADMIN", "HOST_DPO"), status=200, ask=_on_leaving("take-back")
    ),
    Route(template="/v1/survivors/{survivor_id}/visits", roles=CASEWORK, ask=_visit),
    *(
        Route(template=f"/v1/visits/{{visit_id}}/{verb}", roles=CASEWORK, status=200, ask=_on_visit(verb, body, other))
        for verb, body, other in (
            ("safe", {}, None), ("longer", {"minutes": 15}, {"minutes": 30}), ("help", {}, None), ("end", {}, None),
        )
    ),
    *(
        Route(
            template=f"/v1/visit-alarms/{{visit_id}}/{verb}", roles=WATCHERS, status=200,
            ask=_on_visit(verb, body, other, alarmed=True),
        )
        for verb, body, other in (
            ("take", {}, None), ("close", {"found": "SAFE_AND_BACK"}, {"found": "OTHERS_TOOK_OVER"}),
        )
    ),
    Route(template="/v1/survivors/{survivor_id}/dependants", roles=CASEWORK, ask=_dependants),
    Route(template="/v1/interpreters", roles=KEEPERS, ask=_interpreter),
    *(
        Route(
            template=f"/v1/interpreters/{{interpreter_id}}/{verb}", roles=KEEPERS, status=200,
            ask=_on_interpreter(verb, body, other),
        )
        for verb, body, other in (
            ("change", {"gender": "MALE"}, {"gender": "OTHER"}),
            ("ties", {"kind": "FRIEND_OF", "name": "x"}, {"kind": "FRIEND_OF", "name": "y"}),
            ("ties/end", None, None),
        )
    ),
    Route(
        template="/v1/survivors/{survivor_id}/interpreter-wishes", roles=CASEWORK,
        ask=_interpreting("interpreter-wishes", SPEAKS, {"language": "pl"}),
    ),
    Route(
        template="/v1/survivors/{survivor_id}/interpreter-nevers", roles=CASEWORK,
        ask=_interpreting("interpreter-nevers", {"name": "x"}, {"name": "y"}),
    ),
    Route(template="/v1/survivors/{survivor_id}/interpreter-nevers/{never_id}/end", roles=CASEWORK, ask=_ended_interpreter_never),
    Route(template="/v1/survivors/{survivor_id}/interpreter-bookings", roles=CASEWORK, ask=_interpreter_booking),
    Route(
        template="/v1/survivors/{survivor_id}/interpreter-bookings/{booking_id}/cancel", roles=CASEWORK, status=200,
        ask=_on_interpreter_booking("cancel"),
    ),
    Route(
        template="/v1/survivors/{survivor_id}/interpreter-bookings/{booking_id}/held", roles=CASEWORK, status=200,
        ask=_held_interpreter_booking,
    ),
    Route(template="/v1/breaches", roles=(*TAKERS, "IMSA"), ask=_breach),
    *(
        Route(
            template=f"/v1/breaches/{{breach_id}}/{verb}", roles=("HOST_DPO",), status=200,
            ask=_on_breach(verb, body, other),
        )
        for verb, body, other in (
            ("judge", {"risk": "UNLIKELY", "contents": ["NUMBERS_AND_CODES"]}, {"risk": "RISK", "contents": ["OTHER_DETAILS"]}),
            ("people", {}, None),
            ("told", {"told": "TOLD_IN_PRIVATE"}, {"told": "NOT_TOLD_YET"}),
            ("report", {"also_told": []}, {"also_told": ["POLICE"]}),
            ("close", {"remedies": ["TAUGHT"]}, {"remedies": ["RESTORED"]}),
        )
    ),
    Route(template="/v1/information-requests", roles=(*TAKERS, "IMSA"), ask=_information),
    *(
        Route(
            template=f"/v1/information-requests/{{request_id}}/{verb}", roles=("HOST_DPO",), status=200,
            ask=_on_information(verb, body, other),
        )
        for verb, body, other in (
            ("judge", {"necessary": "MET"}, {"necessary": "NOT_MET"}),
            ("notice", {"notice": "TOLD_IN_PRIVATE"}, {"notice": "NOT_TOLD_YET"}),
            ("answer", {"outcome": "REFUSED", "refusals": ["NO_POWER"]}, {"outcome": "REFUSED", "refusals": ["NOT_HELD"]}),
        )
    ),
    Route(template="/v1/rights-cases/{rights_case_id}/copy", roles=("HOST_DPO",), ask=_copy),
    Route(template="/v1/rights-cases/{rights_case_id}/erasure", roles=("HOST_DPO",), ask=_erasure),
    Route(
        template="/v1/person-erasures/{rights_case_id}/confirm", roles=("HOST_DPO", "SUPERVISOR"), status=202,
        ask=_on_erasure("confirm"),
    ),
    *(
        Route(
            template=f"/v1/person-erasures/{{rights_case_id}}/{verb}", roles=("HOST_DPO",), status=200,
            ask=_on_erasure(verb),
        )
        for verb in ("take-back", "backups-closed")
    ),
    Route(
        template="/v1/withdrawals/{withdrawal_id}/answers", roles=("HOST_DPO", "SUPERVISOR"), status=200,
        ask=_noted_answer,
    ),
]  # fmt: skip
CHANGES += [
    Route(template="/v1/audit/withholdings", roles=("HOST_DPO",), ask=_withholding),
    Route(
        template="/v1/audit/withholdings/{withholding_id}/agree", roles=("HOST_DPO", "SUPERVISOR"), status=200,
        ask=_on_withholding("agree"),
    ),
    Route(
        template="/v1/audit/withholdings/{withholding_id}/end", roles=("HOST_DPO", "SUPERVISOR"), status=200,
        ask=_on_withholding("end"),
    ),
    Route(template="/v1/audit/papers/policy", roles=("HOST_DPO",), status=200, ask=_names_stated),
    Route(
        template="/v1/audit/unusual/{finding_id}/close", roles=("HOST_DPO", "HOST_ADMIN"), status=200,
        ask=_finding_closed,
    ),
]  # fmt: skip
READS = {
    "/v1/possible-duplicates": ("SUPERVISOR",),
    "/v1/survivors/{survivor_id}": CASEWORK,
    "/v1/survivors/{survivor_id}/advocates": ("SUPERVISOR",),
    "/v1/survivors/{survivor_id}/corrections": CASEWORK,
    "/v1/survivors": CASEWORK,
    "/v1/survivors/{survivor_id}/steps": CASEWORK,
    "/v1/steps": CASEWORK,
    "/v1/survivors/{survivor_id}/nrm": CASEWORK,
    "/v1/survivors/{survivor_id}/nrm/deadlines": CASEWORK,
    "/v1/nrm-policy": (*CASEWORK, "HOST_DPO"),
    "/v1/survivors/unassigned": ("SUPERVISOR",),
    "/v1/contact-looks": CASEWORK,
    "/v1/survivors/{survivor_id}/handover": CASEWORK,
    "/v1/handovers": CASEWORK,
    "/v1/survivors/{survivor_id}/disclosures": CONSENTING,
    "/v1/survivors/{survivor_id}/disclosures/{disclosure_id}": CONSENTING,
    "/v1/disclosures": ("SUPERVISOR", "HOST_DPO"),
    "/v1/caseload": ("SUPERVISOR",),
    "/v1/caseload/limit": ("SUPERVISOR", "HOST_ADMIN"),
    "/v1/caseload/moves": ("SUPERVISOR",),
    "/v1/caseload/moves/{move_id}": ("SUPERVISOR",),
    "/v1/advocates": ("SUPERVISOR", "SAFEGUARDING_LEAD"),
    "/v1/restrictions": ("HOST_DPO",),
    "/v1/restrictions/{restriction_id}": ("HOST_DPO",),
    "/v1/vital-openings": ("HOST_DPO",),
    "/v1/emergencies": ("IMSA", *REVIEWERS),
    "/v1/emergencies/{emergency_id}": REVIEWERS,
    "/v1/survivors/{survivor_id}/emergency-nevers": ("IMSA", "SUPERVISOR", *REVIEWERS),
    "/v1/stops": TAKERS,
    "/v1/stops/{stop_id}": ("IMSA", *TAKERS),
    "/v1/episodes/{episode_id}/approvals": CASEWORK,
    "/v1/approvals": (*CASEWORK, "SAFEGUARDING_LEAD"),
    "/v1/approvals/{approval_id}": (*CASEWORK, "SAFEGUARDING_LEAD"),
    "/v1/approvals/setting": (*CASEWORK, "SAFEGUARDING_LEAD", "HOST_ADMIN"),
    "/v1/interpreters": KEEPERS,
    "/v1/interpreters/{interpreter_id}": KEEPERS,
    "/v1/survivors/{survivor_id}/interpreting": CASEWORK,
    "/v1/survivors/{survivor_id}/dependants": CASEWORK,
    "/v1/visits": CASEWORK,
    "/v1/visits/{visit_id}": CASEWORK,
    "/v1/visit-alarms": WATCHERS,
    "/v1/episodes": CASEWORK,
    "/v1/episodes/{episode_id}": CASEWORK,
    "/v1/episodes/{episode_id}/states": CASEWORK,
    "/v1/episodes/{episode_id}/goals": CASEWORK,
    "/v1/episodes/{episode_id}/goals/{goal_id}/scores": CASEWORK,
    "/v1/episodes/{episode_id}/contacts": CASEWORK,
    **{f"/v1/episodes/{{episode_id}}/{kind}": CASEWORK for kind in CODED},
    **dict.fromkeys(KEPT_READS, CASEWORK),
    "/v1/imports": IMPORTERS,
    "/v1/imports/{import_id}": IMPORTERS,
    "/v1/imports/{import_id}/plan": IMPORTERS,
    "/v1/imports/{import_id}/plan/rows": IMPORTERS,
    "/v1/imports/{import_id}/errors.csv": ("HOST_DATA_LEAD",),
    "/v1/data-tasks": (*IMPORTERS, "SUPERVISOR"),
    "/v1/import-profiles": MAPPERS,
    "/v1/import-profiles/{mapping_id}": MAPPERS,
    "/v1/import-template": MAPPERS,
    "/v1/sources": (*MAPPERS, "HOST_DPO"),
    "/v1/sources/{source_id}": (*MAPPERS, "HOST_DPO"),
    "/v1/safeguarding-tasks": ("SAFEGUARDING_LEAD", "HOST_ADMIN", "SUPERVISOR"),
    "/v1/consents/{consent_id}": CONSENTING,
    "/v1/consents/to-ask-again": ("HOST_DPO", "SUPERVISOR"),
    "/v1/consents/to-talk-about": CONSENTING,
    "/v1/consent-policy": (*CONSENTING, "HOST_DATA_LEAD"),
    "/v1/consent-drafts": CONSENTING,
    "/v1/consent-notices": (*CONSENTING, "HOST_DATA_LEAD"),
    "/v1/consent-notices/{code}": (*CONSENTING, "HOST_DATA_LEAD"),
    "/v1/consents/{consent_id}/receipt": CONSENTING,
    "/v1/consents/{consent_id}/receipt-offers": CONSENTING,
    "/v1/consent-wordings": (*CONSENTING, "HOST_DATA_LEAD"),
    "/v1/survivor-concerns": TAKERS,
    "/v1/rights-cases": ("HOST_DPO",),
    "/v1/rights-cases/taken": (*TAKERS, "IMSA"),
    "/v1/rights-cases/{rights_case_id}": ("HOST_DPO",),
    "/v1/copies-left-out": ("HOST_DPO", "SAFEGUARDING_LEAD"),
    "/v1/leaving": ("HOST_DPO", "HOST_ADMIN"),
    "/v1/breaches": ("HOST_DPO",),
    "/v1/breaches/{breach_id}": ("HOST_DPO",),
    "/v1/information-requests": ("HOST_DPO",),
    "/v1/information-requests/{request_id}": ("HOST_DPO",),
    "/v1/person-erasures": ("HOST_DPO", "SUPERVISOR"),
    "/v1/person-erasures/{rights_case_id}": ("HOST_DPO", "SUPERVISOR"),
    "/v1/withdrawals": ("HOST_DPO", "SUPERVISOR"),
    "/v1/withdrawals/{withdrawal_id}": CONSENTING,
    "/v1/consent-purposes": (*CONSENTING, "HOST_DATA_LEAD", "HOST_ADMIN"),
    "/v1/audit/entries": ("HOST_DPO", "HOST_ADMIN", "DATA_GUARDIAN", "PLATFORM_OPERATOR"),
    "/v1/audit/withholdings": ("HOST_DPO", "SUPERVISOR"),
    "/v1/audit/papers/policy": ("HOST_DPO", "IMSA", "SUPERVISOR"),
    "/v1/audit/unusual": ("HOST_DPO", "HOST_ADMIN"),
    "/v1/audit/unusual/looking": ("HOST_DPO", "HOST_ADMIN"),
    "/v1/audit/unusual/{finding_id}": ("HOST_DPO", "HOST_ADMIN"),
    "/v1/audit/history": ("HOST_DPO", "HOST_ADMIN", "DATA_GUARDIAN", "PLATFORM_OPERATOR"),
    "/v1/audit/log": ("HOST_DPO", "HOST_ADMIN", "DATA_GUARDIAN", "PLATFORM_OPERATOR"),
    "/v1/audit/log/check": ("HOST_DPO", "HOST_ADMIN", "DATA_GUARDIAN", "PLATFORM_OPERATOR"),
    "/v1/audit/witnesses": ("HOST_DPO", "HOST_ADMIN", "DATA_GUARDIAN", "PLATFORM_OPERATOR"),
    "/v1/audit/log/leaves": ("HOST_DPO", "HOST_ADMIN", "DATA_GUARDIAN", "PLATFORM_OPERATOR"),
    "/v1/periods": ("HOST_DATA_LEAD", "HOST_DPO", "HOST_ADMIN"),
}
OF_NOBODY = ("/v1/consent-notices/{code}",)
"""What an advocate reads of it is everybody's."""
OPEN = ("/v1/token", "/v1/enrolments")
"""Who has no token yet gets one, or sets the password for one."""
OTHERWISE = (
    "/v1/periods", "/v1/leaving", "/v1/imports", "/v1/import-template", "/v1/sources", "/v1/consent-purposes", "/v1/consents/{consent_id}/receipt",
    "/v1/consents/{consent_id}/receipt-offers", "/v1/consents/to-talk-about", "/v1/consent-policy", "/v1/consent-notices/{code}",
    "/v1/consent-drafts", "/v1/survivors/{survivor_id}/nrm/deadlines", "/v1/nrm-policy",
    "/v1/survivors/{survivor_id}/handover", "/v1/survivors/{survivor_id}/disclosures", "/v1/audit/log",
    "/v1/survivors/{survivor_id}/interpreting", "/v1/survivors/{survivor_id}/dependants",
    "/v1/survivors/{survivor_id}/emergency-nevers",
    "/v1/audit/log/leaves", "/v1/audit/witnesses", "/v1/audit/history", "/v1/audit/log/check", "/v1/caseload",
    "/v1/caseload/limit", "/v1/audit/papers/policy", "/v1/approvals/setting", "/v1/audit/unusual/looking", *KEPT_READS,
)  # fmt: skip
"""Lists that nobody synchronises, with parameters of their own."""
LISTS = [
    path
    for path in READS
    if not path.endswith(("_id}", "/advocates")) and path not in OTHERWISE and "{import_id}" not in path
]
TRIED_ELSEWHERE = (
    "/v1/periods",
    "/v1/users",
    "/v1/organisations",
    "/v1/machine-key",
    "/v1/me",
    "/v1/event",
    "/v1/webhooks",
    "/v1/audit/entries/",
    "/v1/rights-cases/{rights_case_id}/copy",
    *OPEN,
)
changes = pytest.mark.parametrize("route", CHANGES, ids=lambda r: r.template)


@pytest.fixture(scope="module")
def known_before(tenant_place):
    """Everybody who was here before the things were made."""
    return set(tenant_place.database("case")["survivors"].distinct("_id"))


@pytest.fixture(scope="module")
def things(tenant_place, known_before):
    """One of each thing that a path may name; the episode is the test's advocate's."""
    assert known_before is not None
    tenant_place.register_wording()
    episode = tenant_place.episode(advocate_id=tenant_place.actor("IMSA"))
    consent = tenant_place.give(episode["survivor_id"]).json
    goal = tenant_place.post(f"/v1/episodes/{episode['id']}/goals", {"area": "NRM"}).json["id"]
    report = tenant_place.plan(CSV % b"THINGS-1")
    ended = tenant_place.give(episode["survivor_id"], decision="REFUSED").json["id"]
    withdrawal = tenant_place.database("consent")["withdrawals"].find_one({"consent_id": ended})["_id"]
    tenant_place.pump()
    rights_case = _erasure_case(tenant_place)
    asked = tenant_place.post(f"/v1/rights-cases/{rights_case}/erasure", NOTHING_HOLDS, "HOST_DPO", If_Match='"1"')
    assert asked.status_code == 201
    asked_about = _information(tenant_place)
    request = tenant_place.post(asked_about.path, asked_about.body).json["id"]
    return {
        "restriction_id": _begun_restriction(tenant_place)[0],
        "emergency_id": _opened_emergency(tenant_place),
        "stop_id": _lift(tenant_place).path.split("/")[3],
        "disclosure_id": tenant_place.post(
            f"/v1/survivors/{episode['survivor_id']}/disclosures", DISCLOSED, "IMSA"
        ).json["id"],
        "interpreter_id": tenant_place.post("/v1/interpreters", INTERPRETER).json["id"],
        "finding_id": _raised(tenant_place),
        "approval_id": _on_approval("settle", {}, None)(tenant_place).path.split("/")[3],
        "visit_id": _on_visit("take", {}, alarmed=True)(tenant_place).path.split("/")[3],
        "breach_id": tenant_place.post("/v1/breaches", _breach(tenant_place).body).json["id"],
        "request_id": request, "withdrawal_id": withdrawal, "goal_id": goal, "rights_case_id": rights_case,
        "code": _kept_notice(tenant_place), "move_id": _ended_cover(tenant_place).path.split("/")[4],
        "survivor_id": episode["survivor_id"], "episode_id": episode["id"], "consent_id": consent["id"],
        "import_id": report["id"], "mapping_id": _on_mapping("approve")(tenant_place).path.split("/")[3], "source_id": _kept_source(tenant_place), "period": "2026-Q3", "user_id": new_id(), "key_id": new_id(),
    }  # fmt: skip


@contextmanager
def restricted(place, before):
    """Restrict everybody who was not here before, as case and consent keep it; give them and their episodes."""
    survivors, people = place.database("case")["survivors"], place.database("consent")["people"]
    ids = [one for one in survivors.distinct("_id") if one not in before]
    new = {"_id": {"$in": ids}}
    had = {one["_id"]: one["restriction_id"] for one in survivors.find({**new, "restriction_id": {"$ne": None}})}
    survivors.update_many(new, {"$set": {"restriction_id": new_id()}})
    people.update_many(new, {"$set": {"restricted_at": datetime.now(UTC)}})
    try:
        episodes = place.database("case")["episodes"].distinct("_id", {"survivor_id": {"$in": ids}})
        yield {*ids, *episodes}
    finally:
        survivors.update_many(new, {"$unset": {"restriction_id": ""}})
        people.update_many(new, {"$unset": {"restricted_at": ""}})
        for one, restriction in had.items():
            survivors.update_one({"_id": one}, {"$set": {"restriction_id": restriction}})


def named_actions(place):
    """By method and address, under which action case and consent keep what is done there."""
    routes = [
        route
        for service in ("case", "consent")
        for group in service_of(service).route_groups(place.contexts[service])
        for route in group.routes
    ]
    return {(r.method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", r.path)): r.named for r in routes}


def document(place):
    return place.app.test_client().get("/openapi.json").json


def operations(place):
    for path, methods in document(place)["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete"):
                yield method.upper(), path, operation


def filled(template, things):
    for name, value in things.items():
        template = template.replace(f"{{{name}}}", value)
    return template if "{" not in template else template.split("{", maxsplit=1)[0] + new_id()


def send(place, route, asked, *, role=None, key=None, body=None, path=None):
    body = asked.body if body is None else body
    headers = {name.replace("-", "_"): value for name, value in asked.headers.items()}
    return place.post(path or asked.path, body, role or route.roles[0], key=key, **headers)


class TestDocument:
    def test_it_is_valid_openapi_and_lists_every_route(self, place):
        """OpenAPI 3.1; each route of the host's services stands in it, and each is tried here or beside it."""
        found = document(place)
        # Its import takes over a second, in each of pytest's workers.
        from openapi_spec_validator import validate as validate_openapi

        validate_openapi(found)
        assert found["openapi"].startswith("3.1")
        listed = {(m, p) for m, p, _ in operations(place) if p.startswith("/v1/")}
        tried = {("POST", r.template) for r in CHANGES} | {("GET", p) for p in READS}
        assert tried <= listed
        left = {p for _, p in listed - tried if not p.startswith(TRIED_ELSEWHERE)}
        assert left == {
            "/v1/batch",
            "/v1/consents/search",
            "/v1/consents/preview",
            "/v1/withdrawals/search",
            "/v1/stops/search",
            "/v1/survivors/references",
            "/v1/audit/papers",
            "/v1/survivors/by-reference/search",
            "/v1/survivors/search",
            "/v1/survivors/{survivor_id}/interpreters/search",
            "/v1/vital-openings/{opening_id}",
            "/v1/emergencies/{emergency_id}/record",
        }

    def test_every_post_names_its_key_and_every_list_its_parameters(self, place):
        """A client generated from the document knows Idempotency-Key, limit, after, updated_since and If-Match."""
        wrong = []
        for method, path, operation in operations(place):
            names = {p["name"] for p in operation.get("parameters", ())}
            if method == "POST" and path not in OPEN and "Idempotency-Key" not in names:
                wrong.append((path, "Idempotency-Key"))
            if method == "GET" and path in LISTS and not {"limit", "after", "updated_since"} <= names:
                wrong.append((path, "paging"))
            if "/episodes/" in path and path.endswith(("/close", "/exclude")) and "If-Match" not in names:
                wrong.append((path, "If-Match"))
        assert wrong == []

    def test_meta_says_what_speaks_here(self, place):
        """Product, version, tenant and the document's hash, without a token."""
        answer = place.app.test_client().get("/v1/meta").json
        assert (answer["product"], answer["tenant"], answer["api"]) == ("Alongside", place.tenant, ["v1"])
        assert len(answer["openapi_sha256"]) == 64


class TestStrangers:
    def test_another_tenants_token_gets_the_same_401_on_every_route(self, place, things):
        """One status, one body and one set of headers: on every method and path, existing or not."""
        http, reference, differing = place.app.test_client(), None, ("X-Request-Id", "Date")
        paths = {filled(p, things) for _, p, _ in operations(place) if p.startswith("/v1/")}
        paths = (paths - {*OPEN, "/v1/meta"}) | {
            "/v1/nowhere",
            "/v1/episodes/not-an-id",
            "/v1/episodes/" + new_id(),
        }
        wrong = []
        for path in sorted(paths):
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                headers = {**place.headers(stranger=True), "X-Tenant": str(place.tenant)}
                answer = http.open(path, method=method, headers=headers, json={} if method == "POST" else None)
                shown = (
                    answer.status_code, answer.data, {k: v for k, v in answer.headers.items() if k not in differing},
                )  # fmt: skip
                reference = reference or shown
                if shown != reference:
                    wrong.append((method, path, shown))
        assert wrong == []
        assert reference[0] == 401

    @changes
    def test_a_role_without_the_right_gets_404_and_is_audited(self, place, route):
        """Nothing happens, and the answer is that of an address that is not there."""
        asked = route.ask(place)
        done = asked.effects()
        for role in set(ROLES) - set(route.roles):
            answer = send(place, route, asked, role=role)
            assert (answer.status_code, answer.json["code"]) == (404, "not-found"), role
        assert asked.effects() == done
        assert send(place, route, asked).status_code == route.status

    @pytest.mark.parametrize("template", READS)
    def test_who_may_read_what(self, place, things, template):
        """Each role reads what its work needs and gets 404 for the rest; every refusal is audited."""
        path = filled(template, things)
        statuses = {role: place.get(path, role).status_code for role in ROLES}
        assert statuses == {role: 200 if role in READS[template] else 404 for role in ROLES}
        service = "case" if "/episodes" in path or "/survivors" in path or "/imports" in path else None
        if service is not None:
            refused = place.audited(service, actor_id=place.actor("BOARD_MEMBER"), outcome="REFUSED")
            assert refused

    def test_an_advocate_sees_only_their_own_survivors(self, place, things):
        """Another advocate's episode, survivor, entries and consents are not there, by the same 404."""
        own = {"IMSA": place.actor("IMSA")}
        headers = place.headers("IMSA", actor=new_id())
        http = place.app.test_client()
        for template, roles in READS.items():
            if "{" in template and "IMSA" in roles and template not in OF_NOBODY:
                path = filled(template, things)
                assert http.get(path, headers=headers).status_code == 404, path
                assert http.get(path, headers=place.headers("IMSA", actor=own["IMSA"])).status_code == 200, path
        keyed = {**headers, "Idempotency-Key": new_id(), "If-Match": '"1"'}
        goals = f"/v1/episodes/{things['episode_id']}/goals"
        assert http.post(goals, json={"area": "NRM"}, headers=keyed).status_code == 404
        closing = f"/v1/episodes/{things['episode_id']}/close"
        assert http.post(closing, json={"reason": "DECEASED"}, headers=keyed).status_code == 404
        withdrawal = f"/v1/consents/{things['consent_id']}/withdraw"
        assert http.post(withdrawal, json={}, headers=keyed).status_code == 404
        search = {"survivor_id": things["survivor_id"]}
        assert http.post("/v1/consents/search", json=search, headers=keyed).status_code == 404


PASSING = frozenset({*CASE_PASSES, *VITAL, *CONSENT_PASSES})
OF_FILES_AND_FIGURES = ("/v1/imports", "/v1/import-profiles", "/v1/sources", "/v1/audit", "/v1/periods")
"""Commands that name nobody; the rows of a file are judged one by one, in a job."""


class TestRestricted:
    """A record that is frozen: no route of case and consent that names a person is forgotten."""

    ONE_BY_ONE = ("/v1/survivors/assign", "/v1/caseload/give", "/v1/caseload/cover")
    """They leave out whoever is restricted: tests/integration/case/test_restrictions.py."""
    A_NO = ("/v1/consents",)
    """The example says no, and that is always taken."""
    OF_NO_PERSON = ("import_id", "mapping_id", "source_id", "move_id", "interpreter_id", "code")

    @pytest.mark.parametrize(
        "route",
        [r for r in CHANGES if set(r.roles) - {"HOST_DPO"} and not r.template.startswith(OF_FILES_AND_FIGURES)],
        ids=lambda route: route.template,
    )
    def test_no_command_changes_what_is_restricted(self, place, route):
        """For all but the officer; by one and the same answer."""
        before = set(place.database("case")["survivors"].distinct("_id"))
        actions = named_actions(place)
        if ("POST", route.template) not in actions:
            return
        asked = route.ask(place)
        done, role = asked.effects(), next(role for role in route.roles if role != "HOST_DPO")
        with restricted(place, before) as theirs:
            answer = send(place, route, asked, role=role)
        passes = route.template in (*self.ONE_BY_ONE, *self.A_NO) or actions["POST", route.template] in PASSING
        if theirs and not passes:
            assert (answer.status_code, answer.json["code"]) == (409, "processing-restricted")
            assert asked.effects() == done
        else:
            assert answer.status_code in (route.status, 409), answer.json
            assert answer.json.get("code") != "processing-restricted"

    def test_no_reading_gives_what_is_restricted(self, place, known_before, things):
        """What names somebody is refused; of lists, those in which people are looked for show that it is restricted."""
        actions, wrong = named_actions(place), []
        with restricted(place, known_before) as theirs:
            for template, roles in READS.items():
                action = actions.get(("GET", template))
                if action is None or action in PASSING:
                    continue
                names = "{" in template and not any(f"{{{one}}}" in template for one in self.OF_NO_PERSON)
                for role in set(roles) - {"HOST_DPO"}:
                    answer = place.get(f"{filled(template, things)}{'?limit=200' if template in LISTS else ''}", role)
                    if names and answer.json.get("code") != "processing-restricted":
                        wrong.append((template, role, answer.status_code))
                    rows = answer.json.get("items", ()) if not names and isinstance(answer.json, dict) else ()
                    wrong += [
                        (template, role, row) for row in rows
                        if theirs & {row.get(n) for n in ("id", "survivor_id", "episode_id")} and not row.get("restricted")
                    ]  # fmt: skip
        assert wrong == []


class TestCommands:
    @changes
    def test_a_post_without_a_usable_key_does_nothing(self, place, route):
        """400 with the reason; nothing changes, and no upload stays behind."""
        asked = route.ask(place)
        left = place.contexts["case"].client[f"as_{place.tenant}_strongroom"]["imports"]
        waiting = left.count_documents({})
        for key in (" ", "x" * 256):
            answer = send(place, route, asked, key=key)
            assert (answer.status_code, answer.json["code"]) == (400, "idempotency-key-missing")
        assert asked.effects() == 0
        assert left.count_documents({}) == waiting

    @changes
    def test_a_repeat_gives_the_first_answer_and_another_body_422(self, place, route):
        """One effect; the replay says so; the key belongs to one request."""
        asked, key = route.ask(place), new_id()
        first, again = (send(place, route, asked, key=key) for _ in range(2))
        assert (first.status_code, again.status_code) == (route.status, route.status)
        assert first.json == again.json
        assert again.headers["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed" not in first.headers
        if asked.other is not None:
            other = send(place, route, asked, key=key, body=asked.other)
            assert (other.status_code, other.json["code"]) == (422, "idempotency-key-reused")
        assert asked.effects() == 1

    @changes
    def test_racing_requests_with_one_key_have_one_effect(self, place, route):
        """Each answer is the one answer, or 409 that says wait."""
        asked, key = route.ask(place), new_id()
        answers, start = [], threading.Barrier(4)

        def race():
            start.wait()
            answers.append(send(place, route, asked, key=key))

        threads = [threading.Thread(target=race) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {a.status_code for a in answers} <= {route.status, 409}
        assert len({a.data for a in answers if a.status_code == route.status}) == 1
        assert {a.json["code"] for a in answers if a.status_code == 409} <= {"idempotency-key-in-flight"}
        assert asked.effects() == 1

    @changes
    def test_unknown_fields_and_parameters_are_refused(self, place, route):
        """A spelling mistake is told, with a pointer that repeats nothing; nothing changes."""
        asked = route.ask(place)
        parameter = send(place, route, asked, path=f"{asked.path}?surprise=Jane-Doe")
        assert (parameter.status_code, parameter.json["code"]) in ((422, "unknown-parameter"), (422, "invalid-input"))
        assert b"Jane-Doe" not in parameter.data
        if isinstance(asked.body, dict):
            answer = send(place, route, asked, body={**asked.body, "Jane-Doe": 1})
            assert answer.status_code == 422
            assert [e["code"] for e in answer.json["errors"]] == ["unknown-field"]
            assert b"Jane-Doe" not in answer.data
            listed = place.post(asked.path, [1], route.roles[0], If_Match='"1"')
            assert listed.status_code == 422
        assert asked.effects() == 0


class TestLists:
    @pytest.mark.parametrize("template", READS)
    def test_unknown_parameters_are_refused(self, place, things, template):
        """A misspelt filter would silently show everything."""
        path = filled(template, things)
        answer = place.get(f"{path}?update_since=2026-01-01T00:00:00Z", READS[template][-1])
        assert answer.status_code == 422
        codes = {answer.json["code"], *(e["code"] for e in answer.json.get("errors", ()))}
        assert "unknown-parameter" in codes

    @pytest.mark.parametrize("template", LISTS)
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("limit", "0"), ("limit", "201"), ("limit", "ten"), ("limit", "-1"), ("after", "!!"), ("after", "MHw="),
            ("after", "MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMHx4"), ("updated_since", "2026-01-01T00:00:00"),
            ("updated_since", "yesterday"), ("updated_since", "0001-01-01T00:00:00+14:00"),
        ],
    )  # fmt: skip
    def test_a_bad_parameter_is_pointed_at(self, place, things, template, name, value):
        """422 with a pointer to the parameter, never another page than the one asked for."""
        answer = place.app.test_client().get(
            filled(template, things), query_string={name: value}, headers=place.headers(READS[template][-1])
        )
        assert answer.status_code == 422, answer.json
        assert [e["pointer"] for e in answer.json["errors"]] == [f"#/{name}"]
