"""The page of unusual access, over the real audit and identity."""

from datetime import UTC, datetime

import pytest

from services.audit.unusual.documents import FINDINGS, FindingStore
from services.audit.unusual.finding import Finding
from services.audit.unusual.rules import GUESSING
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, Command
from tests.kit.page_browser import audited, words
from tests.unit.audit.test_unusual_rules import seen

PAGE = "/unusual"


@pytest.fixture
def finding(host):
    """Somebody who searched again and again; alone on the page."""
    host.database_of_audit = host._admin[host.contexts["audit"].database_name]
    host.database_of_audit[FINDINGS].delete_many({})
    return raise_of(host, new_id())


def raise_of(host, actor_id, role="IMSA"):
    now = datetime.now(UTC)
    one = Finding.raised(new_id(), GUESSING, [seen(1, now, actor_id=actor_id, role=role)], now)

    def run(work):
        FindingStore(work).add(one)
        return Answer(status=200)

    host.contexts["audit"].committer.execute(Command(run=run))
    return one


def test_the_officer_sees_what_it_is_and_closes_it(host, finding):
    """A reason and words are needed; what is wrong is said, and nothing that was typed is lost."""
    dpo, target = host.browser("HOST_DPO"), f"{PAGE}/{finding.id}"
    page = dpo.get(PAGE)
    assert page.status_code == 200
    said = words(page.text)
    assert "Searched again and again and found nobody" in said
    assert "How often: once" in said
    assert "never yet" in said
    assert f"/audit?actor_id={finding.actor_id}" in page.text
    again = dpo.send(PAGE, target, reason="", words="We talked.")
    assert again.status_code == 422
    assert "Choose what it was" in again.text
    assert "We talked." in again.text
    assert dpo.send(PAGE, target, reason="MISTAKE", words="We talked.").status_code == 303
    assert finding.actor_id not in dpo.get(PAGE).text
    assert "We talked." in dpo.get(f"{PAGE}?state=CLOSED").text
    assert audited(host, "audit", action="audit:unusual:list")


def test_nobody_meets_their_own(host, finding):
    """Not even by a form that was made up; the administrator sees what concerns the officer."""
    host.login("HOST_DPO")
    own = raise_of(host, host.people["HOST_DPO"], "HOST_DPO")
    dpo = host.browser("HOST_DPO")
    assert own.actor_id not in dpo.get(PAGE).text.partition("<main")[2]
    form = {"reason": "MISTAKE", "words": "x", "version": "1"}
    assert dpo.send(PAGE, f"{PAGE}/{finding.id}", **form).status_code == 303
    hidden = dpo.get(f"{PAGE}?state=CLOSED")
    assert own.id not in hidden.text
    admin = host.browser("HOST_ADMIN").get(PAGE).text
    assert own.id in admin
    assert finding.id not in admin


@pytest.mark.parametrize("role", ["SUPERVISOR", "IMSA"])
def test_there_is_no_such_page_for_anybody_else(host, role):
    """As for an address that is none."""
    assert host.browser(role).get(PAGE).status_code == 404
