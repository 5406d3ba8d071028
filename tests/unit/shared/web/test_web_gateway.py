"""What a gateway does between a route and its command: whose scope opens what, and what an Idempotency-Key is for."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from flask import Flask, g

from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal, TenantId
from shared.outbox.commands import Answer
from shared.web.gateway import Gateway, HiddenError
from shared.web.repeats import repeats_of
from tests.kit.named_command import Named

APP = Flask(__name__)
URL = "/v1/things?profile=alder"


class Committer:
    """Carries out each command at once; keeps it, and what was audited."""

    def __init__(self):
        self.commands, self.audited = [], []

    def execute(self, command, *, within_s=None):
        self.commands.append(command)
        return command.run(SimpleNamespace(audit=self.audited.append, now=real_now()))


@pytest.fixture
def committer():
    return Committer()


@pytest.fixture
def web(committer):
    return Gateway(committer, fingerprint_key=b"k" * 32)


def caller(role="INTEGRATOR", *scopes):
    return Principal(
        actor_id=new_id(), tenant_id=TenantId("alder"), organisation_id="alder", role=role, scopes=frozenset(scopes)
    )


@contextmanager
def request(who, url=URL, *, method="POST", body=b'{"name": "x"}'):
    """One request of a caller, as Flask hands it to a route."""
    headers = {"Idempotency-Key": "k"}
    with APP.test_request_context(url, method=method, data=body, content_type="text/csv", headers=headers):
        g.principal = who
        yield


@pytest.mark.parametrize(
    "judge",
    [lambda web: web.require("IMSA"), lambda web: web.admit("IMSA"), lambda web: web.principal, lambda web: web.caller],
    ids=["require", "admit", "principal", "caller"],
)
def test_whose_form_was_not_read_is_refused_whatever_the_page_says(web, committer, judge):
    """The site took them for a stranger there and did not check that the form is ours; the refusal is audited."""
    with request(caller("IMSA")):
        g.form_unread = True
        with pytest.raises(HiddenError):
            judge(web)
    assert [intent.outcome for intent in committer.audited] == ["REFUSED"]


class TestScopes:
    def test_a_scope_opens_the_routes_that_name_it(self, web):
        """A machine key's role opens nothing by itself."""
        with request(caller("INTEGRATOR", "imports:write")):
            assert web.require("HOST_DPO", scope="imports:write").role == "INTEGRATOR"

    @pytest.mark.parametrize("scopes", [(), ("episodes:read",), ("imports:read",)])
    def test_no_other_scope_does(self, web, committer, scopes):
        """Refused as an address that is not there, and audited as refused."""
        with request(caller("INTEGRATOR", *scopes)), pytest.raises(HiddenError):
            web.require("HOST_DPO", scope="imports:write")
        assert [intent.outcome for intent in committer.audited] == ["REFUSED"]

    def test_no_scope_opens_a_route_without_one(self, web):
        """Such a route is for people."""
        with request(caller("INTEGRATOR", "imports:write")), pytest.raises(HiddenError):
            web.require("HOST_DPO")


def fingerprint(web, committer, **asked):
    """What a command is known by, beside its key."""
    with request(caller(), **asked):
        web.carry_out(Named("case:thing:add"), lambda _work: Answer(status=201))
    return committer.commands[-1].idempotency.fingerprint


class TestIdempotency:
    @pytest.mark.parametrize(
        "other",
        [{"url": "/v1/others?profile=alder"}, {"url": "/v1/things?profile=birch"}, {"url": "/v1/things"},
         {"body": b'{"name": "y"}'}, {"body": b""}],
    )  # fmt: skip
    def test_another_address_query_or_body_is_another_command(self, web, committer, other):
        """Under one key it is refused, and never answered with what the first one did."""
        assert fingerprint(web, committer, **other) != fingerprint(web, committer)

    def test_another_method_is_another_command(self):
        """Also where address and body are the same; commands are POSTs today, and a later one may not be."""
        seen = set()
        for method in ("POST", "PUT", "DELETE"):
            with request(caller(), method=method):
                seen.add(repeats_of(caller(), b"k" * 32).fingerprint)
        assert len(seen) == 3

    def test_the_same_again_is_the_same_command(self, web, committer):
        """Whatever else came between, and whoever's key it is."""
        assert fingerprint(web, committer) == fingerprint(web, committer)

    def test_parts_do_not_run_into_each_other(self, web, committer):
        """What moves from the address into the body is another command."""
        assert fingerprint(web, committer, url="/v1/things", body=b"ab") != fingerprint(
            web, committer, url="/v1/thingsa", body=b"b"
        )
