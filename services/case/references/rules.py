"""One record that a system tells of by its own reference, as the one row of a file: pure.

Promise: a record means what the same row of a file means, word for word, since the same rules read both. Shown by
tests/integration/case/test_by_reference.py.
"""

from collections.abc import Mapping
from datetime import date

from services.case.imports.rules.settling import Outcome
from services.case.imports.rules.table import WITHDRAWN, Line, Table
from services.case.imports.rules.verdicts import Verdict, judge_table

CREATED, CHANGED, UNCHANGED, HELD, POSSIBLE_CHILD = "CREATED", "CHANGED", "UNCHANGED", "HELD", "POSSIBLE_CHILD"
OUTCOMES = (CREATED, CHANGED, UNCHANGED, HELD, POSSIBLE_CHILD)
"""What can become of a record."""

PROFILE = "by-reference"
"""What stands for the columns of a file in the history of imports."""

FIELDS = (
    "referral_date",
    "age_at_referral",
    "gender",
    "nationality",
    "exploitation",
    "nation",
    "advocacy_area",
    "consent",
    "consent_date",
    "consent_wording",
    "consent_language",
    "consent_method",
    "consent_private",
    WITHDRAWN,
)
"""What a record may say beside its reference, by the names that mapping profiles use."""

_TAKEN = {"ACCEPTED": CREATED, "CHANGED": CHANGED, "UNCHANGED": UNCHANGED, "POSSIBLE_CHILD": POSSIBLE_CHILD}
_STATUSES = {CREATED: 201, CHANGED: 200, UNCHANGED: 200}
_HEARD = 202


def judged(reference: str, record: Mapping[str, str], *, today: date) -> Verdict:
    """Judge a record; what it does not say is an empty cell.

    Args:
        reference: As its system has it.
        record: What it says, by the names in ``FIELDS``.
        today: The business day; a date after it is refused.
    """
    table = Table(
        profile=PROFILE,
        fields=("reference", *FIELDS),
        lines=(Line(1, (reference, *(record.get(name, "") for name in FIELDS))),),
        encoding="utf-8",
        header_row=0,
    )
    return next(judge_table(table, today=today))


def outcome_of(outcome: Outcome) -> str:
    """Give what became of a record, as the API says it: whatever was not taken is held for a person."""
    return _TAKEN.get(outcome.kind, HELD)


def status_of(said: str) -> int:
    """Give the HTTP status: 202 where what protects the person was heard, and the rest was not taken."""
    return _STATUSES.get(said, _HEARD)
