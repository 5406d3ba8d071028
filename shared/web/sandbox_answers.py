"""What each answer of a host of invented people says of itself, a refusal too (docs/decisions/0049-sandboxes.md).

Shown by tests/integration/sandbox/test_sandbox_host.py.
"""

from flask import Flask, Response

from shared.kernel.tenancy import is_sandbox

HEADER = "Alongside-Sandbox"


def mark_answers(app: Flask, tenant: str) -> None:
    """Let each answer say so, if the host is one."""
    if is_sandbox(tenant):
        app.after_request(_mark)


def _mark(response: Response) -> Response:
    response.headers[HEADER] = "true"
    return response
