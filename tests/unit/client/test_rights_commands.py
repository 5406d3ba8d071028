"""The commands of rights, requests from outside, erasures and breaches: what each asks of the API, in codes alone."""

import pytest
from typer.testing import CliRunner

from client import breaches, copies, erase, information, restrictions, rights
from client.main import app

ID, SURVIVOR = "3f1c0000-0000-4000-8000-000000000000", "4a1c0000-0000-4000-8000-000000000000"
CASE, REQUEST, BREACH = f"/v1/rights-cases/{ID}", f"/v1/information-requests/{ID}", f"/v1/breaches/{ID}"
ERASURE = f"/v1/person-erasures/{ID}"
ASKED = [
    ("rights take --survivor S --kind ACCESS --channel LETTER --received-on 2026-10-31", "/v1/rights-cases",
     {"survivor_id": "S", "kind": "ACCESS", "channel": "LETTER", "received_on": "2026-10-31"}),
    (f"rights acknowledge {ID} --told SAFE_CONTACT", f"{CASE}/acknowledge", {"told": "SAFE_CONTACT"}),
    (f"rights stop-clock {ID} --why IDENTITY", f"{CASE}/stop-clock", {"why": "IDENTITY"}),
    (f"rights resume-clock {ID}", f"{CASE}/resume-clock", {}),
    (f"rights extend {ID} --why COMPLEX", f"{CASE}/extend", {"why": "COMPLEX"}),
    (f"rights decide {ID} --outcome REFUSED --told SAFE_CONTACT --refusal EXCESSIVE --ico-route-told", f"{CASE}/decide",
     {"outcome": "REFUSED", "told": "SAFE_CONTACT", "refusals": ["EXCESSIVE"], "ico_route_told": True}),
    (f"restrictions begin {ID} --ground ACCURACY --told SAFE_CONTACT", f"{CASE}/restriction",
     {"ground": "ACCURACY", "told": "SAFE_CONTACT"}),
    (f"restrictions lift {ID} --why CHECKED --told SAFE_CONTACT --told-on 2026-11-06", f"/v1/restrictions/{ID}/lift",
     {"why": "CHECKED", "told": "SAFE_CONTACT", "told_on": "2026-11-06", "untold": None}),
    (f"restrictions lift {ID} --why THEY_ASKED --untold NO_SAFE_WAY", f"/v1/restrictions/{ID}/lift",
     {"why": "THEY_ASKED", "told": None, "told_on": None, "untold": "NO_SAFE_WAY"}),
    (f"copies collect {ID}", f"{CASE}/copy", {}),
    (f"copies collect-part {ID} --party consent", f"{CASE}/copy/parts/consent/collect", {}),
    (f"copies safe-to-send {ID} --way-confirmed --not-forced", f"{CASE}/copy/safe-to-send",
     {"way_confirmed": True, "not_forced": True, "safe_to_keep": False}),
    (f"copies give {ID} --how SAFE_CONTACT", f"{CASE}/copy/give", {"how": "SAFE_CONTACT"}),
    (f"erase ask {ID} --told SAFE_CONTACT --looked-for-holds", f"{CASE}/erasure",
     {"told": "SAFE_CONTACT", "looked_for_holds": True, "holds": []}),
    (f"erase confirm {ID} --for-ever", f"{ERASURE}/confirm", {}),
    (f"erase take-back {ID}", f"{ERASURE}/take-back", {}),
    (f"erase backups-closed {ID}", f"{ERASURE}/backups-closed", {}),
    ("information take --asked-by CORONER", "/v1/information-requests", {"asked_by": "CORONER", "survivor_id": None}),
    (f"information judge {ID} --necessary MET --legal-power COURT_ORDER --counsel-on 2026-11-01", f"{REQUEST}/judge",
     {"necessary": "MET", "legal_power": "COURT_ORDER", "counsel_on": "2026-11-01"}),
    (f"information notice {ID} --told TOLD_IN_PRIVATE", f"{REQUEST}/notice", {"notice": "TOLD_IN_PRIVATE"}),
    (f"information answer {ID} --outcome REFUSED --refusal NO_POWER", f"{REQUEST}/answer",
     {"outcome": "REFUSED", "refusals": ["NO_POWER"], "left": []}),
    ("breaches take --kind OTHER --content CONTACT", "/v1/breaches",
     {"kind": "OTHER", "contents": ["CONTACT"], "aware_at": None}),
    ("breaches take --kind OTHER --aware-at 2026-11-06T17:30+01:00", "/v1/breaches",
     {"kind": "OTHER", "contents": [], "aware_at": "2026-11-06T17:30:00+01:00"}),
    (f"breaches judge {ID} --risk HIGH --content CONTACT", f"{BREACH}/judge", {"risk": "HIGH", "contents": ["CONTACT"]}),
    (f"breaches people {ID} --survivor {SURVIVOR}", f"{BREACH}/people", {"survivor_ids": [SURVIVOR]}),
    (f"breaches told {ID} --survivor {SURVIVOR} --how TOLD_IN_PRIVATE", f"{BREACH}/told",
     {"survivor_id": SURVIVOR, "told": "TOLD_IN_PRIVATE"}),
    (f"breaches report {ID} --also POLICE", f"{BREACH}/report",
     {"reported_at": None, "late": None, "also_told": ["POLICE"]}),
    (f"breaches report {ID} --reported-at 2026-11-06T17:30Z", f"{BREACH}/report",
     {"reported_at": "2026-11-06T17:30:00+00:00", "late": None, "also_told": []}),
    (f"breaches close {ID} --remedy TAUGHT", f"{BREACH}/close", {"remedies": ["TAUGHT"]}),
]  # fmt: skip


class Api:
    """Stands for a host's API; keeps what it was told."""

    def __init__(self):
        self.told = []

    def get(self, path):
        return {"version": 7, "steps": [], "judged": {}, "touched": [], "remains": []}

    def items(self, path, **filters):
        return []

    def post(self, path, body, *, version=None):
        self.told.append((path, body, version))
        return {
            "id": ID,
            "version": 8,
            "due_on": "2026-12-01",
            "outcome": "REFUSED",
            "ico_due_at": "2026-12-01T00:00:00Z",
        }


@pytest.fixture
def api(monkeypatch):
    one = Api()
    for module in (breaches, copies, erase, information, restrictions, rights):
        monkeypatch.setattr(module, "host_client", lambda _tenant, _name: one)
    return one


@pytest.mark.parametrize(("typed", "path", "body"), ASKED, ids=[typed for typed, _, _ in ASKED])
def test_a_command_asks_for_what_it_says(api, typed, path, body):
    """With the version that it read, where something is changed."""
    done = CliRunner().invoke(app, [*typed.split(), "-t", "alder"])
    assert done.exit_code == 0, done.output
    assert api.told == [(path, body, None if path.count("/") == 2 else 7)]


@pytest.mark.parametrize(
    "typed",
    [
        "rights list",
        "rights overdue",
        "erase waiting",
        "information list",
        "breaches list",
        "restrictions list",
        "restrictions opened",
    ],
)
def test_a_list_without_anybody_says_so(api, typed):
    """In a sentence, and for machines as an empty list."""
    assert CliRunner().invoke(app, [*typed.split(), "-t", "alder"]).exit_code == 0
    assert '"items": []' in CliRunner().invoke(app, [*typed.split(), "-t", "alder", "-o", "json"]).output


@pytest.mark.parametrize("name", ["rights show", "erase certificate", "information show", "breaches show"])
def test_one_is_shown(api, name):
    """Also where it has nothing to tell yet."""
    assert CliRunner().invoke(app, [*name.split(), ID, "-t", "alder"]).exit_code == 0


def test_an_erasure_is_confirmed_knowingly(api):
    """Nothing is asked for without the word that it is for ever."""
    assert CliRunner().invoke(app, ["erase", "confirm", ID, "-t", "alder"]).exit_code != 0
    assert api.told == []
