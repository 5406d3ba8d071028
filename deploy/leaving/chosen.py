"""What stands in the package of a host that leaves, and what does not, with the reason.

Promise: every collection of every service of a host stands in the package or in ``LEFT_OUT``, each field of it but
secrets and digests; so a new collection is in it or says why not. Shown by tests/unit/deploy/test_leaving_chosen.py.
Source: ADR 0071.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deploy.leaving.opened import OPENED
from shared.kernel.tenancy import TenantId, services_of
from shared.outbox.documents import Field, Holds
from shared.runtime.rooms import service_of

_AGAIN = "it follows from what stands in the package, and whoever imports that makes it again"
_KEYS = "keys, searches or counters of this system, by which nothing can be read elsewhere"
_LINKED = "how other systems are connected here; they are connected again elsewhere"
_IN_LOG = "the signed log itself, which lies in the folder audit-log as anybody can verify it"
_RANDOM = "random ids for statistics, which by their purpose meet nobody; they follow from episodes and consents"
_COPY = "a copy for one person, which ends after 31 days and is collected again"
LEFT_OUT: Mapping[str, str] = {
    "identity.failures": _KEYS,
    "identity.sign_ins": _KEYS,
    "identity.enrolments": _KEYS,
    "identity.administration": _KEYS,
    "identity.machines": _LINKED,
    "identity.machine_uses": _LINKED,
    "case.staff": _AGAIN,
    "case.survivor_marks": _KEYS,
    "case.survivor_mark_keys": _KEYS,
    "case.survivor_searches": _KEYS,
    "case.import_turns": _KEYS,
    "case.import_changes": "what an undo puts back for a time; what it is about is in the record itself",
    "case.sources": _LINKED,
    "case.source_roll": _LINKED,
    "case.tellings": _KEYS,
    "case.emergency_tries": _KEYS,
    "case.access_copies": _COPY,
    "case.access_parts": _COPY,
    "case.leavings": "who asked for this package; it stands in the audit log",
    "consent.people": _AGAIN,
    "consent.episodes": _RANDOM,
    "consent.consent_drafts": "a conversation that is not finished opens in its writer's own session alone",
    "audit.erased": _KEYS,
    "audit.batches": _IN_LOG,
    "audit.waiting": _IN_LOG,
    "audit.stretches": _IN_LOG,
    "audit.tiles": _IN_LOG,
    "audit.heads": _IN_LOG,
    "audit.checkpoints": _IN_LOG,
    "audit.public_keys": _IN_LOG,
    "audit.people": _AGAIN,
    "audit.things": _AGAIN,
    "audit.unusual_passes": _KEYS,
    "audit.witnesses": _IN_LOG,
    "audit.witness_days": _IN_LOG,
    "audit.cosignatures": _IN_LOG,
    "reporting.contributions": _RANDOM,
    "integrations.events": _AGAIN,
    "integrations.states": _AGAIN,
    "integrations.positions": _KEYS,
    "integrations.erased": _KEYS,
    "integrations.stopped": _AGAIN,
    "integrations.restricted": _AGAIN,
    "integrations.consumers": _LINKED,
    "integrations.consumer_roll": _LINKED,
    "integrations.webhooks": _LINKED,
    "integrations.webhook_deliveries": _LINKED,
    "integrations.webhook_attempts": _LINKED,
    "integrations.webhook_roll": _LINKED,
    "integrations.event_queues": _LINKED,
    "integrations.event_queue_roll": _LINKED,
}
"""Collections that are in no package, and why."""
ALL_THE_SAME = frozenset(
    {"consent.permits.text_hash", "case.disclosures.text_hash", "audit.entries.actor_salt", "audit.entries.object_salt"}
)
"""Digests that say something by themselves: of the words that were read out; and what opens the leaves of the log."""
REFERS: Mapping[str, str] = {
    "survivor_id": "case.survivors",
    "episode_id": "case.episodes",
    "goal_id": "case.goals",
    "contact_id": "case.contacts",
    "rights_case_id": "case.rights_cases",
}
"""What a field of this name names the id of."""

_NEVER = frozenset({Holds.HASH, Holds.CIPHERTEXT})


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """One collection of the package.

    Attributes:
        fields: In their order; ``id`` stands before them.
        sealed: Which of them are kept closed with the survivor's own key.
    """

    service: str
    collection: str
    fields: tuple[Field, ...]

    @property
    def name(self) -> str:
        """As the package names it."""
        return f"{self.service}.{self.collection}"

    @property
    def sealed(self) -> tuple[str, ...]:
        """Which fields are kept closed with the survivor's own key."""
        return tuple(one.name for one in self.fields if one.sealed)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that stand in each line, in their order."""
        return ("id", *OPENED.get(self.name, ()), *(shown_as(one) for one in self.fields))


def shown_as(one: Field) -> str:
    """Name a field as its line does; ``id`` is what the document itself is kept under."""
    return "own_id" if one.name == "id" else one.name


def chosen_of(tenant: TenantId) -> list[Chosen]:
    """Give what stands in the package of a host; people and episodes come first, since others name them."""
    found = [one for service in services_of(tenant) for one in _of_service(service)]
    targets = list(REFERS.values())
    return sorted(
        found, key=lambda one: (one.name not in targets, targets.index(one.name) if one.name in targets else 0)
    )


def left_out_of(tenant: TenantId) -> dict[str, str]:
    """Give what does not, and why, of the services that the host has."""
    here = services_of(tenant)
    return {name: why for name, why in LEFT_OUT.items() if name.partition(".")[0] in here}


def _of_service(service: str) -> Sequence[Chosen]:
    fields: dict[str, dict[str, Field]] = {}
    for kind in service_of(service).document_types:
        known = fields.setdefault(kind.collection, {})
        known |= {one.name: one for one in kind.fields if _goes_out(f"{service}.{kind.collection}", one)}
    return [
        Chosen(service=service, collection=collection, fields=tuple(known.values()))
        for collection, known in fields.items()
        if f"{service}.{collection}" not in LEFT_OUT
    ]


def _goes_out(collection: str, one: Field) -> bool:
    return one.holds not in _NEVER or f"{collection}.{one.name}" in ALL_THE_SAME
