"""The host says whether support waits for an approval before it ends; as long as it says nothing, it does."""

from dataclasses import dataclass
from typing import ClassVar

from services.case.approvals.documents import SETTINGS, THE_SETTING, settings
from services.case.approvals.setting import Setting
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class StateSetting(DomainCommand):
    """Support waits for an approval before it ends, or does not."""

    action: ClassVar[str] = "case:approval:setting"
    closures_wait: bool
    actor_id: str

    @property
    def object_id(self) -> str:
        """The one setting of the host."""
        return THE_SETTING


def state_setting(command: StateSetting, work: UnitOfWork) -> Answer:
    """Keep what the host says."""
    store = settings(work)
    said = {"closures_wait": command.closures_wait, "stated_by": command.actor_id, "updated_at": work.now}
    if store.find(THE_SETTING) is None:
        store.add(
            Setting(
                id=THE_SETTING,
                closures_wait=command.closures_wait,
                stated_by=command.actor_id,
                updated_at=work.now,
            )
        )
    else:
        store.change(THE_SETTING, **said)
    return Answer(status=200, ids={"id": THE_SETTING, "version": int(work.get(SETTINGS, THE_SETTING)["version"])})
