"""A sandbox behaves as a host does, says in every answer, page and event what it is, and reaches nobody."""

import pytest

from deploy.provision.credentials import Vault
from shared.bus.names import courier_user
from shared.bus.provisioner import BrokerAdmin
from shared.kernel.tenancy import BOARD, CUSTODIAN, vhost_name
from shared.keys.signing import HostRegister

CSV = b"reference,referral date\nINVENTED-1,2026-08-04\n"


def test_every_answer_says_so_a_refusal_too(place):
    """Whoever keeps an answer can tell where it came from."""
    answers = [
        place.get("/v1/survivors/search"), place.get("/v1/event-types"), place.get("/v1/nothing"),
        place.app.test_client().get("/v1/events"), place.app.test_client().get("/healthz"),
    ]  # fmt: skip
    assert {answer.headers.get("Alongside-Sandbox") for answer in answers} == {"true"}
    assert {answer.status_code for answer in answers} >= {200, 401, 404}


def test_an_answer_that_stands_for_another_says_so_too(place):
    """A query that nobody asked for is refused after all; a browser is shown a page for a problem."""
    refused = place.get("/v1/event-types?unasked=1")
    shown = place.app.test_client().get("/no-such-page", headers={"Accept": "text/html"})
    assert (refused.status_code, shown.mimetype) == (422, "text/html")
    assert [answer.headers.get("Alongside-Sandbox") for answer in (refused, shown)] == ["true", "true"]


def test_every_page_says_so(place):
    """Before and after signing in, and where something is refused."""
    for path in ("/sign-in", "/imports", "/no-such-page"):
        answer = place.app.test_client().get(path, headers={"Accept": "text/html"}, follow_redirects=True)
        assert "Enter nothing about a real person" in answer.text, path


def test_every_event_says_so_and_comes_as_anywhere(place):
    """The same commands, the same events, one attribute more."""
    place.post("/v1/machine-keys", {"scopes": ["events:read"]}, "HOST_ADMIN")
    row = place.episode()
    place.pump()
    page = place.get("/v1/events", "HOST_ADMIN").json
    assert row["id"] in {event.get("subject") for event in page["items"]}
    assert {event["sandbox"] for event in page["items"]} == {True}


@pytest.mark.parametrize("query", ["", "?mode=plan", "?invented=false"])
def test_a_file_is_taken_only_with_the_word_that_it_is_invented(place, query):
    """Before a byte of it is read; the refusal says plainly what a sandbox is."""
    refused = place.post(f"/v1/imports{query}", CSV, "HOST_DPO")
    assert (refused.status_code, refused.json["code"]) == (422, "sandbox-file")
    assert "real people must not come here" in refused.json["detail"]
    taken = place.post(f"/v1/imports{query.partition('invented')[0] or '?'}&invented=true", CSV, "HOST_DPO")
    assert taken.status_code == 202, taken.json


def test_it_has_nothing_that_could_sign_send_or_be_counted(engines, place):
    """No service that counts, no signing key in any file, no courier, no right at board or custodian, no register."""
    files = Vault.folder_of(engines.layout.secrets_dir, place.tenant)
    names = {file.stem for file in files.glob("*.json")}
    assert names == {"identity", "case", "consent", "audit", "integrations"}
    for file in files.glob("*.json"):
        assert "signing_key" not in file.read_text()
        assert "courier" not in file.read_text()
    broker = BrokerAdmin(engines.rabbit.management_url, *engines.rabbit.admin_credentials())
    try:
        users = {user["name"] for user in broker.management.get("users?columns=name")}
        permissions = broker.management.get("permissions")
    finally:
        broker.close()
    assert courier_user(place.tenant) not in users
    ours = {one["vhost"] for one in permissions if one["user"].startswith(f"{place.tenant}.")}
    assert ours == {vhost_name(place.tenant)}
    for server in (BOARD, CUSTODIAN):
        register = HostRegister(path=engines.layout.home / "tenants" / server / "hosts.json")
        assert place.tenant not in register.read()
        assert place.tenant not in register.names()


def test_there_is_nothing_to_sign_or_seal(place):
    """The routes of the periods are not there at all."""
    assert place.get("/v1/periods", "HOST_DATA_LEAD").status_code == 404


def test_a_withdrawal_is_proven_there_too(place):
    """Nobody counts at a sandbox, so nobody is asked who would never answer."""
    row = place.episode()
    place.register_wording()
    place.pump()
    consent = place.give(row["survivor_id"]).json
    place.pump()
    assert place.post(f"/v1/consents/{consent['id']}/withdraw").status_code == 200
    place.pump()
    proofs = list(place.database("consent")["withdrawals"].find({"survivor_id": row["survivor_id"]}))
    assert [one["state"] for one in proofs] == ["PROVEN"], proofs
