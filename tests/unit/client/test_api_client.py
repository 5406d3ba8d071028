"""The client that the demo, the command line and the tests of whole stacks use."""

from dataclasses import replace

import httpx
import pytest

from deploy.stack import api_client
from deploy.stack.api_client import ApiAwayError, ApiClient, ApiRefusedError, ApiUnusableError


@pytest.fixture
def waited(monkeypatch):
    """The waits that were made, in seconds; nobody sleeps."""
    waits = []
    monkeypatch.setattr(api_client, "RETRIES", replace(api_client.RETRIES, sleep=waits.append))
    return waits


@pytest.fixture
def answering():
    """Lets an API answer with these, in turn; gives what it was asked."""

    def make(*answers):
        asked, left = [], list(answers)

        def answer(request):
            asked.append((request.method, str(request.url), dict(request.headers)))
            if request.url.path == "/v1/token" and left[0] != "token":
                return httpx.Response(200, json={"access_token": "t", "expires_in": 900})
            answer = left.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return httpx.Response(503, headers={"Retry-After": "2"}) if answer == "token" else answer

        transport.append(httpx.MockTransport(answer))
        return asked

    transport = []
    make.transport = transport
    return make


@pytest.fixture
def client(answering):
    """Makes a client of the API that answers last."""
    return lambda: ApiClient(
        url="http://host.example", login="a@host.example", password="invented words", role="SUPERVISOR",
        transport=answering.transport[-1],
    )  # fmt: skip


BUSY = httpx.Response(503, headers={"Retry-After": "3"})
DONE = httpx.Response(201, json={"id": "one"})


class TestNotNow:
    def test_a_post_is_repeated_with_its_key(self, answering, waited, client):
        """After the wait that the API asked for; so nothing is done twice."""
        asked = answering(BUSY, httpx.Response(429, headers={"Retry-After": "1"}), DONE)
        assert client().post("/v1/things", {})["id"] == "one"
        keys = {headers["idempotency-key"] for _, url, headers in asked if url.endswith("/v1/things")}
        assert len(keys) == 1
        assert waited == [3.0, 1.0]

    def test_signing_in_is_repeated_too(self, answering, waited, client):
        """Who signs in while much is going on is let in a moment later."""
        answering("token", DONE)
        assert client().post("/v1/things", {})["id"] == "one"
        assert waited == [2.0]

    def test_the_waits_have_a_bound(self, answering, waited, client):
        """Five tries; then the refusal is told."""
        asked = answering(*[httpx.Response(503, headers={"Retry-After": "5"})] * 6)
        with pytest.raises(ApiRefusedError):
            client().post("/v1/things", {})
        assert waited == [5.0] * 4
        assert len([url for _, url, _ in asked if url.endswith("/v1/things")]) == 5

    def test_a_long_wait_is_told_at_once(self, answering, waited, client):
        """As after too many wrong passwords: nobody sits before a screen that says nothing."""
        answering(httpx.Response(429, headers={"Retry-After": "900"}))
        with pytest.raises(ApiRefusedError):
            client().post("/v1/things", {})
        assert waited == []

    def test_a_token_that_ran_out_is_replaced_once(self, answering, waited, client):
        """A second refusal is told."""
        answering(httpx.Response(401), DONE)
        assert client().post("/v1/things", {})["id"] == "one"
        answering(httpx.Response(401), httpx.Response(401))
        with pytest.raises(ApiRefusedError):
            client().post("/v1/things", {})
        assert waited == []


class TestWords:
    def test_who_is_away_is_named_without_a_path(self, answering, waited, client):
        """A path may name a thing, and an operator looks for a server."""
        answering(*[httpx.ConnectError("refused at /v1/things/secret")] * 5)
        with pytest.raises(ApiAwayError) as raised:
            client().get("/v1/things/secret")
        assert str(raised.value) == "http://host.example does not answer. See: alongside status"

    def test_the_api_s_own_words_are_shown(self, answering, waited, client):
        """They are written for people."""
        answering(httpx.Response(409, json={"code": "x", "detail": "Somebody must look first."}))
        with pytest.raises(ApiRefusedError, match="Somebody must look first"):
            client().post("/v1/things")

    def test_another_program_is_no_api(self, answering, waited, client):
        """A page of a gate in between is neither an answer nor shown."""
        answering(httpx.Response(200, text="<html>Log in to the network</html>"))
        with pytest.raises(ApiUnusableError) as raised:
            client().get("/v1/things")
        assert "Log in" not in str(raised.value)


@pytest.mark.parametrize(("name", "kind"), [("a.XLSX", "openxml"), ("a.ods", "opendocument"), ("a.txt", "text/csv")])
def test_a_file_is_sent_in_blocks_under_its_own_kind(tmp_path, waited, name, kind):
    """And from its beginning where the API said "not now"; its length is said, so that nothing is held back."""
    file = tmp_path / name
    file.write_bytes(b"x" * 600_000)
    sent = []

    def answer(request):
        if request.url.path == "/v1/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 900})
        sent.append((request.headers, request.read()))
        return (
            httpx.Response(503, headers={"Retry-After": "3"})
            if len(sent) == 1
            else httpx.Response(201, json={"id": "one"})
        )

    api = ApiClient(
        url="http://host.example", login="a@host.example", password="invented words", role="SUPERVISOR",
        transport=httpx.MockTransport(answer),
    )  # fmt: skip
    assert api.upload("/v1/imports", file, mode="plan")["id"] == "one"
    assert [body for _, body in sent] == [file.read_bytes()] * 2
    assert all(kind in headers["content-type"] and headers["content-length"] == "600000" for headers, _ in sent)
    assert not any("transfer-encoding" in headers for headers, _ in sent)
