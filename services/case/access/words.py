"""The copy's own words; plain enough for whoever reads English slowly."""

from collections.abc import Mapping

TITLE = "What is kept about you"
NOTHING_HELD = "Nothing about you is kept here."
PARTS: Mapping[str, str] = {
    "case": "Your record",
    "consent": "What you decided, and what may be shared",
    "audit": "Who saw your record",
    "integrations": "What other systems of the organisation may learn",
    "reporting": "What may be counted, without your name",
}
"""What each part is, for the person."""
_IF_NOT_CONTENT = (
    "If you are not content with this answer, you can complain here, and you can go to the Information Commissioner's "
    "Office at ico.org.uk, or telephone 0303 123 1113. It costs nothing."
)
NOTES = (
    "You asked to see what is kept about you. This is your copy.",
    "If something is wrong, say so: you have the right to have it put right.",
    _IF_NOT_CONTENT,
    "Keep this paper where nobody finds it whom you do not trust. You may leave it with us instead.",
)
