"""How far the telling is: one document, written with what it tells."""

from dataclasses import dataclass

from shared.outbox.documents import DocumentType, Field, Holds

TELLINGS = "tellings"
TELLING_ID = "integrators"
SURVIVORS_NEXT, EPISODES_NEXT, TASKS_NEXT, TOLD = "SURVIVORS", "EPISODES", "TASKS", "TOLD"
STAGES = (SURVIVORS_NEXT, EPISODES_NEXT, TASKS_NEXT, TOLD)

TELLING = DocumentType(
    collection=TELLINGS,
    fields=(
        Field(name="stage", holds=Holds.CODE),
        Field(name="after", holds=Holds.ID),
        Field(name="things", holds=Holds.COUNT),
    ),
)
TYPES = (TELLING,)


@dataclass(frozen=True, kw_only=True)
class Telling:
    """How far it is.

    Attributes:
        after: The last id of this stage that was looked at.
        things: How many were told so far.
    """

    id: str = TELLING_ID
    stage: str = SURVIVORS_NEXT
    after: str = ""
    things: int = 0
    version: int = 0

    def past(self, last: str, told: int) -> "Telling":
        """Go on after a full chunk."""
        return Telling(stage=self.stage, after=last, things=self.things + told, version=self.version)

    def next_stage(self, told: int) -> "Telling":
        """Go on with what comes after the last chunk of a stage."""
        stage = STAGES[STAGES.index(self.stage) + 1]
        return Telling(stage=stage, things=self.things + told, version=self.version)
