"""The client that the demo, the command line and the tests of whole stacks use."""

import time
from types import SimpleNamespace

import httpx
import pytest

from deploy.stack import api_client
from deploy.stack.api_client import ApiClient, ApiRefusedError


@pytest.fixture
def waited(monkeypatch):
    """The waits that were made, in seconds; nobody sleeps."""
    waits = []
    # The module's own name of it: other threads of the test run sleep too.
    monkeypatch.setattr(api_client, "time", SimpleNamespace(sleep=waits.append, monotonic=time.monotonic))
    return waits


@pytest.fixture
def answering(monkeypatch):
    """Lets an API answer with these, in turn; gives what it was asked."""

    def make(*answers):
        asked, left = [], list(answers)

        def request(method, url, **options):
            asked.append((method, url, dict(options.get("headers", {}))))
            if url.endswith("/v1/token") and left[0] != "token":
                return httpx.Response(200, json={"access_token": "t"})
            answer = left.pop(0)
            return httpx.Response(503, headers={"Retry-After": "2"}) if answer == "token" else answer

        monkeypatch.setattr(api_client.httpx, "request", request)
        return asked

    return make


def client():
    return ApiClient(url="http://host.example", login="a@host.example", password="invented words", role="SUPERVISOR")


BUSY = httpx.Response(503, headers={"Retry-After": "3"})
DONE = httpx.Response(201, json={"id": "one"})


class TestNotNow:
    def test_a_post_is_repeated_with_its_key(self, answering, waited):
        """After the wait that the API asked for; so nothing is done twice."""
        asked = answering(BUSY, httpx.Response(429, headers={"Retry-After": "1"}), DONE)
        assert client().post("/v1/things", {})["id"] == "one"
        keys = {headers["Idempotency-Key"] for _, url, headers in asked if url.endswith("/v1/things")}
        assert len(keys) == 1
        assert waited == [3.0, 1.0]

    def test_signing_in_is_repeated_too(self, answering, waited):
        """Who signs in while much is going on is let in a moment later."""
        answering("token", DONE)
        assert client().post("/v1/things", {})["id"] == "one"
        assert waited == [2.0]

    def test_the_waits_have_a_bound(self, answering, waited):
        """Five tries; then the refusal is told."""
        asked = answering(*[httpx.Response(503, headers={"Retry-After": "5"})] * 6)
        with pytest.raises(ApiRefusedError):
            client().post("/v1/things", {})
        assert waited == [5.0] * 4
        assert len([url for _, url, _ in asked if url.endswith("/v1/things")]) == 5

    def test_a_long_wait_is_told_at_once(self, answering, waited):
        """As after too many wrong passwords: nobody sits before a screen that says nothing."""
        answering(httpx.Response(429, headers={"Retry-After": "900"}))
        with pytest.raises(ApiRefusedError):
            client().post("/v1/things", {})
        assert waited == []

    def test_a_token_that_ran_out_is_replaced_once(self, answering, waited):
        """A second refusal is told."""
        answering(httpx.Response(401), DONE)
        assert client().post("/v1/things", {})["id"] == "one"
        answering(httpx.Response(401), httpx.Response(401))
        with pytest.raises(ApiRefusedError):
            client().post("/v1/things", {})
        assert waited == []


@pytest.mark.parametrize(("name", "kind"), [("a.XLSX", "openxml"), ("a.ods", "opendocument"), ("a.txt", "text/csv")])
def test_a_file_is_sent_in_blocks_under_its_own_kind(monkeypatch, tmp_path, waited, name, kind):
    """And from its beginning where the API said "not now"; its length is said, so that nothing is held back."""
    file = tmp_path / name
    file.write_bytes(b"x" * 600_000)
    sent = []

    def request(method, url, **options):
        if url.endswith("/v1/token"):
            return httpx.Response(200, json={"access_token": "t"})
        sent.append((options["headers"], b"".join(options["content"])))
        return BUSY if len(sent) == 1 else DONE

    monkeypatch.setattr(api_client.httpx, "request", request)
    assert client().upload("/v1/imports", file, mode="plan") == {"id": "one"}
    assert [body for _, body in sent] == [file.read_bytes()] * 2
    assert all(kind in headers["Content-Type"] and headers["Content-Length"] == "600000" for headers, _ in sent)
