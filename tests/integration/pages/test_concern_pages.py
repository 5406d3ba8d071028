"""A survivor complains or asks for another advocate, to somebody else: over HTTP and on the pages; no advocate sees it."""

import pytest

from services.consent.concerns.commands import CloseConcern, TakeConcern
from shared.kernel.ids import new_id
from tests.kit.page_browser import audited, fields_of, words

PAGE, PEOPLE = "/consents/concerns", "/consents/people"


@pytest.fixture
def survivor(host):
    """Somebody whose advocate is the one who signs in."""
    host.database("consent")["concerns"].delete_many({})
    host.login("IMSA")
    return host.episode(advocate_id=host.people["IMSA"])["survivor_id"]


@pytest.mark.parametrize("kind", ["COMPLAINT", "OTHER_ADVOCATE"])
@pytest.mark.parametrize("role", ["SUPERVISOR", "HOST_DPO"])
def test_it_is_taken_from_the_persons_page_and_closed_on_its_own(host, survivor, role, kind):
    """By the API's own commands, audited as such."""
    taker = host.browser(role)
    form = fields_of(taker.get(f"{PEOPLE}/{survivor}").text, PAGE)
    assert taker.post(PAGE, **form, kind=kind).headers["Location"] == f"{PAGE}?done=taken"
    (one,) = host.get("/v1/survivor-concerns").json["items"]
    assert (one["survivor_id"], one["kind"], one["taken_by"]) == (survivor, kind, host.people[role])
    target = f"{PAGE}/{one['id']}"
    assert taker.send(PAGE, target, outcome="EXPLAINED").headers["Location"] == f"{PAGE}?done=closed"
    assert host.get("/v1/survivor-concerns").json["items"] == []
    assert "None is open." in words(taker.get(PAGE).text)
    for command in (TakeConcern, CloseConcern):
        assert audited(host, "consent", action=command.action, actor_id=host.people[role])


def test_no_advocate_sees_or_takes_one(host, survivor):
    """Neither the page, nor the list, nor the form on the person's page."""
    host.post("/v1/survivor-concerns", {"survivor_id": survivor, "kind": "COMPLAINT"})
    advocate = host.browser("IMSA")
    assert advocate.get(PAGE).status_code == 404
    assert "complain" not in advocate.get(f"{PEOPLE}/{survivor}").text
    assert host.get("/v1/survivor-concerns", "IMSA").status_code == 404
    body = {"survivor_id": survivor, "kind": "COMPLAINT"}
    assert host.post("/v1/survivor-concerns", body, "IMSA").status_code == 404


@pytest.mark.parametrize(("changes", "status"), [({"kind": "GOSSIP"}, 422), ({"kind": None}, 422),
                                                 ({"survivor_id": "me"}, 422), ({"about": "him"}, 422),
                                                 ({"survivor_id": "0b7ed1a2-2f6e-4d0e-9b8e-0a9f1d2c3b4a"}, 404)])  # fmt: skip
def test_what_cannot_be_taken_is_refused(host, survivor, changes, status):
    """Nothing is kept; there is no place for free words."""
    body = {"survivor_id": survivor, "kind": "COMPLAINT", **changes}
    assert host.post("/v1/survivor-concerns", body).status_code == status
    assert host.get("/v1/survivor-concerns").json["items"] == []


@pytest.mark.parametrize("named", ["", "me", "advocate:{}", "0b7ed1a2-2f6e-4d0e-9b8e-0a9f1d2c3b4a"])
def test_the_form_takes_one_of_somebody_known_only(host, survivor, named):
    """Whatever else stands among the people is nobody."""
    taker = host.browser("SUPERVISOR")
    form = fields_of(taker.get(f"{PEOPLE}/{survivor}").text, PAGE)
    sent = {**form, "survivor": named.format(survivor), "kind": "COMPLAINT"}
    assert taker.post(PAGE, **sent).status_code == 404
    assert host.get("/v1/survivor-concerns").json["items"] == []


def test_it_is_closed_once(host, survivor):
    """And one that is not there never."""
    taken = host.post("/v1/survivor-concerns", {"survivor_id": survivor, "kind": "COMPLAINT"}).json["id"]
    path = f"/v1/survivor-concerns/{taken}/close"
    assert host.post(path, {"outcome": "WHATEVER"}).status_code == 422
    assert host.post(path, {"outcome": "PUT_RIGHT"}).status_code == 200
    again = host.post(path, {"outcome": "PUT_RIGHT"})
    assert (again.status_code, again.json["code"]) == (409, "concern-closed")
    assert host.post(f"/v1/survivor-concerns/{new_id()}/close", {"outcome": "PUT_RIGHT"}).status_code == 404
