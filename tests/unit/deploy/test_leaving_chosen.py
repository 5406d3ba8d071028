"""What stands in the package of a host that leaves, and its tables."""

import pytest

from deploy.leaving.chosen import LEFT_OUT, chosen_of, left_out_of
from deploy.leaving.tables import TABLES, cell, columns_of, metadata
from shared.kernel.tenancy import TenantId, services_of
from shared.outbox.documents import Holds
from shared.runtime.rooms import service_of

HOST, SANDBOX = TenantId("alder"), TenantId("sandboxalder")


def every_collection(tenant):
    return {f"{service}.{one}" for service in services_of(tenant) for one in service_of(service).collections}


def test_every_collection_of_a_host_stands_in_it_or_says_why_not():
    """A new room is in the package, or this fails."""
    chosen = {one.name for one in chosen_of(HOST)}
    assert chosen | set(LEFT_OUT) == every_collection(HOST)
    assert not chosen & set(LEFT_OUT)
    assert all(len(why) > 20 for why in LEFT_OUT.values())


def test_of_a_sandbox_only_what_it_has():
    """It has no statistics."""
    assert not [one for one in chosen_of(SANDBOX) if one.service == "reporting"]
    assert not [name for name in left_out_of(SANDBOX) if name.startswith("reporting")]


def test_no_secret_stands_in_it():
    """No password, no key, no token: only four digests, each of which says something by itself."""
    secret = {
        f"{one.name}.{each.name}"
        for one in chosen_of(HOST)
        for each in one.fields
        if each.holds in (Holds.HASH, Holds.CIPHERTEXT)
    }
    assert secret == {
        "consent.permits.text_hash", "case.disclosures.text_hash", "audit.entries.actor_salt",
        "audit.entries.object_salt",
    }  # fmt: skip
    staff = next(one for one in chosen_of(HOST) if one.name == "identity.users")
    assert staff.names[:3] == ("id", "login", "name")
    assert not {"password", "login_sealed", "name_sealed"} & set(staff.names)


def test_whatever_is_closed_with_the_hosts_own_key_is_opened_in_it():
    """A new field of the kind is opened, or this fails: nothing of it is missing without a word."""
    closed = {
        f"{service}.{kind.collection}"
        for service in services_of(HOST)
        for kind in service_of(service).document_types
        if any(one.holds is Holds.CIPHERTEXT for one in kind.fields)
    }
    names = {one.name: one.names for one in chosen_of(HOST)}
    assert {name: names[name][1:6] for name in closed - set(LEFT_OUT)} == {
        "identity.users": ("login", "name", *names["identity.users"][3:6]),
        "case.interpreters": ("name", "dialects", "agency", "communities", "ties"),
        "audit.unusual_findings": ("closings", *names["audit.unusual_findings"][2:6]),
    }


def test_whatever_names_a_survivor_in_a_copy_stands_in_it():
    """What one person may see of themself, their host may take along."""
    names = {one.name for one in chosen_of(HOST)}
    assert {
        "case.survivors", "case.episodes", "case.contacts", "case.goals", "case.nrm_entries", "case.rights_cases",
        "case.restrictions", "case.visits", "case.disclosures", "consent.consents", "consent.wordings", "audit.entries",
    } <= names  # fmt: skip


def test_each_name_stands_once_in_a_line():
    """Also where a document keeps an id beside the one that it is kept under."""
    for one in chosen_of(HOST):
        assert len(set(one.names)) == len(one.names), one.name
    tasks = next(one for one in chosen_of(HOST) if one.name == "reporting.tasks")
    assert tasks.names[:3] == ("id", "own_id", "period")


def test_people_and_episodes_come_first():
    """Others name them, and whose an entry of an episode is follows from it."""
    assert [one.name for one in chosen_of(HOST)][:2] == ["case.survivors", "case.episodes"]


def test_each_column_of_a_table_is_a_field_of_its_lines():
    """A field that is renamed is missed here."""
    names = {one.name: set(one.names) for one in chosen_of(HOST)}
    for table in TABLES:
        assert set(columns_of(table)) <= names[table]


def test_the_tables_are_described():
    """Each with its key, and with what it refers to."""
    tables = {one["url"]: one["tableSchema"] for one in metadata()["tables"]}
    assert len(tables) == len(TABLES)
    contacts = tables["tables/case.contacts.csv"]
    assert contacts["primaryKey"] == "id"
    assert contacts["foreignKeys"][0] == {
        "columnReference": "survivor_id",
        "reference": {"resource": "tables/case.survivors.csv", "columnReference": "id"},
    }
    (areas,) = [column for column in contacts["columns"] if column["name"] == "areas"]
    assert areas["separator"] == ";"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""), (True, "true"), (False, "false"), (0, "0"), ("", ""), ("Zlatan", "Zlatan"), (["A", "B"], "A;B"),
        ([], ""), ("=1+1", "'=1+1"), ("+44", "'+44"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"), ("\rx", "'\rx"),
        (["=x"], "'=x"),
    ],
)  # fmt: skip
def test_no_cell_is_run_as_a_formula(value, said):
    """Whatever it begins with."""
    assert cell(value) == said
