"""What each purpose takes and for whom: the one register that the ledger, notices, receipts and the preview read.

Promise: each code of the list ``consent_purpose`` stands here once, with recipients and data of their lists; a purpose
that stands nowhere cannot be shared under. Shown by tests/unit/consent/test_purposes.py.
Source: domain reference 4.1, 4.4 and 9.10.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

DPV = "https://w3id.org/dpv#"


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """One purpose.

    Attributes:
        dpv: Its nearest term of the Data Privacy Vocabulary.
        recipients: Classes of recipients, of which each is granted apart; the first is meant where none is named.
        data_classes: What it takes, at most.
        leaves: Whether anything about one person can leave this host under it, by whatever way.
        held_by: Services of the host that hold or may receive something under it, beside consent itself.
        why: What it is for, in a sentence for the survivor.
    """

    code: str
    dpv: str
    recipients: tuple[str, ...]
    data_classes: tuple[str, ...]
    leaves: bool
    held_by: tuple[str, ...]
    why: str


_OF_A_CASE = ("NAME_AND_CONTACT", "SUPPORT_PLAN", "NEEDS_AND_RISK", "HEALTH", "IMMIGRATION", "NRM")
_SHARED = ("case", "integrations")
_ALL = (
    Purpose(
        code="SUPPORT_PLAN_SHARING_INTERNAL",
        dpv="RequestedServiceProvision",
        recipients=("OWN_ORGANISATION",),
        data_classes=_OF_A_CASE,
        leaves=False,
        held_by=_SHARED,
        why="So that people here who help you, such as an interpreter or a supervisor, know what you agreed.",
    ),
    Purpose(
        code="SHARE_WITH_NAMED_AGENCY",
        dpv="RequestedServiceProvision",
        recipients=("NAMED_AGENCY",),
        data_classes=_OF_A_CASE,
        leaves=True,
        held_by=_SHARED,
        why="So that an agency that you name can do something for you.",
    ),
    Purpose(
        code="SHARE_WITH_LEGAL_REPRESENTATIVE",
        dpv="RightsFulfilment",
        recipients=("LEGAL_REPRESENTATIVE",),
        data_classes=(*_OF_A_CASE, "ACCOUNT"),
        leaves=True,
        held_by=_SHARED,
        why="So that your own legal representative can act for you.",
    ),
    Purpose(
        code="SHARE_WITH_SUPPORT_PROVIDER",
        dpv="RequestedServiceProvision",
        recipients=("SUPPORT_PROVIDER",),
        data_classes=_OF_A_CASE,
        leaves=True,
        held_by=_SHARED,
        why="So that you need not say the same things twice to those who support you.",
    ),
    Purpose(
        code="NRM_REFERRAL",
        dpv="RightsFulfilment",
        recipients=("FIRST_RESPONDER",),
        data_classes=("NAME_AND_CONTACT", "IMMIGRATION", "NRM", "ACCOUNT"),
        leaves=True,
        held_by=_SHARED,
        why="So that a first responder can refer you. Once you are referred, the Home Office decides what it keeps.",
    ),
    Purpose(
        code="TRANSFER_TO_OTHER_HOST",
        dpv="RequestedServiceProvision",
        recipients=("OTHER_HOST",),
        data_classes=_OF_A_CASE,
        leaves=True,
        held_by=_SHARED,
        why="So that another organisation can go on with your support.",
    ),
    Purpose(
        code="AGGREGATE_STATISTICS",
        dpv="ProvideOfficialStatistics",
        recipients=("PROJECT_BOARD",),
        data_classes=("COUNTED_CODES",),
        leaves=False,
        held_by=("reporting", *_SHARED),
        why="So that you are counted. Only sums leave this organisation, added up with those of others.",
    ),
    Purpose(
        code="OUTCOME_EVALUATION",
        dpv="PublicPolicyMaking",
        recipients=("PROJECT_BOARD",),
        data_classes=("OUTCOME_RATINGS",),
        leaves=False,
        held_by=_SHARED,
        why="So that it can be learnt whether advocates help, by your own view.",
    ),
    Purpose(
        code="ACADEMIC_RESEARCH",
        dpv="AcademicResearch",
        recipients=("RESEARCHER",),
        data_classes=("OUTCOME_RATINGS", "SUPPORT_PLAN"),
        leaves=True,
        held_by=_SHARED,
        why="So that researchers can study what helps.",
    ),
    Purpose(
        code="LEARNING_CASE_STUDY_ANONYMISED",
        dpv="NonCommercialResearch",
        recipients=("PROJECT_BOARD", "PUBLIC"),
        data_classes=("SUPPORT_PLAN", "OUTCOME_RATINGS"),
        leaves=True,
        held_by=_SHARED,
        why="So that others learn from what happened, without anything that points to you.",
    ),
    Purpose(
        code="STORY_OR_MEDIA",
        dpv="PublicPolicyMaking",
        recipients=("PUBLIC",),
        data_classes=("STORY", "IMAGE_OR_VOICE"),
        leaves=True,
        held_by=_SHARED,
        why="So that you can tell your story in public. What is public cannot be called back.",
    ),
    Purpose(
        code="RECONTACT_AFTER_CLOSURE",
        dpv="RequestedServiceProvision",
        recipients=("OWN_ORGANISATION",),
        data_classes=("NAME_AND_CONTACT",),
        leaves=False,
        held_by=_SHARED,
        why="So that we may ask how you are after support has ended.",
    ),
    Purpose(
        code="SURVIVOR_PANEL_INVITATION",
        dpv="PublicPolicyMaking",
        recipients=("SURVIVOR_PANEL",),
        data_classes=("NAME_AND_CONTACT",),
        leaves=True,
        held_by=_SHARED,
        why="So that you can be invited to a panel of people with lived experience.",
    ),
    Purpose(
        code="FUNDER_REPORTING",
        dpv="LegalCompliance",
        recipients=("FUNDER",),
        data_classes=("COUNTED_CODES", "OUTCOME_RATINGS"),
        leaves=True,
        held_by=_SHARED,
        why="So that those who pay for the work learn what was done with it.",
    ),
)
PURPOSES: Mapping[str, Purpose] = MappingProxyType({one.code: one for one in _ALL})
"""The purposes by code, in the order in which they are asked about."""
