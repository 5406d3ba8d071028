"""Whose an episode is: supervisors have all, an advocate their own, of survivors on whom they may act.

One that names no advocate, such as an imported one, is for whoever may act on its survivor.

Shown by tests/integration/case/test_who_may_act.py. Source: ADR 0026.
"""

from services.case.episodes.views import EpisodeViews
from services.case.survivors.acting import check_may_act
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.views import SurvivorViews
from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import UnitOfWork
from shared.web.routes import Asked, Subject, Whose


def whose_episode(episodes: EpisodeViews, survivors: SurvivorViews) -> Whose:
    """Say whose the episode is that an address names; what was read of it is the subject's row."""

    def find(asked: Asked) -> Subject:
        episode_id = asked.path["episode_id"]
        return Subject(id=episode_id, row=episodes.episode(episode_id))

    def allows(who: Principal, episode: Subject) -> Standing | None:
        survivor_id: str = episode.row["survivor_id"]
        if who.role == ADVOCATE:
            parts = {None, *survivors.acts_as(survivor_id, who.actor_id)}
            if episode.row["advocate_id"] not in parts:
                return None
        return survivors.standing(survivor_id, who)

    def check(work: UnitOfWork, episode: Subject, who: Principal) -> None:
        check_may_act(work, episode.row["survivor_id"], who)

    return Whose(find=find, allows=allows, check=check)
