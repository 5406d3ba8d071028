"""The receivers that people copy pass the check that people run."""

import pytest

from client.conformance.posting import Receiver
from client.conformance.rules import check
from services.integrations.webhooks.signing import draw_key
from tests.integration.integrations.test_webhook_examples import NODE, PYTHON, needs_node, running


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        pytest.param(PYTHON, "HMAC", id="python"),
        pytest.param(NODE, "HMAC", id="node", marks=needs_node),
        pytest.param(NODE, "ED25519", id="node-ed25519", marks=needs_node),
    ],
)
def test_an_example_passes_every_rule(command, kind, tmp_path):
    """With either kind of key."""
    key = draw_key(kind)
    with running(command, key.shown, tmp_path) as url:
        found = list(check(Receiver(url, key)))
    assert [one for one in found if not one.passed] == []
