"""A referral is opened: a survivor and an episode whose support has not begun, in one transaction."""

from dataclasses import dataclass
from typing import ClassVar

from services.case.episodes.commands import OpenEpisode, open_episode
from services.case.finding.keys import Marker
from services.case.survivors.commands import RegisterSurvivor, register_survivor
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OpenReferral(DomainCommand):
    """Somebody new was referred, and nobody who was found is this person."""

    action: ClassVar[str] = "case:referral:open"
    survivor: RegisterSurvivor
    episode: OpenEpisode

    @property
    def object_id(self) -> str:
        """The survivor's id."""
        return self.survivor.survivor_id


def open_referral(command: OpenReferral, work: UnitOfWork, *, sealer: Sealer, marker: Marker) -> Answer:
    """Keep the survivor and the referral; of a form that comes again, what it made before stays as it is.

    Raises:
        UnderEighteenError, ReferralInFutureError, UnknownCodeError, NotAnAdvocateError: Nobody is written down.
    """
    ids = {"id": command.object_id, "episode_id": command.episode.episode_id}
    if SurvivorStore(work).is_known(command.object_id):
        return Answer(status=200, ids=ids)
    register_survivor(command.survivor, work, sealer=sealer, marker=marker)
    open_episode(command.episode, work, sealer=sealer)
    return Answer(status=201, ids=ids)
