"""A host's courier leaves its own machine by TLS only."""

from types import SimpleNamespace

import pytest

from shared.runtime.context import ConfigurationError
from shared.runtime.place import refuse_plain_remotes


def context(remote, own="amqp://c:p@rabbitmq:5672/t-oak"):
    extra = {"courier_remotes": {"board": remote}} | ({"courier_own_uri": own} if own else {})
    return SimpleNamespace(tenant_id="oak", settings=SimpleNamespace(extra=extra))


@pytest.mark.parametrize("remote", ["amqps://c:p@broker.centre.example:5671/board", "amqp://c:p@rabbitmq:5672/board"])
def test_tls_or_the_own_broker(remote):
    """Another owner's broker by TLS, or the one that carries both on one machine."""
    refuse_plain_remotes(context(remote))


def test_plain_to_another_machine_is_refused():
    """The process does not start, and the message shows no password."""
    with pytest.raises(ConfigurationError, match=r"board .* not amqps") as caught:
        refuse_plain_remotes(context("amqp://c:secret@broker.centre.example:5672/board"))
    assert "secret" not in str(caught.value)
