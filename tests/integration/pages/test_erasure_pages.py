"""The pages of erasures: asked for from a rights case, confirmed by somebody else, and certified."""

import pytest

from services.case.erasures.commands import AskErasure, ConfirmErasure
from services.case.erasures.jobs import PersonErasures
from services.case.survivors.erasure import ErasureJob
from tests.integration.pages.test_rights_pages import form_of
from tests.kit.page_browser import audited, words

PAGE = "/person-erasures"


@pytest.fixture
def case_id(host):
    """A case in which somebody asks to be erased."""
    for name in ("rights_cases", "rights_steps", "person_erasures"):
        host.database("case")[name].delete_many({})
    host.login("IMSA")
    survivor = host.survivor("IMSA", name="Zlatan-Name")
    body = {"survivor_id": survivor, "kind": "ERASURE", "channel": "IN_PERSON"}
    return host.post("/v1/rights-cases", body, "IMSA").json["id"]


def ask(host, case_id, **said):
    path = f"{PAGE}/{case_id}/new"
    return host.browser("HOST_DPO").send(path, path, **{"looked": "yes", "told": "IN_PERSON_PRIVATE", **said})


def test_two_people_ask_for_and_confirm_it(host, case_id):
    """By the API's own commands; the certificate has three dates and what stays, and the third is noted by hand."""
    dpo, second, path = host.browser("HOST_DPO"), host.browser("SUPERVISOR"), f"{PAGE}/{case_id}"
    assert f'href="{path}/new"' in dpo.get(f"/rights/{case_id}").text
    assert ask(host, case_id).headers["Location"] == f"{path}?done=yes"
    assert "somebody else confirms it" in words(dpo.get(path).text)
    assert 'value="confirm"' not in dpo.get(path).text
    assert f'href="{path}"' in second.get(PAGE).text
    assert "Zlatan-Name" in words(second.get(path).text)
    assert second.post(path, **form_of(second, path, "confirm")).headers["Location"] == f"{path}?done=yes"
    context = host.contexts["case"]
    PersonErasures(context).run()
    ErasureJob(context, wait=lambda _: None, settle_s=0.0).run()
    PersonErasures(context).run()
    shown = words(dpo.get(path).text)
    for told in (
        "Certificate of an erasure",
        "Three dates",
        "What stays, and why",
        "not yet: whoever keeps your backups",
    ):
        assert told in shown
    assert "Zlatan" not in shown
    assert dpo.post(path, **form_of(dpo, path, "backups-closed")).status_code == 303
    assert "not yet" not in words(dpo.get(path).text)
    assert "done as they asked" in words(dpo.get(f"/rights/{case_id}").text)
    assert audited(host, "case", action=AskErasure.action, actor_id=host.people["HOST_DPO"])
    assert audited(host, "case", action=ConfirmErasure.action, actor_id=host.people["SUPERVISOR"])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"looked": ""}, "Look first"), ({"holds": "COURT_ORDER"}, "holds this erasure back"),
        ({"told": ""}, "Choose an answer"), ({"holds": "BUSY"}, "Choose an answer"), ({"version": "x"}, "Choose an answer"),
    ],
)  # fmt: skip
def test_it_does_not_begin_while_anything_holds_it_back(host, case_id, said, told):
    """In a sentence, and nothing changes."""
    answer = ask(host, case_id, **said)
    assert (answer.status_code, told in words(answer.text)) == (422, True)
    assert host.get("/v1/person-erasures", "HOST_DPO").json["items"] == []


def test_it_is_taken_back_by_whom_it_is_for(host, case_id):
    """A supervisor confirms, and takes nothing back; then the case can end otherwise."""
    ask(host, case_id)
    dpo, second, path = host.browser("HOST_DPO"), host.browser("SUPERVISOR"), f"{PAGE}/{case_id}"
    assert 'value="take-back"' not in second.get(path).text
    sent = {**form_of(second, path, "confirm"), "verb": "take-back"}
    assert second.post(path, **sent).status_code == 404
    late = form_of(second, path, "confirm")
    assert dpo.post(path, **form_of(dpo, path, "take-back")).status_code == 303
    assert second.post(path, **late).status_code == 422
    assert "None waits for a second person." in words(second.get(PAGE).text)
    assert 'value="decide"' in dpo.get(f"/rights/{case_id}").text


@pytest.mark.parametrize("role", ["IMSA", "HOST_ADMIN", "SAFEGUARDING_LEAD", "HOST_DATA_LEAD"])
def test_to_others_there_is_no_such_page(host, case_id, role):
    """Neither the list nor the one; and a supervisor asks for none."""
    ask(host, case_id)
    other = host.browser(role)
    for path in (PAGE, f"{PAGE}/{case_id}", f"{PAGE}/{case_id}/new"):
        assert other.get(path).status_code == 404
    assert host.browser("SUPERVISOR").get(f"{PAGE}/{case_id}/new").status_code == 404
