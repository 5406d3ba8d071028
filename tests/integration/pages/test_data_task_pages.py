"""The page of what imports left to find out."""

import re
from datetime import timedelta

import pytest

from services.case.imports.rules.progress import NO_UNHEARD
from shared.kernel.clock import real_now
from tests.kit.import_files import export, line
from tests.kit.page_browser import audited, fields_of, words

PAGE = "/to-find-out"


@pytest.fixture
def gone(host):
    """Somebody whom a later file of the same system no longer has."""
    host.upload(export(line("R-1"), line("R-2")))
    host.commit(host.plan(export(line("R-1"))))
    return host


def test_who_is_gone_at_the_source_is_a_question_that_is_closed_once(gone):
    """Nothing is deleted; who closed it is recorded, and a form sent twice is one."""
    lead = gone.browser("HOST_DATA_LEAD")
    page = lead.get(PAGE).text
    assert "No longer in the file" in words(page)
    (target,) = re.findall(r'action="(/to-find-out/[^"]*)"', page)
    form = fields_of(page, target)
    for _ in range(2):
        assert lead.post(target, **form).headers["Location"] == f"{PAGE}?done=closed"
    assert "There is nothing to find out" in words(lead.get(PAGE).text)
    assert gone.database("case")["episodes"].count_documents({}) == 2
    done = audited(gone, "case", action="case:data_task:close", actor_id=gone.people["HOST_DATA_LEAD"])
    assert len(done) == 1


def test_a_no_that_nobody_heard_leads_to_its_import(host):
    """After a day."""
    plan = host.plan(export(line("R-1", Statistics_Consent="Refused")))
    host.at(real_now() + NO_UNHEARD + timedelta(minutes=1))
    host.run_imports()
    page = host.browser("HOST_DPO").get(PAGE).text
    assert "A no that waits" in words(page)
    assert f'href="/imports/{plan["id"]}"' in page


def test_a_refused_file_that_says_no_is_to_be_heard(host):
    """For how many people, why, and what to do; nobody is named, and a supervisor cannot send the file again."""
    host.upload(export(line("R-1"), line("R-2")))
    report = host.upload(export(line("R-1", Statistics_Consent="Refused")).replace(b"Client Ref", b"Their number"))
    page = host.browser("HOST_DATA_LEAD").get(PAGE).text
    assert "A refused file says no" in words(page)
    assert "for 1 person known here" in words(page)
    assert "R-1" not in words(page)
    assert f'href="/imports/{report["id"]}"' in page
    assert "There is nothing to find out" in words(host.browser("SUPERVISOR").get(PAGE).text)


def test_a_supervisor_sees_who_is_gone_by_their_own_reference_and_no_plan_that_waits(gone):
    """Only they may name people; the others' page says so. What waits in an import is not theirs to close."""
    plan = gone.plan(export(line("R-9", Statistics_Consent="Refused")), query="?is_part=true")
    gone.at(real_now() + NO_UNHEARD + timedelta(minutes=1))
    gone.run_imports()
    told = words(gone.browser("HOST_DATA_LEAD").get(PAGE).text)
    assert "A no that waits" in told
    assert "R-2" not in told
    assert "Who it is, your supervisor sees on this same page." in told
    lead = gone.people["HOST_DATA_LEAD"]
    assert audited(gone, "case", outcome="REFUSED", actor_id=lead) == [], "nobody tried what they may not do"
    supervisor = gone.browser("SUPERVISOR")
    page = supervisor.get(PAGE).text
    assert "own reference: R-2" in words(page)
    assert "A no that waits" not in words(page)
    assert plan["id"] not in page
    waiting = gone.database("case")["data_tasks"].find_one({"kind": "PLANNED_NO_NOT_COMMITTED"})["_id"]
    (target,) = re.findall(r'action="(/to-find-out/[^"]*)"', page)
    form = fields_of(page, target)
    assert supervisor.post(f"{PAGE}/{waiting}/close", **form).status_code == 404
    form = fields_of(supervisor.get(PAGE).text, target)
    assert supervisor.post(target, **form).headers["Location"] == f"{PAGE}?done=closed"


@pytest.mark.parametrize("role", ["IMSA", "SAFEGUARDING_LEAD"])
def test_to_others_there_is_no_such_page(gone, role):
    """Neither to look at nor to send."""
    other = gone.browser(role)
    assert other.get(PAGE).status_code == 404
    task = gone.database("case")["data_tasks"].find_one()["_id"]
    form = fields_of(other.get("/start").text, "/sign-out")
    number = "0192a3b4-0000-7000-8000-000000000000"
    assert other.post(f"{PAGE}/{task}/close", **form, form_number=number).status_code == 404
