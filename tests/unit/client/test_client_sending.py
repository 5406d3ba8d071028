"""What the client library sends again, what it waits for, and what it does not send at all."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from client.alongside_client import AwayError, BusyError, Client, MachineKey, PlainAddressError, Retries, Token, sending
from client.alongside_client.errors import UnusableAnswerError

BUSY = {"status_code": 429, "headers": {"Retry-After": "3"}}
AWAY = {"status_code": 503, "headers": {"Retry-After": "1"}}
DONE = {"status_code": 200, "json": {"id": "one"}}
LOST, NEVER_SENT = httpx.ReadTimeout("x"), httpx.ConnectError("x")


class Api:
    """Answers in turn, and notes requests and waits."""

    def __init__(self, *answers, **retries):
        self.asked, self.waits, self._left = [], [], list(answers)
        self.client = Client(
            "https://host.example",
            MachineKey(client_id="as_1", client_secret="s"),
            token=Token(access_token="t", ends_at=9e12, lifetime_s=1),
            retries=Retries(sleep=self.waits.append, **retries),
            transport=httpx.MockTransport(self._answer),
        )

    def _answer(self, request):
        self.asked.append(request)
        answer = self._left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(**answer)


def ask(api, how):
    calls = {
        "get": lambda: api.client.get("/v1/things"),
        "post": lambda: api.client.post("/v1/things", {"a": 1}),
        "put": lambda: api.client.put("/v1/things/1", {"a": 1}, version=1),
        "upload": lambda: api.client.upload("/v1/imports", b"a,b"),
    }
    return calls[how]()


@pytest.mark.parametrize("how", ["get", "post", "upload"])
@pytest.mark.parametrize("first", [BUSY, AWAY, LOST, NEVER_SENT])
def test_what_may_be_repeated_is_repeated_alike(how, first):
    """The same bytes under the same key, after whatever became of the first one."""
    api = Api(first, DONE)
    assert ask(api, how)["id"] == "one"
    one, other = api.asked
    assert (one.content, dict(one.headers)) == (other.content, dict(other.headers))
    assert ("idempotency-key" in one.headers) is (how != "get")


@pytest.mark.parametrize("first", [LOST, AWAY])
def test_what_bears_no_key_is_not_repeated_once_it_left(first):
    """It may have been carried out: a second one would answer that the version is stale, and somebody else is blamed."""
    api = Api(first, DONE)
    with pytest.raises((AwayError, BusyError)):
        ask(api, "put")
    assert len(api.asked) == 1


@pytest.mark.parametrize("first", [NEVER_SENT, BUSY])
def test_what_never_arrived_is_sent_again(first):
    """Also without a key."""
    api = Api(first, DONE)
    assert ask(api, "put")["id"] == "one"


def test_the_wait_is_the_apis_own():
    """In seconds or as a date; where it names none, a little longer each time."""
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=4), usegmt=True)
    date = {"status_code": 503, "headers": {"Retry-After": later}}
    silent, odd = {"status_code": 503}, {"status_code": 503, "headers": {"Retry-After": "soon"}}
    api = Api(BUSY, date, silent, odd, DONE)
    ask(api, "get")
    assert api.waits[0] == 3
    assert 0 <= api.waits[1] <= 4
    assert api.waits[2:] == [pytest.approx(0.9), pytest.approx(1.2)]


def test_tries_have_an_end():
    """Five, then the refusal or the silence is told."""
    api = Api(*[AWAY] * 6)
    with pytest.raises(BusyError) as raised:
        ask(api, "get")
    assert (len(api.asked), raised.value.retry_after_s) == (5, 1)
    api = Api(*[NEVER_SENT] * 6)
    with pytest.raises(AwayError):
        ask(api, "get")
    assert len(api.asked) == 5


def test_a_long_wait_is_told_at_once():
    """A program can do something else meanwhile."""
    api = Api({"status_code": 429, "headers": {"Retry-After": "900"}})
    with pytest.raises(BusyError) as raised:
        ask(api, "get")
    assert (api.waits, raised.value.retry_after_s) == ([], 900)


def test_silence_is_told_at_once_if_asked_for():
    """An operator's command would rather say so."""
    api = Api(NEVER_SENT, when_away=False)
    with pytest.raises(AwayError) as raised:
        ask(api, "get")
    assert (api.waits, raised.value.origin) == ([], "https://host.example")


def test_an_answer_has_a_bound(monkeypatch):
    """Whoever answers without end fills no memory."""
    monkeypatch.setattr(sending, "LARGEST_ANSWER", 100)
    for size, fits in ((80, True), (101, False)):
        api = Api({"status_code": 200, "content": b"x" * size})
        if fits:
            assert len(api.client.download("/v1/file")) == size
        else:
            with pytest.raises(UnusableAnswerError):
                api.client.download("/v1/file")


def test_no_redirect_is_followed():
    """The token is for this API alone."""
    api = Api({"status_code": 302, "headers": {"Location": "https://elsewhere.example"}, "text": "moved"})
    with pytest.raises(UnusableAnswerError):
        ask(api, "get")
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    "url", ["http://host.example", "ftp://host.example", "host.example", "", "https://", "https://a:b@host.example",
            "https://host.example?x=1", "http://localhost.evil.example", "http://[::1", "https://host.example:port"],
)  # fmt: skip
def test_secrets_do_not_go_in_the_clear(url):
    """Nor to an address that is none."""
    with pytest.raises(PlainAddressError):
        Client(url, MachineKey(client_id="a", client_secret="b"))


@pytest.mark.parametrize(
    "url", ["https://xn--", "https://a..b", "https://ho\x01st.example", f"https://{'a' * 64}.example"]
)
def test_what_no_library_can_dial_is_refused_before_anything_is_sent(url):
    """Otherwise it would end a sign-in with a library's own words, after the password was given."""
    with pytest.raises(PlainAddressError):
        Client(url, MachineKey(client_id="a", client_secret="b"))


@pytest.mark.parametrize(
    "url",
    ["https://host.example/", "https://h\u00f6st.example", "http://127.0.0.1:80", "http://localhost", "http://[::1]:8"],
)
def test_this_machine_itself_may_be_plain(url):
    """Nobody is in between."""
    Client(url, MachineKey(client_id="a", client_secret="b")).close()
