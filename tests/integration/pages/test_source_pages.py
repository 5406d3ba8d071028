"""The pages of sources."""

import pytest

from tests.kit.page_browser import audited, fields_of, words
from tests.kit.salesforce import CLIENT, HOST, salesforce
from tests.kit.sources import FIELDS, PROFILE, person, run

PAGE = "/sources"


@pytest.fixture
def host(host):
    for name in ("sources", "source_roll", "import_profiles"):
        host.database("case")[name].delete_many({})
    return host


@pytest.fixture
def added(host):
    """A Salesforce that the data lead added on the page, with a mapping of its own; gives its address."""
    host.login("HOST_DATA_LEAD")
    text = PROFILE.format(name="crm")
    mapping = host.post("/v1/import-profiles", {"text": text}, "HOST_DATA_LEAD").json["id"]
    host.post(f"/v1/import-profiles/{mapping}/approve", {}, "HOST_ADMIN", If_Match='"1"')
    lead = host.browser("HOST_DATA_LEAD")
    target = f"{PAGE}/add/salesforce"
    page = lead.get(target).text
    assert "crm: Invented Salesforce" in words(page)
    assert "standard" not in words(page)
    form = fields_of(page, target)
    said = {"name": "crm", "profile": "crm", "host": HOST, "object": "Case__c", "sign_in": "client_credentials"}
    refused = lead.post(target, **form, **said, consumer_key=CLIENT["consumer_key"])
    assert (refused.status_code, "There is a problem" in words(refused.text)) == (422, True)
    assert CLIENT["consumer_key"] not in refused.text
    assert HOST in refused.text
    form = fields_of(refused.text, target)
    done = lead.post(target, **form, **said, **CLIENT)
    assert done.headers["Location"] == PAGE
    source_id = host.database("case")["sources"].find_one()["_id"]
    return host, lead, f"{PAGE}/{source_id}"


def send(browser, address, verb, **said):
    page = browser.get(address).text
    return browser.post(f"{address}/{verb}", **fields_of(page, f"{address}/{verb}"), **said)


def test_from_adding_to_its_plan(added, tmp_path):
    """Added, tried out, read, and looked at; no credential stands on any page."""
    host, lead, address = added
    with salesforce(tmp_path, [person("R-1"), person("R-2", deleted=True)], FIELDS) as there:
        for verb, said in (("test", "it works."), ("pull", "2 records, 1 of them deleted there.")):
            assert send(lead, address, verb).headers["Location"] == address
            assert "It is about to be" in words(lead.get(address).text)
            run(host, there.adapter())
            shown = lead.get(address)
            assert not any(secret in shown.text for secret in CLIENT.values())
            assert said in words(shown.text), words(shown.text)
        assert "2 records, 1 of them deleted there." in words(lead.get(PAGE).text)
    source = host.database("case")["sources"].find_one()
    assert f'href="/imports/{source["last_import_id"]}"' in lead.get(address).text
    host.run_imports()
    assert lead.get(f"/imports/{source['last_import_id']}").status_code == 200
    done = audited(host, "case", action="case:source:pull", actor_id=host.people["HOST_DATA_LEAD"])
    assert len(done) == 1


def test_what_is_wrong_stands_on_both_pages(added, tmp_path):
    """With what to do; a source paused says so."""
    host, lead, address = added
    with salesforce(tmp_path, [], FIELDS[:-1]) as there:
        send(lead, address, "pull")
        run(host, there.adapter())
    for page in (PAGE, address, "/host/connection"):
        shown = words(lead.get(page).text)
        assert f"any more, or does not show them to this user: {FIELDS[-1]}." in shown
        assert "What to do:" in shown
    assert send(lead, address, "pause").headers["Location"] == address
    assert "Paused" in words(lead.get(PAGE).text)
    assert "Read it now" not in words(lead.get(address).text)


def test_removing_asks_first(added):
    """Its credentials go with it."""
    host, lead, address = added
    refused = send(lead, address, "remove")
    assert (refused.status_code, host.database("case")["sources"].count_documents({})) == (409, 1)
    assert send(lead, address, "remove", sure="yes").headers["Location"] == PAGE
    assert host.database("case")["sources"].count_documents({}) == 0


def test_credentials_are_changed_and_not_shown(added):
    """Whole, or not at all."""
    host, lead, address = added
    before = host.database("case")["sources"].find_one()["secret"]
    refused = send(lead, address, "credentials", sign_in="client_credentials", consumer_key="new-key")
    assert (refused.status_code, "new-key" in refused.text) == (422, False)
    assert host.database("case")["sources"].find_one()["secret"] == before
    done = send(lead, address, "credentials", sign_in="client_credentials", **{**CLIENT, "consumer_key": "new-key"})
    assert done.headers["Location"] == address
    assert host.database("case")["sources"].find_one()["secret"] != before


def test_the_data_protection_officer_looks_and_changes_nothing(added):
    """Others see no such page."""
    host, _, address = added
    officer = host.browser("HOST_DPO")
    shown = officer.get(address).text
    assert "crm" in words(shown)
    assert "<form" not in shown.partition("<main")[2].partition("</main")[0]
    assert officer.get(f"{PAGE}/add/salesforce").status_code == 404
    for role in ("IMSA", "SUPERVISOR", "SAFEGUARDING_LEAD"):
        assert host.browser(role).get(address).status_code == 404


def test_a_folder_needs_no_credentials(host):
    """Its name is the folder's."""
    lead = host.browser("HOST_DATA_LEAD")
    target = f"{PAGE}/add/folder"
    form = fields_of(lead.get(target).text, target)
    done = lead.post(target, **form, name="nightly", profile="standard", system="casefile", at="06:00")
    assert done.headers["Location"] == PAGE
    assert "It was not read yet. Next: " in words(lead.get(PAGE).text)
    assert lead.get(f"{PAGE}/add/ftp").status_code == 404
