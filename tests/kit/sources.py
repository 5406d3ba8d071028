"""Sources of a host in tests: a mapping whose columns are field names, invented records, and the job with its way out."""

from datetime import timedelta

from services.case.sources.jobs import SourcesJob
from shared.kernel.clock import real_now
from tests.kit.salesforce import CLIENT, SETTINGS

PROFILE = """format: 1
id: {name}
title: Invented Salesforce
version: 1
source: {name}
columns:
  Id: reference
  Age__c: age_at_referral
  Gender__c: gender
  Nationality__c: nationality
  Exploitation__c: exploitation
  Referred__c: referral_date
  Nation__c: nation
  Consent__c: consent
  Consent_Date__c: consent_date
  Consent_Wording__c: consent_wording
  Consent_Language__c: consent_language
  Consent_Method__c: consent_method
  Consent_Private__c: consent_private
"""
FIELDS = [line.split(":")[0].strip() for line in PROFILE.splitlines() if line.startswith("  ")]


def person(reference, *, deleted=False, **values):
    """An adult who said yes, as the stand-in keeps them."""
    return {
        "Id": reference, "IsDeleted": deleted, "Age__c": 31, "Gender__c": "Female", "Nationality__c": "Albanian",
        "Exploitation__c": "Labour", "Referred__c": "2026-10-02", "Nation__c": "England", "Consent__c": "Given",
        "Consent_Date__c": "2026-10-05", "Consent_Wording__c": "syn-words", "Consent_Language__c": "sq",
        "Consent_Method__c": "Interpreter", "Consent_Private__c": True, **values,
    }  # fmt: skip


def approve(place, name):
    """Let a host use a mapping of this name."""
    proposed = place.post("/v1/import-profiles", {"text": PROFILE.format(name=name)}, "HOST_DATA_LEAD")
    assert proposed.status_code == 201, proposed.json
    path = f"/v1/import-profiles/{proposed.json['id']}/approve"
    assert place.post(path, {}, "HOST_ADMIN", If_Match='"1"').status_code == 200


def add(place, name, role="HOST_DATA_LEAD", **values):
    """Add a Salesforce source that is read by the mapping of its own name; gives its id."""
    body = {"name": name, "kind": "salesforce", "profile": name, **SETTINGS, "credentials": CLIENT, **values}
    answer = place.post("/v1/sources", body, role)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def shown(place, source_id, role="HOST_DPO"):
    """A source as its people see it."""
    return place.get(f"/v1/sources/{source_id}", role).json


def later(seconds):
    """A clock of leases that is so far ahead."""
    return lambda: real_now() + timedelta(seconds=seconds)


def pull(place, source_id, adapter=None, **options):
    """Ask for a source by hand, let the job read it, and give how it stands."""
    answer = place.post(f"/v1/sources/{source_id}/pull", {}, "HOST_DATA_LEAD")
    assert answer.status_code == 202, answer.json
    run(place, adapter, **options)
    return shown(place, source_id)


def run(place, adapter=None, **options):
    """Let the job look once at every source."""
    SourcesJob(place.contexts["case"], adapter=adapter, **options).run()


def planned(place, source):
    """Let the import of a source be planned, and give its report."""
    place.run_imports()
    return place.get(f"/v1/imports/{source['last_import_id']}", "HOST_DATA_LEAD").json
