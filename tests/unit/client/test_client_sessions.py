"""As whom the client library acts: when it signs in, what it sends for it, and what it shows of it."""

import time
from urllib.parse import parse_qs

import httpx
import pytest

from client.alongside_client import (
    Client,
    MachineKey,
    NotSignedInError,
    Password,
    Renewal,
    Retries,
    SignInRefusedError,
    Token,
    UnusableAnswerError,
)

KEY = MachineKey(client_id="as_1", client_secret="most private")
LIFE_S = 900


class Api:
    """An API whose tokens are t1, t2, …; ``refused`` are taken no more."""

    def __init__(self, grant, *, refused=(), answer=None, **options):
        self.forms, self.asked, self.refused, self.kept = [], [], set(refused), []
        self._answer = answer or (lambda _: httpx.Response(200, json={"id": "one"}))
        self.client = Client(
            "https://host.example", grant, retries=Retries(sleep=lambda _: None), on_token=self.kept.append,
            transport=httpx.MockTransport(self.answer), **options,
        )  # fmt: skip

    def answer(self, request):
        if request.url.path == "/v1/token":
            self.forms.append({name: one for name, (one,) in parse_qs(request.content.decode()).items()})
            given = {"access_token": f"t{len(self.forms)}", "expires_in": LIFE_S, "role": "IMSA", "scope": "a b"}
            return httpx.Response(200, json=given)
        self.asked.append(request)
        if request.headers["authorization"].removeprefix("Bearer ") in self.refused:
            return httpx.Response(401, json={"code": "token-refused"})
        return self._answer(request)


def held(name="held", *, left_s=LIFE_S):
    return Token(access_token=name, ends_at=time.time() + left_s, lifetime_s=LIFE_S)


def test_each_grant_sends_its_form():
    """As the token endpoint has it; what was left out is not sent."""
    api = Api(KEY)
    api.client.get("/v1/things")
    assert api.forms == [{"grant_type": "client_credentials", "client_id": "as_1", "client_secret": "most private"}]
    person = Password(login="a@host.example", password="p", role="IMSA", audience="board", renewable=True)
    api = Api(person)
    api.client.get("/v1/things")
    assert api.forms == [
        {"grant_type": "password", "username": "a@host.example", "password": "p", "role": "IMSA", "audience": "board",
         "session": "browser"}
    ]  # fmt: skip
    api = Api(Renewal(audience="board"), token=held(left_s=LIFE_S / 2 - 1))
    api.client.get("/v1/things")
    assert api.forms == [{"grant_type": "refresh_token", "refresh_token": "held", "audience": "board"}]


def test_one_token_serves_until_half_of_its_time_is_over():
    """Then the next one is fetched, and whoever keeps them is told."""
    api = Api(Renewal(), token=held(left_s=LIFE_S / 2 + 60))
    api.client.get("/v1/things")
    assert (api.forms, api.kept) == ([], [])
    api = Api(Renewal(), token=held(left_s=LIFE_S / 2 - 60))
    api.client.get("/v1/things")
    api.client.get("/v1/things")
    assert [t.access_token for t in api.kept] == ["t1"]
    assert [r.headers["authorization"] for r in api.asked] == ["Bearer t1"] * 2
    assert (api.kept[0].role, api.kept[0].scopes) == ("IMSA", ("a", "b"))


def test_a_refused_token_is_replaced_once_and_the_command_keeps_its_key():
    """So a token that ran out meanwhile does nothing twice."""
    api = Api(KEY, token=held(), refused={"held"})
    api.client.post("/v1/things")
    assert len({r.headers["idempotency-key"] for r in api.asked}) == 1
    assert [r.headers["authorization"] for r in api.asked] == ["Bearer held", "Bearer t1"]
    api = Api(KEY, token=held(), refused={"held", "t1"})
    with pytest.raises(NotSignedInError):
        api.client.post("/v1/things")
    assert len(api.asked) == 2


def test_a_session_that_nobody_began_cannot_be_renewed():
    """Nothing is sent."""
    api = Api(Renewal())
    with pytest.raises(SignInRefusedError):
        api.client.get("/v1/things")
    assert (api.forms, api.asked) == ([], [])


@pytest.mark.parametrize(
    "given", [{}, {"access_token": ""}, {"access_token": "t"}, {"access_token": 3, "expires_in": 900},
              {"access_token": "t", "expires_in": "900"}, {"access_token": "t", "expires_in": 0},
              {"access_token": "t", "expires_in": 10**9}, [], "t"],
)  # fmt: skip
def test_what_is_no_token_is_not_used(given):
    """Another program may answer there."""
    client = Client(
        "https://host.example", KEY, transport=httpx.MockTransport(lambda _: httpx.Response(200, json=given))
    )
    with pytest.raises(UnusableAnswerError):
        client.sign_in()


def test_a_list_is_read_to_its_end():
    """Every page once, with the filters on each."""
    pages = {None: (["a", "b"], "x"), "x": (["c"], "y"), "y": ([], None)}

    def answer(request):
        items, following = pages[request.url.params.get("after")]
        assert (request.url.params["limit"], request.url.params["status"]) == ("2", "OPEN")
        return httpx.Response(200, json={"items": [{"id": i} for i in items], "next": following})

    api = Api(KEY, answer=answer)
    assert [i["id"] for i in api.client.items("/v1/things", limit=2, status="OPEN", kind=None)] == ["a", "b", "c"]


@pytest.mark.parametrize("page", [{"items": [], "next": "again"}, {"next": None}, {"items": {}}])
def test_a_list_without_an_end_is_an_error(page):
    """Half a list is not taken for a whole one, and nobody reads in a circle."""

    def answer(_):
        assert len(api.asked) <= 2
        return httpx.Response(200, json=page)

    api = Api(KEY, answer=answer)
    with pytest.raises(UnusableAnswerError):
        list(api.client.items("/v1/things"))


def test_whoever_keeps_up_asks_again_from_before_the_last_reading_began():
    """By the API's clock and its first answer: what was under way meanwhile comes the next time."""
    dates = iter(["Fri, 27 Nov 2026 12:00:05 GMT", "Fri, 27 Nov 2026 12:03:00 GMT"])

    def answer(request):
        last = request.url.params.get("after") is not None
        page = {"items": [{"id": "b" if last else "a"}], "next": None if last else "x"}
        return httpx.Response(200, json=page, headers={"Date": next(dates)})

    api = Api(KEY, answer=answer)
    read = api.client.changes("/v1/things", since="2026-11-26T00:00:00+00:00")
    assert [i["id"] for i in read.items] == ["a", "b"]
    assert read.again_from == "2026-11-27T11:58:05+00:00"
    assert {r.url.params["updated_since"] for r in api.asked} == {"2026-11-26T00:00:00+00:00"}


def test_the_api_itself_says_from_when_to_ask_again():
    """What its first page says counts, not the clock of whichever machine answered."""
    told = iter(["2026-11-27T11:58:00Z", "2026-11-27T11:59:00Z"])

    def answer(request):
        last = request.url.params.get("after") is not None
        page = {"items": [], "next": None if last else "x", "again_from": next(told)}
        return httpx.Response(200, json=page, headers={"Date": "Fri, 27 Nov 2026 13:00:00 GMT"})

    assert Api(KEY, answer=answer).client.changes("/v1/things").again_from == "2026-11-27T11:58:00Z"


@pytest.mark.parametrize("headers", [{}, {"Date": "yesterday"}])
def test_whoever_does_not_say_when_cannot_be_kept_up_with(headers):
    """A guess by another clock could lose a change for ever."""
    page = {"items": [], "next": None}
    api = Api(KEY, answer=lambda _: httpx.Response(200, json=page, headers=headers))
    with pytest.raises(UnusableAnswerError):
        api.client.changes("/v1/things")


def test_a_version_is_sent_as_a_tag():
    """A number or the tag itself."""
    api = Api(KEY, answer=lambda _: httpx.Response(200, json={}, headers={"ETag": '"7"'}))
    seen = api.client.get("/v1/things/1")
    api.client.put("/v1/things/1", {}, version=seen.etag)
    api.client.post("/v1/things/1/close", version=7)
    assert [r.headers.get("if-match") for r in api.asked] == [None, '"7"', '"7"']


def test_no_secret_is_shown():
    """A representation ends up in logs."""
    shown = repr([KEY, Password(login="a@host.example", password="p4ss"), held("most secret")])
    assert not any(word in shown for word in ("most private", "p4ss", "a@host.example", "most secret"))
