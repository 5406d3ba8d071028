"""The OpenAPI document of a running host against its own API: every example and border that the document speaks of.

What chance finds beyond that is sought by ``test_fuzzing.py``, which takes its time.
"""

import threading

import pytest
import schemathesis
from schemathesis import GenerationMode
from waitress.server import create_server

from tests.integration.test_every_route import known_before, things
from tests.integration.test_fuzzing import operations, place, send

__all__ = ["known_before", "place", "things"]

pytestmark = pytest.mark.timeout(600)

MOST = 16
"""Requests of each kind (right, wrong) that one operation gets, spread over all that there are."""


@pytest.fixture
def schema(place):
    """The document as the running API gives it."""
    server = create_server(place.app, host="127.0.0.1", port=0, threads=2, ident="", asyncore_use_poll=True)
    threading.Thread(target=server.run, daemon=True).start()
    yield schemathesis.openapi.from_url(f"http://127.0.0.1:{server.effective_port}/openapi.json")
    server.close()


def spread(cases):
    """Some of the cases, evenly, the first and the last among them: the order is the document's own."""
    step = max(1, -(-len(cases) // MOST))
    return [*cases[::step], cases[-1]] if cases else []


def is_about_headers(case):
    """Whether all that is wrong is a header that nobody reads: gates add some, and a request without a body has no type."""
    return not {"content-type", "x-schemathesis-unknown-property"}.isdisjoint(map(str.lower, case.headers or ()))


def test_the_document_and_its_api_agree(place, schema, things):
    """Each answer to what the document calls right, or wrong, has a form that it speaks of; none is a fault of ours.

    And nothing that the document calls wrong is taken.
    """
    found, sent, answers = [], 0, set()
    for operation in operations(schema):
        if operation.path.startswith(("/healthz", "/readyz")):
            continue
        known = {name: value for name, value in things.items() if f"{{{name}}}" in operation.path}
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            cases = list(
                schema.iter_coverage_cases(
                    operation, generation_modes=[mode],
                    generation_config=schema.config.generation_for(operation=operation, phase="coverage"),
                )
            )  # fmt: skip
            for case in spread(cases):
                if case.method.upper() != operation.method.upper():
                    continue
                sent += 1
                try:
                    status = send(place, case, known if mode == GenerationMode.POSITIVE else {})
                    answers.add(status)
                    taken = mode == GenerationMode.NEGATIVE and status < 300 and not is_about_headers(case)
                    assert not taken, f"{status} for {case.meta.phase.data.description}"
                except BaseExceptionGroup as group:
                    found += [f"{operation.label} {mode}: {error}"[:900] for error in group.exceptions]
                except Exception as error:  # noqa: BLE001  All operations are tried before the verdict.
                    found.append(f"{operation.label} {mode}: {error}"[:900])
    assert found == [], "\n\n".join(found)
    assert sent > 500
    assert {200, 201, 404, 422} <= answers
