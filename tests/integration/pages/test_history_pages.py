"""The page of who saw what, over the real audit, case and identity."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.kit.page_browser import audited, words

HISTORY = "/audit"


@pytest.fixture
def survivor(host):
    """Somebody whose record was read, of which audit has heard."""
    host.deaf = ("integrations",)
    survivor_id = host.survivor()
    host.get(f"/v1/survivors/{survivor_id}")
    assert host.get(f"/v1/survivors/{survivor_id}", "IMSA").status_code == 404
    host.pump()
    yield survivor_id
    host.deaf = type(host).deaf


def test_the_officer_sees_who_looked_at_a_record(host, survivor):
    """Newest first, by the record's id; the look at this page is in the log as well."""
    dpo = host.browser("HOST_DPO")
    page = dpo.get(f"{HISTORY}?object_id={survivor}")
    shown = words(page.text)
    assert page.status_code == 200
    assert (
        shown.index("Refused Survivor: read")
        < shown.index("Looked at Survivor: read")
        < shown.index("Changed Survivor: register")
    )
    assert "Supervisor" in shown
    assert audited(host, "audit", action="audit:history:list", object_id=survivor)


def test_filters_narrow_it_and_go_along_with_the_file(host, survivor):
    """Looked, changed or refused; the file holds the same lines."""
    dpo = host.browser("HOST_DPO")
    page = dpo.get(f"{HISTORY}?object_id={survivor}&kind=CHANGED").text
    assert "Changed Survivor: register" in words(page)
    assert "Looked at Survivor" not in words(page)
    file = dpo.get(f"{HISTORY}/history.csv?object_id={survivor}&kind=CHANGED")
    assert file.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert {(one["kind"], one["object_id"]) for one in rows} == {("CHANGED", survivor)}
    assert audited(host, "audit", action="audit:history:export", object_id=survivor)


def test_an_administrator_reads_names_and_the_officer_ids(host, survivor):
    """Identity tells its own administrators who somebody is; it is not asked for anybody else, so it refuses nobody."""
    host.login("SUPERVISOR")
    administrator, dpo = host.browser("HOST_ADMIN"), host.browser("HOST_DPO")
    host.get(f"/v1/survivors/{survivor}")
    host.pump()
    assert "Pat Supervisor" in words(administrator.get(f"{HISTORY}?object_id={survivor}").text)
    assert "Pat Supervisor" not in words(dpo.get(f"{HISTORY}?object_id={survivor}").text)
    refused = audited(host, "identity", action="identity:user:list", actor_id=host.people["HOST_DPO"])
    assert refused == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("object_id=Jane%20Doe", "Type an id as it stands in this list"),
        ("actor_id=%3Cb%3E", "Type an id as it stands in this list"),
        ("day=27/11/2026", "Type a day, such as 2026-11-27."),
    ],
)
def test_what_is_typed_wrong_is_said_beside_its_field(host, query, said):
    """And nothing is listed, which would look like an answer."""
    page = host.browser("HOST_DPO").get(f"{HISTORY}?{query}")
    assert page.status_code == 422
    assert said in words(page.text)
    assert "What was done" not in words(page.text)
    assert "<b>" not in page.text
    assert host.browser("HOST_DPO").get(f"{HISTORY}/history.csv?{query}").status_code == 400


def test_nobody_else_finds_it(host):
    """Neither the page nor its file."""
    for role in ("IMSA", "SUPERVISOR", "HOST_DATA_LEAD"):
        for path in (HISTORY, f"{HISTORY}/history.csv"):
            assert host.browser(role).get(path).status_code == 404


def test_a_day_is_londons(host, survivor):
    """From midnight to midnight; nothing fits a day on which nothing was done."""
    dpo = host.browser("HOST_DPO")
    assert "Nothing fits what you chose" in words(dpo.get(f"{HISTORY}?day=2001-01-01").text)


def test_what_is_no_record_is_said_in_words_and_leads_nowhere(host, survivor):
    """No raw code stands there, and a list of many is no link to a record called "list"."""
    host.get("/v1/survivors")
    host.register_wording("history-words")
    host.give(survivor, wording_code="history-words")
    host.pump()
    dpo = host.browser("HOST_DPO")
    page = dpo.get(f"{HISTORY}?limit=200").text
    assert "A list of many" in words(page)
    assert "Ledger of consents" in words(page)
    assert not re.search(r"[?;&](object|actor)_id=(list|system|refused|unknown|job)\b", page)
    assert not re.search(r">\s*(CONSENT|SYSTEM|IMPORT|system|list)\s*<", page)


def test_the_officer_reads_how_far_others_saw_the_log(host):
    """By whom and when; one that is late or refuses stands out, with what to do."""
    rows, now = host.database("audit")["witnesses"], datetime(2026, 8, 1, 3, 1, tzinfo=UTC)
    row = {"size": 4096, "offer_id": "", "day": "2026-08-01", "outcome": None, "again": 0, "version": 1}
    kept = list(rows.find())
    rows.delete_many({})
    try:
        rows.insert_one({**row, "_id": "board", "seen_at": now, "due_at": now + timedelta(days=36_500)})
        rows.insert_one({**row, "_id": "custodian", "seen_at": None, "due_at": now - timedelta(days=3_650)})
        said = words(host.browser("HOST_DPO").get(HISTORY).text)
    finally:
        rows.delete_many({})
        if kept:
            rows.insert_many(kept)
    assert "Last seen by others: the project board on 1 August 2026" in said
    assert "the custodian never yet Late or refused" in said
    assert "Ask your operator to run: alongside audit witnesses." in said
