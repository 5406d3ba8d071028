"""Synthetic exports in the suggested layout, and what a host's statistics make of them; nobody in them exists."""

import json
import secrets

COLUMNS = (
    "Client Ref", "Referral Date", "Age At Referral", "Gender", "Nationality", "Exploitation Type", "Nation",
    "Advocacy Need", "Notes", "Statistics Consent", "Consent Date", "Consent Wording", "Consent Language",
    "Consent Method", "Private Setting",
)  # fmt: skip
WORDS = "syn-words"
TODAY_ISH = {"Referral Date": "02/10/2026", "Consent Date": "05/10/2026"}
ADULT = {
    **TODAY_ISH, "Age At Referral": "Adult (18 or over)", "Gender": "Female", "Nationality": "Albanian",
    "Exploitation Type": "Labour", "Nation": "England", "Statistics Consent": "Given", "Consent Wording": WORDS,
    "Consent Language": "sq", "Consent Method": "Interpreter", "Private Setting": "Yes",
}  # fmt: skip


def line(reference, columns=COLUMNS, **changes):
    """One row, its cells as they stand."""
    row = {"Client Ref": reference, **ADULT, **{name.replace("_", " "): value for name, value in changes.items()}}
    return ",".join(row.get(name, "") for name in columns)


def export(*lines, columns=COLUMNS, end="\n"):
    """A file of a header and these lines."""
    return (end.join([",".join(columns), *lines]) + end).encode()


def references(count):
    """References that no other test has; none is like another."""
    start = secrets.token_hex(5)
    return [f"SYN-{start}-{chr(ord('A') + n)}" for n in range(count)]


def episodes_of(place, report):
    """The episode of each row that an import took, by row."""
    found = place.database("case")["import_rows"].find({"import_id": report["id"]})
    return {row["row"]: row["episode_id"] for row in found if row["episode_id"]}


def left_out(place, episode_id):
    """What the gate said last of an episode: None while it is counted, else the reason."""
    place.pump()
    kept = place.database("consent")["episodes"].find_one({"_id": episode_id})
    latest = {}
    for event in place.stated("consent"):
        body = json.loads(event["body"])
        if body.get("contribution_id") == kept["contribution_id"]:
            latest = body if event["type"].endswith("facts_withheld.v1") else {"reason": None}
    return latest["reason"]


def tasks_of(place, report):
    """Rows of an import for which an urgent task was opened."""
    return sorted(task["row"] for task in place.database("case")["tasks"].find({"import_id": report["id"]}))


def open_data_tasks(place, role="HOST_DATA_LEAD"):
    """Every open task that a role sees; of a host that tests share there are more than a page has."""
    return place.every("/v1/data-tasks", role)


def listed(report):
    """Rows and codes of a report's problems."""
    return {(problem["row"], problem["code"]) for problem in report["problems"]}
