"""A consent's receipt in the fields of ISO/IEC TS 27560:2023, with terms of the Data Privacy Vocabulary; pure.

Promise: what it says follows from the ledger and the register of purposes alone, names no member of staff, and says
of a ledger at any state what stands. Shown by tests/unit/consent/test_receipt.py, over ``receipt.schema.json``.
Source: domain reference 4.4; the guide of the W3C community group on consent records with DPV.
"""

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import CLOCK, EFFECTIVE, INVALIDATED, REVOKED, Entry
from services.consent.purposes.documents import Basis
from services.consent.purposes.register import DPV, PURPOSES
from shared.codelists.lists import get

SCHEMA_VERSION = "ISO/IEC TS 27560:2023 with DPV 2.3"
JURISDICTION = "https://w3id.org/dpv/legal/gb#law-GDPR"
HOW_TO_WITHDRAW = "Tell your advocate or anyone else here, in any way and at any time. You need give no reason."
NOT_STATED = "not stated"
_RIGHTS = ("access", "rectification", "erasure", "restriction", "objection", "complaint to the regulator")
_SPECIAL = frozenset({"HEALTH", "COUNTED_CODES", "ACCOUNT", "STORY", "NEEDS_AND_RISK", "IMMIGRATION", "NRM"})
_BY_THE_HOST = frozenset({REVOKED, INVALIDATED})
_PRINCIPAL, _CONTROLLER = "pii-principal", "controller"


def schema() -> Mapping[str, Any]:
    """Give the JSON Schema of a receipt."""
    text = resources.files(__package__).joinpath("receipt.schema.json").read_text(encoding="utf-8")
    read: Mapping[str, Any] = json.loads(text)
    return read


def receipt_of(consent: Consent, basis: Basis | None) -> dict[str, Any]:
    """Make the receipt of a ledger as it stands.

    Args:
        consent: The ledger.
        basis: What the host stated of the purpose; None where it stated nothing.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "receipt_id": f"{consent.id}.{consent.version}",
        "consent_record": {
            "schema_version": SCHEMA_VERSION,
            "record_id": consent.id,
            "pii_principal_id": consent.survivor_id,
            "pii_processing": _processing(consent, basis),
            "party_identification": [_controller(basis)],
            "events": [_event(line) for line in consent.entries if not line.superseded],
        },
    }


def _processing(consent: Consent, basis: Basis | None) -> dict[str, Any]:
    purpose = PURPOSES[consent.purpose]
    line = _told(consent)
    classes = purpose.data_classes
    if line is not None and line.status in EFFECTIVE and line.terms.data_classes is not None:
        classes = line.terms.data_classes
    return {
        "privacy_notice": {
            "code": line.wording_code if line is not None else None,
            "text_hash": line.text_hash if line is not None else None,
        },
        "language": (line.language if line is not None else None) or NOT_STATED,
        "purposes": [
            {
                "purpose": consent.purpose,
                "purpose_type": f"{DPV}{purpose.dpv}",
                "description": purpose.why,
                "lawful_basis": basis.article6 if basis is not None else NOT_STATED,
                "special_category_condition": basis.article9 if basis is not None else NOT_STATED,
                "pii_information": [
                    {
                        "pii_type": code,
                        "pii_attribute_id": get("data_class").label(code),
                        "pii_optional": True,
                        "special_pii_category": code in _SPECIAL,
                    }
                    for code in classes
                ],
                "pii_controllers": [_CONTROLLER],
                "collection_method": (line.method if line is not None else None) or NOT_STATED,
                "storage_locations": ["this organisation's own database, in the place that its agreement names"],
                "retention_period": f"P{basis.keeps_months}M" if basis is not None else NOT_STATED,
                "jurisdiction": JURISDICTION,
                "recipient_third_parties": [consent.recipient_class or purpose.recipients[0]],
                "withdrawal_method": HOW_TO_WITHDRAW,
                "privacy_rights": list(_RIGHTS),
            }
        ],
    }


def _controller(basis: Basis | None) -> dict[str, str]:
    named = basis.controller if basis is not None else NOT_STATED
    contact = basis.contact if basis is not None else NOT_STATED
    return {
        "party_id": _CONTROLLER,
        "party_name": named,
        "party_address": contact,
        "party_contact": contact,
        "party_role": f"{DPV}DataController",
        "party_type": f"{DPV}Organisation",
    }


def _event(line: Entry) -> dict[str, Any]:
    """Give a line as an event; who wrote it down is nobody's business but the host's."""
    by_host = line.status in _BY_THE_HOST or line.source == CLOCK
    external = get("consent_status").entries[line.status].external
    days = (line.until - line.said_at).days if line.status in EFFECTIVE else 0
    return {
        "event_time": line.said_at.isoformat(),
        "recorded_time": line.recorded_at.isoformat(),
        "validity_duration": f"P{days}D",
        "entity_id": _CONTROLLER if by_host else _PRINCIPAL,
        "event_type": f"{DPV}ExplicitlyExpressedConsent",
        "event_state": f"{DPV}{external}",
        "status": line.status,
    }


def _told(consent: Consent) -> Entry | None:
    """Give the line that says in which words somebody was asked last; None where none does."""
    lines = [line for line in consent.entries if line.wording_code is not None and not line.superseded]
    return lines[-1] if lines else consent.current
