"""What case shows of approvals; what is sealed is opened for the caller who may see it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from itertools import islice
from typing import Any

from services.case.approvals.documents import APPROVALS, SETTING, SETTINGS, THE_SETTING, approval_from
from services.case.approvals.reading import PlanReader
from services.case.approvals.rules import APPROVER, PLAN, SAFEGUARDING_LEAD, WHOEVER_ASKED, Approval
from services.case.episodes.seen import seen_by
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

Rows = list[dict[str, Any]]
MOST_COUNTED = 10_000
_STUB = (
    "survivor_id", "episode_id", "kind", "state", "waits_for", "asked_of", "closure_reason", "asked_by", "asked_at",
    "decided_by", "decided_role", "decided_at",
)  # fmt: skip
_MOST_PARTS = 50
"""Parts of a list in which those are looked for that somebody may see."""


class ApprovalViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext, survivors: SurvivorViews) -> None:
        """Take case's context, and what tells who may act on whom."""
        self._database = context.client[context.database_name]
        self._context = context
        self._survivors = survivors

    def stub(self, approval_id: str) -> dict[str, Any]:
        """Give an approval without any word; ``DocumentMissingError`` if there is none."""
        document = self._document(approval_id)
        return {"id": document["_id"], **{name: document[name] for name in _STUB}}

    def whole(self, approval_id: str) -> dict[str, Any]:
        """Give an approval with exactly what is asked for, and how the plan has changed since.

        Raises:
            DocumentMissingError, KeyDestroyedError: There is none, or the person was erased.
        """
        document = self._document(approval_id)
        sealer = Sealer.of_known(self._context, [document["survivor_id"]])
        approval = approval_from(document, sealer)
        reader = PlanReader(
            lambda name, query, most: list(self._database[name].find(query).limit(most)),
            sealer,
            survivor_id=approval.survivor_id,
            episode_id=approval.episode_id,
        )
        changed = reader.changes(approval.plan)
        return {
            **_row(approval),
            "said": [asdict(one) for one in approval.said],
            "plan": [{"part": one.part, "id": one.id, "says": dict(one.says)} for one in approval.plan],
            "changed": changed.any,
            "changes": asdict(changed),
        }

    def listed(self, wanted: PageRequest, who: Principal, *, waits_for: str | None) -> Page:
        """Give a page of the approvals that somebody may see; exactly what was asked for stands with each alone."""
        where = {**self._whose(who), **({} if waits_for is None else {"waits_for": waits_for})}
        page = find_page(self._database[APPROVALS], wanted, where=where, row=dict)
        return replace(page, items=self._rows(self._seen(page.items, who)))

    def of_episode(self, episode_id: str, wanted: PageRequest) -> Page:
        """Give a page of what was asked of an episode, and what became of it."""
        page = find_page(self._database[APPROVALS], wanted, where={"episode_id": episode_id}, row=dict)
        return replace(page, items=self._rows(page.items))

    def newest_plan(self, episode_id: str) -> dict[str, Any] | None:
        """Give the newest approval of an episode's plan, whatever became of it; None where nobody asked."""
        where = {"episode_id": episode_id, "kind": PLAN}
        found = list(self._database[APPROVALS].find(where, {"_id": 1}).sort([("asked_at", -1), ("_id", -1)]).limit(1))
        return self.whole(found[0]["_id"]) if found else None

    def waiting(self, who: Principal, most: int) -> Rows:
        """Give what waits for an approver, as far as somebody may see it, the oldest first."""
        return self._first({"waits_for": APPROVER, **self._whose(who)}, who, most)

    def to_read(self, who: Principal, most: int) -> Rows:
        """Give what was sent back and nobody has read yet, the oldest first."""
        return self._first({"waits_for": WHOEVER_ASKED, **self._whose(who)}, who, most)

    def of_person(self, who: Principal, survivor_id: str, most: int) -> Rows:
        """Give what waits of one person, for whoever takes over."""
        where = {"waits_for": {"$in": [APPROVER, WHOEVER_ASKED]}, "survivor_id": survivor_id}
        return self._first(where, who, most)

    def setting(self) -> dict[str, Any]:
        """Give the host's setting; of a host that stated nothing, that an end waits."""
        document = self._database[SETTINGS].find_one({"_id": THE_SETTING})
        if document is None:
            return {"id": THE_SETTING, "closures_wait": True, "stated_by": None, "updated_at": None, "version": 0}
        return SETTING.row(SETTING.values(document))

    def _document(self, approval_id: str) -> dict[str, Any]:
        document = self._database[APPROVALS].find_one({"_id": approval_id})
        if document is None:
            raise DocumentMissingError(APPROVALS)
        return document

    def _whose(self, who: Principal) -> dict[str, Any]:
        if who.role == ADVOCATE:
            return {"survivor_id": {"$in": self._survivors.theirs(who.actor_id)}}
        if who.role == SAFEGUARDING_LEAD:
            # Only what is asked of the lead, and no more once it was answered.
            return {"asked_of": SAFEGUARDING_LEAD, "waits_for": APPROVER}
        return {}

    def _first(self, where: Mapping[str, Any], who: Principal, most: int) -> Rows:
        rest = iter(self._database[APPROVALS].find(where).sort([("asked_at", 1)]))
        found = Rows()
        for _ in range(_MOST_PARTS):
            part = list(islice(rest, most))
            found += self._rows(self._seen(part, who))
            if len(found) >= most or len(part) < most:
                break
        return found[:most]

    def _seen(self, documents: Iterable[dict[str, Any]], who: Principal) -> Rows:
        return seen_by(who, documents, self._database, self._survivors)

    def _rows(self, documents: Iterable[dict[str, Any]]) -> Rows:
        """Open them; those of an erased person are left out."""
        documents = list(documents)
        keys = self._context.survivor_keys.find_many({one["survivor_id"] for one in documents})
        sealer = Sealer(tenant=str(self._context.tenant_id), keys=keys)
        return [_row(approval_from(one, sealer)) for one in documents if one["survivor_id"] in keys]


def _row(approval: Approval) -> dict[str, Any]:
    said = approval.agreement
    return {
        "id": approval.id,
        **{name: getattr(approval, name) for name in _STUB},
        "words": approval.words,
        "agreement": said and said.agreement,
        "agreed_on": said and said.on,
        "agreed_how": said and said.how,
        "version": approval.version,
    }
