"""What the client library's errors tell a program, and what their text never holds."""

import traceback

import httpx
import pytest

from client import alongside_client
from client.alongside_client import Client, MachineKey, Retries, Token
from client.alongside_client.errors import ProblemError, SignInRefusedError, problem_of

SAID = "Maryam Idrissi of 4 Quay Street"
DOCUMENT = {
    "type": "/docs/errors#row-unclear", "title": SAID, "status": 422, "detail": SAID, "code": "row-unclear",
    "instance": "req-1", "errors": [{"pointer": "/gender", "code": "unknown-code", "detail": SAID}, "no place"],
}  # fmt: skip
KINDS = {
    401: "NotSignedInError", 404: "NotFoundError", 409: "RuleViolationError", 412: "StaleVersionError",
    422: "InvalidInputError", 428: "PreconditionRequiredError", 429: "BusyError", 503: "BusyError",
    400: "BadRequestError", 413: "BadRequestError", 500: "FaultError",
}  # fmt: skip


@pytest.mark.parametrize(("status", "name"), KINDS.items())
def test_each_kind_of_problem_is_a_class_of_its_own(status, name):
    """A program catches what it can mend, and everything by one name."""
    error = problem_of(status, DOCUMENT)
    assert type(error).__name__ == name
    assert isinstance(error, ProblemError)
    assert isinstance(error, alongside_client.ClientError)


def test_a_problem_says_what_the_api_said():
    """Type, code, words, the request's id, and each place with its pointer; what is no place is left out."""
    error = problem_of(422, DOCUMENT, retry_after_s=3)
    assert (error.type, error.code, error.detail) == ("/docs/errors#row-unclear", "row-unclear", SAID)
    assert (error.instance, error.retry_after_s) == ("req-1", 3)
    assert [(f.pointer, f.code) for f in error.faults] == [("/gender", "unknown-code")]


def test_the_text_has_a_code_and_a_status_alone():
    """It ends up in logs."""
    assert str(problem_of(422, DOCUMENT)) == "The API refused the request: row-unclear (HTTP 422)."


@pytest.mark.parametrize("code", [SAID, "A-B", "a" * 61, None, 7, ["x"], "a--b"])
def test_a_code_of_another_form_is_not_repeated(code):
    """A gate in between may say anything."""
    for error in (problem_of(500, {"code": code}), SignInRefusedError(400, {"error": code})):
        assert "unknown" in str(error)
        assert str(code) not in str(error) or code == 7


@pytest.mark.parametrize("document", [{}, {"errors": SAID}, {"errors": [1, None]}, {"title": 4, "errors": [{}]}])
def test_a_broken_document_is_a_problem_all_the_same(document):
    """Nothing else is raised in its place."""
    assert problem_of(400, document).code == "unknown"


def test_no_trace_holds_what_was_sent_or_answered():
    """Neither address, key, secret, body nor answer, in the whole chain of causes."""
    secret = "as_secret_most_private"

    def answer(request):
        if request.url.path == "/v1/token":
            raise httpx.ConnectError(f"refused: {request.url} {SAID}")
        return httpx.Response(422, json=DOCUMENT)

    sleepless = Retries(sleep=lambda _: None)
    key = MachineKey(client_id="as_1", client_secret=secret)
    token = Token(access_token=secret, ends_at=9e12, lifetime_s=1)
    for held in (None, token):
        client = Client(
            "https://host.example", key, token=held, retries=sleepless, transport=httpx.MockTransport(answer)
        )
        with pytest.raises(alongside_client.ClientError) as raised:
            client.post(f"/v1/things/{SAID}", {"name": SAID})
        text = "".join(traceback.format_exception(raised.value)).replace(repr(SAID), "").replace(__file__, "")
        said = "\n".join(line for line in text.splitlines() if not line.startswith("    "))
        assert SAID not in said
        assert secret not in said + repr(client.__dict__)
