"""Schemathesis against the whole document of a host's API: right requests, wrong ones, and never a fault of ours."""

import os
from collections import Counter
from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from services.identity.people.provisioning import create_first_user
from shared.kernel.ids import new_id
from tests.integration.test_every_route import CHANGES, READS, known_before, things

__all__ = ["known_before", "things"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]

EXAMPLES = int(os.environ.get("ALONGSIDE_FUZZ_EXAMPLES", "25"))
CHAINS = int(os.environ.get("ALONGSIDE_FUZZ_CHAINS", "20"))
LEAST_ROUNDS, MOST_ROUNDS = 3, 15
CHAINED = "^/v1/(survivors|episodes)"
ROLES = {r.template: r.roles[0] for r in CHANGES} | {"/v1/consents/search": "HOST_DPO"}
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


@pytest.fixture
def place(place):
    """The host, with an administrator whom identity knows: what they may do is read from their own document."""
    login = f"{new_id()}@host.example"
    place._actors["HOST_ADMIN"] = create_first_user(
        place.contexts["identity"], login=login, password="quiet lanterns over warm gravel", roles=("HOST_ADMIN",)
    )
    return place


def role_of(method, path):
    if method == "GET" and path in READS:
        return READS[path][-1]
    if path.startswith("/v1/periods"):
        return "HOST_DPO" if path.endswith("provenance") else "HOST_DATA_LEAD"
    return ROLES.get(path, "HOST_ADMIN")


def operations(schema):
    return [result.ok() for result in schema.get_all_operations()]


def modes_of(operation):
    """Wrong requests can be made only where something can be wrong."""
    yield GenerationMode.POSITIVE
    if operation.body or any(p for p in (*operation.query, *operation.headers, *operation.path_parameters)):
        yield GenerationMode.NEGATIVE


def send(place, case, known):
    """Send one request as somebody who may; raises what does not hold of the answer.

    ``known`` are ids of things that are there, for a request that shall find something; empty for any other.
    """
    operation = case.operation
    method, path = operation.method.upper(), operation.path
    successes = {str(status) for status in operation.definition.raw["responses"] if str(status).startswith("2")}
    if known:
        case.path_parameters = {**(case.path_parameters or {}), **known}
    if path == "/v1/events" and str((case.query or {}).get("wait", "")).isdecimal():
        # A right request would wait for up to half a minute, which its own tests do.
        case.query = {**case.query, "wait": 0}
    if known and path.endswith(("/close", "/exclude")):
        case.headers = {**(case.headers or {}), "If-Match": '"1"'}
    headers = {} if path == "/v1/token" else place.headers(role_of(method, path))
    response = case.call(headers=headers)
    case.validate_response(response, checks=CHECKS, headers=headers)
    status = response.status_code
    if status < 300:
        assert str(status) in successes, f"{method} {path}: {status} is not documented"
    elif path != "/v1/token":
        assert response.headers["content-type"][0] == "application/problem+json", f"{method} {path}: {status}"
    return status


def attempt(place, operation, mode, things):
    """Send many requests to one operation; raises what does not hold."""
    known = {name: value for name, value in things.items() if f"{{{name}}}" in operation.path}

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), aimed=st.booleans())
    def hold(case, aimed):
        send(place, case, known if aimed else {})

    with suppress(Unsatisfiable):
        hold()


def test_no_request_makes_a_fault(place, things):
    """Whatever comes: a documented success, or a problem document below 500; 503 only if something is away."""
    schema = schemathesis.openapi.from_wsgi("/openapi.json", place.app)
    found, tried = [], 0
    for operation in operations(schema):
        if operation.path.startswith(("/healthz", "/readyz")):
            continue
        for mode in modes_of(operation):
            tried += 1
            try:
                attempt(place, operation, mode, things)
            except BaseExceptionGroup as group:
                found += [f"{operation.label} {mode}: {error}"[:800] for error in group.exceptions]
            except Exception as error:  # noqa: BLE001  All operations are tried before the verdict.
                found.append(f"{operation.label} {mode}: {error}"[:1_500])
    assert tried > 50
    assert found == [], "\n\n".join(found)


def test_no_chain_of_requests_makes_a_fault(place, things):
    """What one request makes, the next one asks about, by the links of the document: bounded, and no fault of ours."""
    schema = schemathesis.openapi.from_wsgi("/openapi.json", place.app).include(path_regex=CHAINED)
    answers = Counter()

    class Workflow(schema.as_state_machine()):
        def call(self, case, **_kwargs):
            method, path = case.operation.method.upper(), case.operation.path
            if path.endswith(("/close", "/exclude")):
                case.headers = {**(case.headers or {}), "If-Match": '"1"'}
            response = super().call(case, headers=place.headers(role_of(method, path)))
            answers[f"{method} {path}", response.status_code] += 1
            return response

        def validate_response(self, response, case, **_kwargs):
            headers = place.headers(role_of(case.operation.method.upper(), case.operation.path))
            case.validate_response(response, checks=CHECKS, headers=headers)

    # What is drawn depends on what this process has loaded, so one draw may follow nothing: then there are further ones.
    for number in range(MOST_ROUNDS):
        seed(number)(Workflow).run(
            settings=settings(
                max_examples=CHAINS, stateful_step_count=8, deadline=None, database=None,
                phases=[Phase.generate], suppress_health_check=list(HealthCheck),
            )
        )  # fmt: skip
        followed = {operation for (operation, status), _ in answers.items() if status < 300 and "{" in operation}
        if number >= LEAST_ROUNDS - 1 and answers["POST /v1/survivors", 201] and len(followed) >= 3:
            break
    assert answers["POST /v1/survivors", 201] > 0, answers
    assert len(followed) >= 3, answers


def test_every_operation_has_a_caller_who_may(place, things):
    """A fuzzer that gets 404 everywhere finds nothing: each operation's caller has the right."""
    schema = schemathesis.openapi.from_wsgi("/openapi.json", place.app)
    refused = []
    for operation in operations(schema):
        method, path = operation.method.upper(), operation.path
        if method != "GET" or "{" in path or not path.startswith("/v1/"):
            continue
        if place.get(path, role_of(method, path)).status_code != 200:
            refused.append(path)
    assert refused == []
