"""The two ways from a sign-in page to a token: identity in this process, and the central register over HTTP."""

import threading
import time

import pytest
from waitress.server import create_server

from services.identity.sessions import token_endpoint
from services.identity.sessions.grant import grant as browser_grant
from services.identity.sessions.sign_in import FAILURE_LIMIT
from shared.kernel.tenancy import BOARD, CENTRE
from shared.web.pages.grant import Credentials, GrantFailedError
from shared.web.pages.remote_grant import RemoteGrant
from shared.web.tokens import TokenVerifier, session_of
from tests.kit.identity_place import PASSWORD


@pytest.fixture(scope="module")
def register(centre):
    """The central register's address."""
    server = create_server(centre.app, host="127.0.0.1", port=0, threads=2, ident="", asyncore_use_poll=True)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture(params=["here", "register"])
def grant(request, centre, register):
    """A grant, and the tenant whose pages take its tokens."""
    if request.param == "here":
        return browser_grant(centre.context), CENTRE
    return RemoteGrant(f"{register}/", audience="board"), BOARD


def asked(login, *, typed=PASSWORD, role=None):
    return Credentials(username=login, password=typed, role=role)


def why(grant, credentials):
    with pytest.raises(GrantFailedError) as raised:
        grant.token(credentials)
    return raised.value


def test_the_token_is_the_api_s_own(centre, grant):
    """The verifier of the pages' own tenant takes it, and it names the one who signed in."""
    grant, tenant = grant
    person = centre.person("STATISTICIAN")
    verifier = TokenVerifier(centre.context.settings.token_public_keys, tenant_id=tenant, issuer="centre")
    who = verifier.verify(f"Bearer {grant.token(asked(person.login))}")
    assert (who.actor_id, who.role) == (person.id, "STATISTICIAN")


def test_whoever_has_several_roles_chooses_one(centre, grant):
    """Only after the password was right; a role that one does not have is asked for again."""
    grant, _ = grant
    person = centre.person("BOARD_MEMBER", "RELEASE_APPROVER")
    assert why(grant, asked(person.login)).why == "CHOOSE_ROLE"
    assert why(grant, asked(person.login, typed="wrong password")).why == "WRONG"
    assert why(grant, asked(person.login, role="STATISTICIAN")).why == "CHOOSE_ROLE"
    assert grant.token(asked(person.login, role="RELEASE_APPROVER"))


def test_too_many_failures_close_the_login_for_both_ways(centre, register):
    """They are counted together, so a second way is no second chance."""
    ways = (browser_grant(centre.context), RemoteGrant(register, audience="board"))
    person = centre.person("BOARD_MEMBER")
    for number in range(FAILURE_LIMIT):
        assert why(ways[number % 2], asked(person.login, typed="wrong password")).why == "WRONG"
    for grant in ways:
        refused = why(grant, asked(person.login))
        assert refused.why == "TOO_MANY"
        assert 0 < refused.retry_after_s <= 900


class TestRenewal:
    def renewed(self, place, token, **form):
        return place.grant(grant_type="refresh_token", refresh_token=token, **form)

    def test_a_browser_s_session_goes_on_while_the_person_is_who_they_were(self, place, monkeypatch):
        """The same session, role and sign-in time; not after a working day, and not for a token of the API."""
        person = place.person("SUPERVISOR")
        token = place.password(person.login, session="browser").json["access_token"]
        answer = self.renewed(place, token)
        assert (answer.status_code, answer.json["role"]) == (200, "SUPERVISOR")
        before, after = (session_of(t) for t in (token, answer.json["access_token"]))
        assert (before.id, before.began) == (after.id, after.began)
        assert self.renewed(place, place.password(person.login).json["access_token"]).status_code == 400
        assert self.renewed(place, token + "x").status_code == 400
        real = time.time
        monkeypatch.setattr(token_endpoint.time, "time", lambda: real() + 9 * 3600)
        assert self.renewed(place, token).status_code == 400

    @pytest.mark.parametrize("change", ["SUSPENDED", "OTHER_ROLE"])
    def test_whoever_may_not_act_any_more_gets_no_next_token(self, place, admin, change):
        """A suspension ends a session within a quarter of an hour; so does losing the role."""
        person = place.person("SUPERVISOR")
        token = place.password(person.login, session="browser").json["access_token"]
        if change == "SUSPENDED":
            place.database["users"].update_one({"_id": person.id}, {"$set": {"status": "SUSPENDED"}})
        else:
            place.database["users"].update_one({"_id": person.id}, {"$set": {"memberships.0.role": "IMSA"}})
        assert self.renewed(place, token).status_code == 400

    def test_a_token_for_another_audience_is_not_renewed_into_this_one(self, centre):
        """A board token stays one."""
        person = centre.person("BOARD_MEMBER")
        token = centre.password(person.login, session="browser", audience="board").json["access_token"]
        assert self.renewed(centre, token).status_code == 400
        assert self.renewed(centre, token, audience="board").status_code == 200
