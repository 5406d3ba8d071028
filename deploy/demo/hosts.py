"""The six invented hosts of the demo; no real organisation, no real person.

Each export's columns are those of its mapping profile, services/case/imports/rules/profiles/<profile>.yaml.
"""

from dataclasses import dataclass
from importlib import resources

PERIOD = "2026"
PLAN = "year-v1"
WORDING = "alongside-stats-2026-1"


@dataclass(frozen=True, kw_only=True)
class DemoHost:
    """One invented host.

    Attributes:
        profile: The mapping profile of its export, which is also its file's shape.
    """

    id: str
    name: str
    nation: str
    setting: str
    profile: str

    @property
    def file_name(self) -> str:
        """Name of its export."""
        return f"{self.id}.csv"


HOSTS = (
    DemoHost(
        id="alder", name="Host Alder", nation="ENGLAND", setting="ANTI_SLAVERY_CHARITY", profile="salesforce_report"
    ),
    DemoHost(
        id="birch", name="Host Birch", nation="ENGLAND", setting="LAW_CENTRE_OR_ADVICE", profile="charity_semicolon"
    ),
    DemoHost(
        id="cedar",
        name="Host Cedar",
        nation="SCOTLAND",
        setting="REFUGEE_OR_MIGRANT_ORGANISATION",
        profile="worker_spreadsheet",
    ),
    DemoHost(
        id="damson", name="Host Damson", nation="WALES", setting="HOMELESSNESS_SERVICE", profile="salesforce_report"
    ),
    DemoHost(
        id="elder",
        name="Host Elder",
        nation="NORTHERN_IRELAND",
        setting="DOMESTIC_OR_SEXUAL_ABUSE_SERVICE",
        profile="charity_semicolon",
    ),
    DemoHost(
        id="fir",
        name="Host Fir",
        nation="ENGLAND",
        setting="LOCAL_AUTHORITY",
        profile="worker_spreadsheet",
    ),
)

WORDING_TEXT = resources.files(__package__).joinpath("wording.md").read_text(encoding="utf-8")
"""What advocates read out; hosts register it under the code ``WORDING``."""
