"""A law centre brings 1,212 rows of AdvicePro: everybody is accounted for, nobody is counted, and it can be undone."""

import csv
import io
import secrets

import pytest

from tests.kit.import_files import tasks_of
from tests.kit.tenant_place import TenantPlace

HEADER = (
    "Case Ref", "Client Ref", "Opened", "Closed", "Age", "Gender", "Nationality", "Exploitation", "Matter 1", "Matter 2",
    "Funder", "Outcome", "Notes", "Statistics consent", "Statistics consent date",
)  # fmt: skip
NEW, AGAIN, TO_MEND, CHILDREN = 1_150, 40, 15, 7
SECRETS = ("Planted", "HYPERLINK", "1,200", "Family law", "na\u00efve")
MATTERS = ("Housing - homelessness", "Immigration - trafficking", "Welfare benefits - general", "Debt - general")
MAPPING = """format: 1
id: law-centre
source: advicepro
constants: {nation: ENGLAND}
columns:
  Client Ref: reference
  Opened: {field: referral_date, order: day-first}
  Age: age_at_referral
  Gender: gender
  Nationality: nationality
  Exploitation: {field: exploitation, separator: ","}
  Matter 1:
    field: advocacy_area
    words: {Housing - homelessness: HOUSING, Immigration - trafficking: IMMIGRATION,
            Welfare benefits - general: WELFARE_BENEFITS, Debt - general: MONEY_AND_DEBT}
  Statistics consent: consent
  Statistics consent date: {field: consent_date, order: day-first}
not_known: [N/K]
drop: [Case Ref, Closed, Matter 2, Funder, Outcome, Notes]
"""


@pytest.fixture(scope="module")
def law_centre(engines, tmp_path_factory):
    """A host of its own: more than a thousand people would slow every other test of a shared one."""
    place = TenantPlace(engines, tmp_path_factory.mktemp("law-centre"))
    yield place
    place.close()


@pytest.fixture(scope="module")
def lines():
    """The file's rows as the law centre has them: a pound sign, dashes, quotes and formulas among its notes."""
    mark = secrets.token_hex(3)

    def row(number, **said):
        return {
            "Case Ref": f"2026/{number:06}", "Client Ref": f"{mark}-{number:05}", "Opened": f"{number % 27 + 1:02}/07/2026",
            "Age": "31", "Gender": ("Female", "Male", "N/K")[number % 3], "Nationality": ("Albanian", "Vietnamese")[number % 2],
            "Exploitation": ("Labour", "Labour, Domestic")[number % 2], "Matter 1": MATTERS[number % 4],
            "Matter 2": "Family law", "Funder": "IMSA Pilot", "Outcome": "£1,200.00 “won”",
            "Notes": '=HYPERLINK("x") Planted-note; naïve', "Statistics consent": "Yes",
            "Statistics consent date": "01/08/2026", **said,
        }  # fmt: skip

    fresh = [row(number) for number in range(NEW)]
    wrong = ({"Opened": "31/02/2026"}, {"Opened": "soon"}, {"Exploitation": "Planted-kind"}, {"Gender": "Planted-word"})
    mend = [row(NEW + number, **wrong[number % 4]) for number in range(TO_MEND)]
    children = [row(NEW + TO_MEND + number, Age="16") for number in range(CHILDREN)]
    return [*fresh, *fresh[:AGAIN], *mend, *children]


def written(lines):
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().encode("cp1252")


@pytest.fixture(scope="module")
def content(lines):
    return written(lines)


def counts(report):
    return {name: count for name, count in report["counts"].items() if count}


def people(place):
    return place.database("case")["survivors"].count_documents({})


def everything_kept(place):
    """All that every service of the host keeps of it in its databases, as text."""
    return str([
        list(place.database(service)[name].find())
        for service in ("case", "consent", "audit", "reporting", "strongroom")
        for name in place.database(service).list_collection_names()
    ])  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_from_the_dry_run_to_the_undoing(law_centre, content):
    """A plan makes nobody, a commit carries out exactly it, the file again changes nothing; within a day it is undone.

    Nobody is counted: "Yes" in a column is no permission. What is to be mended is named by its row, a possible child is
    somebody's urgent task, and neither notes nor formulas nor money of the file stand in any database afterwards.
    """
    made = law_centre.post("/v1/import-profiles", {"text": MAPPING}, "HOST_DATA_LEAD")
    assert made.status_code == 201, made.json
    approval = f"/v1/import-profiles/{made.json['id']}/approve"
    assert law_centre.post(approval, {}, "HOST_ADMIN", If_Match='"1"').status_code == 200

    plan = law_centre.plan(content, query="?profile=law-centre")
    assert (plan["state"], people(law_centre)) == ("PLANNED", 0)
    report = law_centre.commit(plan)
    assert counts(report) == {"ACCEPTED": NEW, "DUPLICATE": AGAIN, "QUARANTINED": TO_MEND, "POSSIBLE_CHILD": CHILDREN}
    first, last = 2 + NEW + AGAIN, 2 + NEW + AGAIN + TO_MEND
    told = {problem["row"]: problem["code"] for problem in report["problems"]}
    assert told == {
        **{row: "date" if (row - first) % 4 < 2 else "unknown-code" for row in range(first, last)},
        **dict.fromkeys(range(last, last + CHILDREN), "possible-child"),
    }
    assert tasks_of(law_centre, report) == list(range(last, last + CHILDREN))

    law_centre.pump()
    stated = [one["versions"][-1] for one in law_centre.database("reporting")["contributions"].find()]
    assert [(one["state"], one["reason"]) for one in stated] == [("WITHHELD", "RECONFIRM_REQUIRED")] * NEW
    kept = everything_kept(law_centre)
    assert [word for word in SECRETS if word in kept] == []

    again = law_centre.commit(law_centre.plan(content, query="?profile=law-centre"))
    assert counts(again) == {"UNCHANGED": NEW, "DUPLICATE": AGAIN, "QUARANTINED": TO_MEND, "POSSIBLE_CHILD": CHILDREN}
    assert people(law_centre) == NEW
    undone = law_centre.undo(report)
    assert (undone["state"], undone["undone"], undone["left_rows"]) == ("UNDONE", NEW + TO_MEND + CHILDREN, [])
    episodes = law_centre.database("case")["episodes"]
    assert episodes.count_documents({"status": "CLOSED", "recorded_in_error": True}) == NEW
