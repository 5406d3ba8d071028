"""Which actions only look at something and which change it, and an action in words; pure.

Promise: an action that nobody classed counts as a change, so that nothing that changed is missing from the changes.
Shown by tests/unit/audit/test_history_rules.py, and by tests/integration/audit/test_audit_history.py for every route.
"""

import re
from collections.abc import Mapping

LOOKED, CHANGED, REFUSED = "LOOKED", "CHANGED", "REFUSED"
KINDS = (LOOKED, CHANGED, REFUSED)
_LOOKS = frozenset({
    "read", "list", "search", "preview", "prove", "drafts", "provenance", "advocates", "export",
    "corrections", "references", "rows", "states", "scores", "attempts", "deliveries", "scopes", "check", "deadlines",
    "policy", "read-limit", "read-move", "read-opened", "read-record", "read-part", "read-document", "changes", "now",
})  # fmt: skip
LOOKS = re.compile(rf":(list-[a-z-]+|to-[a-z-]+|{'|'.join(sorted(map(re.escape, _LOOKS)))})$")
"""Fits an action that only shows something."""


def kind_of(action: str, outcome: str) -> str:
    """Say what an entry is: a refusal, a look or a change."""
    if outcome == REFUSED:
        return REFUSED
    return LOOKED if LOOKS.search(action) else CHANGED


ACTORS = {
    "system": "The program itself",
    "job": "The program itself",
    "refused": "Not recorded",
    "unknown": "Not known",
}
"""Who is not a person or a machine with an id, in words."""
OBJECTS = {
    "list": "A list of many",
    "erased": "Somebody who was erased",
    "refused": "Not recorded: they may open nothing of this kind",
    "unknown": "Something that is not there",
}
"""What stands where a record's id would, in words."""
ROLES_IN_WORDS = {"SYSTEM": "By itself", "CONSENT": "Ledger of consents", "IMPORT": "From a file"}
"""Roles in which no person signs in, in words."""
_RECORD_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def is_record_id(text: str) -> bool:
    """Whether a text is the id of one record or person, so that to look for it finds what was done to it alone."""
    return _RECORD_ID.fullmatch(text) is not None


def plain_words(code: str, known: Mapping[str, str]) -> str:
    """Give what stands where an id would in words; a code that is not known reads as a word."""
    return known.get(code) or re.sub(r"[_-]+", " ", code).strip().capitalize() or code


def words_of(action: str) -> str:
    """Give an action in words, such as ``Survivor: read``."""
    subject, _, verb = action.partition(":")[2].partition(":")
    if not verb:
        return action
    return f"{subject.replace('_', ' ').replace('-', ' ').capitalize()}: {verb.replace('_', ' ').replace('-', ' ')}"
