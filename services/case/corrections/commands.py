"""What may be asked of corrections."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from services.case.corrections.documents import CORRECTION, CORRECTIONS
from services.case.corrections.rules import FIELDS, Correction, changes_of
from services.case.finding.keys import Marker
from services.case.finding.rules import Said
from services.case.finding.writing import MarkStore
from services.case.survivors.documents import SURVIVOR, SURVIVORS
from services.case.survivors.sealing import Sealer
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class CorrectSurvivor(DomainCommand):
    """Something that is kept of a survivor is not right, or not right any more.

    Attributes:
        said: What is right, by field; what is missing, None, empty or only spaces changes nothing.
        cleared: Fields whose content is taken away, such as a contact that is no longer safe.
    """

    action: ClassVar[str] = "case:survivor:correct"
    survivor_id: str
    correction_id: str
    said: Mapping[str, str | None]
    cleared: frozenset[str]
    why: str
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The survivor's id."""
        return self.survivor_id


def correct_survivor(command: CorrectSurvivor, work: UnitOfWork, *, sealer: Sealer, marker: Marker) -> Answer:
    """Write what is right, and keep what stood there before; what changes nothing leaves no trace.

    Whoever may act takes the survivor's turn first, so of two corrections at once each keeps what the other wrote.

    Raises:
        DocumentMissingError: There is no such survivor.
    """
    stored = work.get(SURVIVORS, command.survivor_id)
    opened = SURVIVOR.values(stored, opened=sealer.opening(command.survivor_id))
    changes = changes_of(opened, command.said, command.cleared)
    if not changes:
        return Answer(status=200, ids={"id": None, "changed": []})
    now = {name: changes.get(name, opened[name]) for name in FIELDS}
    # What a newer version of the service keeps there stays.
    sealed = {**stored["sealed"], **sealer.seal(command.survivor_id, now)}
    known = SURVIVOR.changed(stored, updated_at=work.now, marked_under=marker.generation)
    work.replace(SURVIVORS, {**known, "sealed": sealed})
    MarkStore(work, marker).note(command.survivor_id, _said(now), before=_said(opened))
    correction = Correction(
        id=command.correction_id,
        survivor_id=command.survivor_id,
        changed=tuple(sorted(changes)),
        why=command.why,
        actor_id=command.actor_id,
        role=command.role,
        corrected_at=work.now,
        updated_at=work.now,
        before={name: opened[name] for name in sorted(changes)},
    )
    work.insert(CORRECTIONS, CORRECTION.document(correction, seal=sealer.sealing(command.survivor_id)))
    return Answer(status=200, ids={"id": command.correction_id, "changed": list(correction.changed)})


def _said(values: Mapping[str, str | None]) -> Said:
    return Said(name=values["name"], contact=values["safe_contact"], reference=values["reference"])
