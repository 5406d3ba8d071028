"""What an import's page says of its state and of its rows, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.case.imports.rules.planned import (
    CREATE,
    DUPLICATE,
    ENDED,
    HELD,
    POSSIBLE_CHILD,
    REFUSED,
    UNCHANGED,
    UPDATE,
)
from services.case.imports.rules.progress import (
    COMMITTING,
    DONE,
    EXPIRED,
    FAILED,
    PLANNED,
    PLANNING,
    UNDOING,
    UNDONE,
    WAITING,
)
from services.case.imports.rules.progress import REFUSED as FILE_REFUSED

DOES = "Bring in a file, see what it would do."
"""What one does on the page, for whoever begins there."""
DAILY = ("HOST_ADMIN", "HOST_DATA_LEAD")
"""To whom it comes up day by day."""

STATES: Mapping[str, tuple[str, str]] = {
    WAITING: ("Waiting", "wait"),
    PLANNING: ("Being looked through", "wait"),
    PLANNED: ("Waits for your decision", "wait"),
    COMMITTING: ("Being carried out", "wait"),
    DONE: ("Carried out", "good"),
    UNDOING: ("Being undone", "wait"),
    UNDONE: ("Undone", "plain"),
    EXPIRED: ("Plan expired", "plain"),
    FILE_REFUSED: ("Not taken", "bad"),
    FAILED: ("Stopped", "bad"),
}
"""A state's word and kind."""

WILLS: Mapping[str, tuple[str, str]] = {
    CREATE: ("New people", "A person and their support are added."),
    UPDATE: ("Changed", "Somebody known changes; what an empty cell leaves out stays as it is."),
    UNCHANGED: ("Unchanged", "Known already, exactly so."),
    POSSIBLE_CHILD: ("Possible children", "Not taken and not counted. An urgent task is open for each."),
    HELD: ("Set aside", "Somebody has to look at the row first."),
    REFUSED: ("To mend", "Not taken until the row is mended."),
    DUPLICATE: ("Twice in this file", "The same as an earlier row of this file."),
    ENDED: ("Consents that end", "A no, or a withdrawal, ends a yes of before. A no is taken whatever else is wrong."),
}
"""What rows will do, in the order in which a page shows it."""

DONE_WORDS: Mapping[str, str] = {
    "ACCEPTED": "New people",
    "CHANGED": "Changed",
    "UNCHANGED": "Unchanged",
    "POSSIBLE_CHILD": "Possible children, not taken",
    "HELD": "Set aside",
    "QUARANTINED": "To mend, not taken",
    "DUPLICATE": "Twice in the file",
}
"""What became of rows."""

CHANGES: Mapping[str, str] = {"consent": "consent", "gender": "gender", "referral_date": "day of referral"}

FIELDS: Mapping[str, str] = {
    "reference": "Own reference",
    "referral_date": "Day of referral",
    "age_at_referral": "Age at referral",
    "date_of_birth": "Birth date",
    "gender": "Gender",
    "nationality": "Nationality",
    "exploitation": "Exploitation",
    "nation": "Nation",
    "advocacy_area": "What advocacy is for",
    "consent": "Consent",
    "consent_date": "Day of consent",
    "consent_wording": "Words that were read out",
    "consent_language": "Language of consent",
    "consent_method": "How they were asked",
    "consent_private": "Asked in private",
    "consent_withdrawn": "Consent withdrawn",
}

SYSTEMS: Mapping[str, str] = {
    "standard": "Our suggested columns",
    "salesforce": "Salesforce",
    "salesforce_report": "Salesforce",
    "in-form": "In-Form",
    "lamplight": "Lamplight",
    "charitylog": "Charitylog",
    "charity_semicolon": "A charity's case system",
    "advicepro": "AdvicePro",
    "worker-sheet": "A worker's own sheet",
    "worker_spreadsheet": "A worker's own sheet",
}
"""Systems that come with the software, by the name under which their references are kept."""

WORKING: Mapping[str, str] = {
    WAITING: "The file waits for its turn.",
    PLANNING: "Every row is looked at, and nothing is changed. You will see here what the file would do.",
    COMMITTING: "The plan is carried out. Close this page if you like: it goes on, also after a restart.",
    UNDOING: "The import is being undone.",
}

PLAN_CHANGED = (
    "This is not the newest plan of the file. Nothing was carried out. Look at the newest plan below, then decide."
)
TOO_LATE_TO_UNDO = "This import cannot be undone any more: only one carried out within the last 24 hours can be."
WHICH_SYSTEM = (
    "Files of several systems come in here, and the same reference is another person in another system. Choose below "
    "which system this file comes from, or name a new one."
)
NOT_NOW = "This import is not waiting for a decision any more. This is how it stands now."


def system_words(source: str) -> str:
    """Name a system as people do; one that a host has named itself has that name."""
    return SYSTEMS.get(source, source)


def field_words(field: str) -> str:
    """Name a field."""
    return FIELDS.get(field, field.replace("_", " ").capitalize())


def change_words(change: str) -> str:
    """Name what changes of somebody."""
    return CHANGES.get(change, change.replace("_", " "))


def row_list(rows: Sequence[int], of: int | None = None) -> str:
    """Write row numbers as one reads them: "row 4" or "rows 4, 7 and 12 more"."""
    shown = ", ".join(f"{row:,}" for row in rows)
    more = max(0, (of if of is not None else len(rows)) - len(rows))
    noun = "row" if len(rows) == 1 and not more else "rows"
    return f"{noun} {shown} and {more:,} more" if more else f"{noun} {shown}"


def planned_rows(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Give what a plan counts, in the page's order; what no row does is left out, but for what everybody expects."""
    expected = (CREATE, UPDATE, UNCHANGED, REFUSED)
    return [
        {"will": will, "words": words, "meaning": meaning, "rows": counts.get(will, 0)}
        for will, (words, meaning) in WILLS.items()
        if counts.get(will) or will in expected
    ]


def done_rows(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Give what became of rows, in the page's order."""
    known = [(words, counts[kind]) for kind, words in DONE_WORDS.items() if counts.get(kind)]
    return known + [(kind.capitalize(), rows) for kind, rows in counts.items() if kind not in DONE_WORDS and rows]
