"""The six invented hosts of the demo; no real organisation, no real person."""

from dataclasses import dataclass

PERIOD = "2026-Q3"
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
    DemoHost(id="fir", name="Host Fir", nation="ENGLAND", setting="LOCAL_AUTHORITY", profile="worker_spreadsheet"),
)

WORDING_TEXT = """\
SYNTHETIC. May we count you, without your name, in numbers for the whole country?
You decide. Saying no will not change your support.
The numbers are mixed with those of other places and rounded, so that nobody can pick you out.
You can change your mind at any time, by telling me or anyone here. From then on you are in no new numbers.
Numbers that are out already stay as they are. If you tell us just before the numbers are closed and we write it
down only afterwards, you are still in that one count; we will tell you, and you are out of the next.
If we are sending something for you at that very moment, it can take up to five minutes until it stops.
"""
