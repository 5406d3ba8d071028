"""The two ways from a sign-in page to a token: identity in this process, and the central register over HTTP."""

import threading

import pytest
from waitress.server import create_server

from services.identity.sign_in import FAILURE_LIMIT
from services.identity.wiring import build_grant
from shared.kernel.tenancy import BOARD, CENTRE
from shared.web.pages.grant import Credentials, GrantFailedError
from shared.web.pages.remote_grant import RemoteGrant
from shared.web.tokens import TokenVerifier
from tests.integration.identity.conftest import PASSWORD


@pytest.fixture(scope="module")
def register(centre):
    """The central register's address."""
    server = create_server(centre.app, host="127.0.0.1", port=0, threads=2, ident="")
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture(params=["here", "register"])
def grant(request, centre, register):
    """A grant, and the tenant whose pages take its tokens."""
    if request.param == "here":
        return build_grant(centre.context), CENTRE
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
    ways = (build_grant(centre.context), RemoteGrant(register, audience="board"))
    person = centre.person("BOARD_MEMBER")
    for number in range(FAILURE_LIMIT):
        assert why(ways[number % 2], asked(person.login, typed="wrong password")).why == "WRONG"
    for grant in ways:
        refused = why(grant, asked(person.login))
        assert refused.why == "TOO_MANY"
        assert 0 < refused.retry_after_s <= 900
