"""Batches, records and keeping up, of the client library: nothing twice, nothing left out."""

import json
from http import HTTPStatus

import httpx
import pytest

from client.alongside_client import (
    BadRequestError,
    Client,
    Command,
    KeyInFlightError,
    KeyReusedError,
    MachineKey,
    ProblemError,
    Records,
    Retries,
    UnusableAnswerError,
    keep_up,
    send_batch,
)
from client.alongside_client.errors import _BY_CODE, _KINDS, problem_of
from shared.web.problems import _WORDS, kinds_of_problems

TOKEN = {"access_token": "t", "expires_in": 900}


class Api:
    """An API of a test; it keeps what it was asked."""

    def __init__(self, *answers):
        self.asked, self.waited, self._answers = [], [], list(answers)
        self.client = Client(
            "https://host.example",
            MachineKey(client_id="a", client_secret="s"),
            transport=httpx.MockTransport(self._answer),
            retries=Retries(attempts=3, sleep=self.waited.append),
        )

    def _answer(self, request):
        if request.url.path == "/v1/token":
            return httpx.Response(200, json=TOKEN)
        self.asked.append(request)
        return self._answers.pop(0)(request)

    def bodies(self):
        return [json.loads(request.content) for request in self.asked]


def told(*statuses, again=False):
    items = [
        {"status": s, "body": {"id": "x", "outcome": "CREATED"} if s < 400 else {"code": "not-begun"}} for s in statuses
    ]
    return lambda _: httpx.Response(207, json={"items": items, "failed": 0, "again": again})


def test_a_batch_that_came_too_late_is_sent_again_with_the_same_key():
    """The same bytes, until nothing more may pass; each command then has its answer or its error."""
    api = Api(told(201, 503, again=True), told(201, 422))
    done = send_batch(api.client, [Command(path="/v1/a"), Command(path="/v1/b", version=2)])
    assert [one.status for one in done] == [201, 422]
    assert done[0].error is None
    assert isinstance(done[1].error, ProblemError)
    assert len({(r.headers["idempotency-key"], r.content) for r in api.asked}) == 1
    assert len(api.waited) == 1


@pytest.mark.parametrize(("asks_for", "waited", "tries"), [("2", [2.0], 2), ("60", [], 1)])
def test_a_batch_is_sent_again_when_the_api_says(asks_for, waited, tries):
    """Not sooner; and where that is too long, what is not done is told at once."""

    def late(request):
        answer = told(503, again=True)(request)
        answer.headers["Retry-After"] = asks_for
        return answer

    api = Api(late, told(201))
    done = send_batch(api.client, [Command(path="/v1/a")])
    assert (api.waited, len(api.asked)) == (waited, tries)
    assert done[0].status == (201 if waited else 503)


def test_tries_of_a_batch_end():
    """What still does not come in time is told."""
    api = Api(*[told(503, again=True)] * 3)
    assert send_batch(api.client, [Command(path="/v1/a")])[0].status == 503
    assert len(api.asked) == 3


@pytest.mark.parametrize("answer", [{}, {"items": []}, {"items": [{"status": "201", "body": {}}]}, {"items": [3]}])
def test_a_batch_that_is_answered_otherwise_is_an_error(answer):
    """Half an answer is not taken for a whole one."""
    api = Api(lambda _: httpx.Response(207, json=answer))
    with pytest.raises(UnusableAnswerError):
        send_batch(api.client, [Command(path="/v1/a")])


def test_records_go_in_batches_with_keys_that_belong_to_the_run():
    """A hundred at once; begun again under its name a run sends the same keys, another run and another record others."""
    records = [(f"R-{n}", {"gender": "Female"}) for n in range(101)]
    keys = []
    for run, sent in (("one", records), ("one", records), ("two", records), ("one", [("R-0", {"gender": "Male"})])):
        api = Api(*[lambda r: told(*[201] * len(json.loads(r.content)["items"]))(r)] * 2)
        puts = list(Records(api.client, "casefile").put_all(sent, run=run))
        assert [put.reference for put in puts] == [reference for reference, _ in sent]
        assert all(put.was_taken for put in puts)
        keys.append([item["key"] for body in api.bodies() for item in body["items"]])
        assert [len(body["items"]) for body in api.bodies()] == ([100, 1] if len(sent) > 1 else [1])
    first, again, other, changed = keys
    assert first == again
    assert not set(first) & {*other, *changed}
    assert not any("R-" in key for key in first)


def test_a_record_that_is_refused_stops_no_other():
    """It is told with its error, and never in a log of its own accord."""
    api = Api(told(422, 201))
    refused, taken = Records(api.client).put_all([("R-1", {}), ("R-2", {})], run="r")
    assert (refused.outcome, refused.was_taken, taken.outcome) == ("REFUSED", False, "CREATED")
    assert "R-1" not in repr(refused)


def test_a_large_record_makes_a_smaller_batch():
    """So that none is refused whole for its size."""
    api = Api(*[lambda r: told(*[201] * len(json.loads(r.content)["items"]))(r)] * 9)
    list(Records(api.client).put_all([(f"R-{n}", {"nation": "x" * 60_000}) for n in range(5)], run="r"))
    assert all(len(request.content) < 256 * 1024 for request in api.asked)


def test_a_record_that_is_too_large_alone_stops_none_after_it():
    """It goes alone, is refused alone, and the next night it would be met first again."""

    def answer(request):
        if len(request.content) > 256 * 1024:
            return httpx.Response(413, json={"code": "too-large", "status": 413})
        return told(*[201] * len(json.loads(request.content)["items"]))(request)

    api = Api(*[answer] * 3)
    records = [("R-1", {}), ("R-2", {"nation": "x" * 300_000}), ("R-3", {})]
    puts = list(Records(api.client).put_all(records, run="r"))
    assert [(put.reference, put.outcome) for put in puts] == [
        ("R-1", "CREATED"),
        ("R-2", "REFUSED"),
        ("R-3", "CREATED"),
    ]
    assert isinstance(puts[1].error, BadRequestError)


@pytest.mark.parametrize("status", [400, 403, 413])
def test_a_batch_that_is_refused_whole_is_an_error(status):
    """Such as for want of a scope: no record would fare better."""
    api = Api(lambda _: httpx.Response(status, json={"code": "x"}))
    with pytest.raises(ProblemError):
        list(Records(api.client).put_all([("R-1", {}), ("R-2", {})], run="r"))


def test_who_keeps_up_takes_each_page_and_asks_again_from_the_first():
    """What was returned is returned only when every page was taken."""
    taken = []

    def page(items, following, again_from):
        return lambda _: httpx.Response(200, json={"items": items, "next": following, "again_from": again_from})

    api = Api(page([{"id": "a"}], "x", "2026-01-01T00:00:00Z"), page([{"id": "b"}], None, "2026-01-02T00:00:00Z"))
    assert (
        keep_up(api.client, "/v1/episodes", taken.append, since="2025-12-31T00:00:00Z", status="ACTIVE")
        == "2026-01-01T00:00:00Z"
    )
    assert taken == [[{"id": "a"}], [{"id": "b"}]]
    assert {r.url.params["updated_since"] for r in api.asked} == {"2025-12-31T00:00:00Z"}
    assert {r.url.params["status"] for r in api.asked} == {"ACTIVE"}


def test_every_status_of_the_api_has_an_exception_of_its_own():
    """And so do the codes that a program acts on; a code that contradicts its status is not believed."""
    assert set(_WORDS) <= {*map(int, _KINDS)}
    for code, kind in _BY_CODE.items():
        known = kinds_of_problems().get(code)
        assert known is None or issubclass(kind, _KINDS[HTTPStatus(known["status"])])
    assert isinstance(problem_of(409, {"code": "idempotency-key-in-flight"}), KeyInFlightError)
    assert isinstance(problem_of(422, {"code": "idempotency-key-reused"}), KeyReusedError)
    for status in (404, 502):
        assert not isinstance(problem_of(status, {"code": "idempotency-key-reused"}), KeyReusedError)
