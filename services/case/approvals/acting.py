"""Whose an approval is: supervisors have all, an advocate those of their episodes, the safeguarding lead what is asked.

Judged again in the command's own transaction (``services.case.approvals.deciding``). Shown by
tests/integration/case/test_approvals.py. Source: ADR 0068.
"""

from services.case.approvals.rules import APPROVER, SAFEGUARDING_LEAD
from services.case.approvals.views import ApprovalViews
from services.case.episodes.acting import whose_episode
from services.case.episodes.views import EpisodeViews
from services.case.survivors.acting import check_may_act
from services.case.survivors.views import SurvivorViews
from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import UnitOfWork
from shared.web.routes import Asked, Subject, Whose


def whose_approval(views: ApprovalViews, episodes: EpisodeViews, survivors: SurvivorViews) -> Whose:
    """Say whose the approval is that an address names; what was read of it is the subject's row."""
    of_episode = whose_episode(episodes, survivors)

    def find(asked: Asked) -> Subject:
        row = views.stub(asked.path["approval_id"])
        return Subject(id=row["id"], row=row)

    def allows(who: Principal, subject: Subject) -> bool | Standing | None:
        row = subject.row
        if who.role == SAFEGUARDING_LEAD:
            is_asked = row["asked_of"] == SAFEGUARDING_LEAD and row["waits_for"] == APPROVER
            return Standing.ROLE if is_asked or row["decided_by"] == who.actor_id else None
        episode = Subject(id=row["episode_id"], row=episodes.episode(row["episode_id"]))
        return of_episode.allows(who, episode)

    def check(work: UnitOfWork, subject: Subject, who: Principal) -> None:
        check_may_act(work, subject.row["survivor_id"], who)

    return Whose(find=find, allows=allows, check=check)
