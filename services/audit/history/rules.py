"""Which actions only look at something and which change it, and an action in words; pure.

Promise: an action that nobody classed counts as a change, so that nothing that changed is missing from the changes.
Shown by tests/unit/audit/test_history_rules.py, and by tests/integration/audit/test_audit_history.py for every route.
"""

import re

LOOKED, CHANGED, REFUSED = "LOOKED", "CHANGED", "REFUSED"
KINDS = (LOOKED, CHANGED, REFUSED)
_LOOKS = frozenset({
    "read", "list", "search", "preview", "prove", "drafts", "provenance", "advocates", "export",
    "corrections", "references", "rows", "states", "scores", "attempts", "deliveries", "scopes", "check",
})  # fmt: skip
LOOKS = re.compile(rf":(list-[a-z-]+|to-[a-z-]+|{'|'.join(sorted(map(re.escape, _LOOKS)))})$")
"""Fits an action that only shows something."""


def kind_of(action: str, outcome: str) -> str:
    """Say what an entry is: a refusal, a look or a change."""
    if outcome == REFUSED:
        return REFUSED
    return LOOKED if LOOKS.search(action) else CHANGED


def words_of(action: str) -> str:
    """Give an action in words, such as ``Survivor: read``."""
    subject, _, verb = action.partition(":")[2].partition(":")
    if not verb:
        return action
    return f"{subject.replace('_', ' ').replace('-', ' ').capitalize()}: {verb.replace('_', ' ').replace('-', ' ')}"
