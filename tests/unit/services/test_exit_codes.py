"""Exit codes: 0 finished, 75 may be started again, 78 needs a person first."""

import threading
from types import SimpleNamespace

import pytest
from pymongo.errors import NetworkTimeout, OperationFailure, ServerSelectionTimeoutError

from shared.bus import entrypoint, native_threads
from shared.bus.guard import WrongPlaceError
from shared.kernel.errors import TemporarilyUnavailableError
from shared.kernel.stopping import Stop
from shared.runtime import place, processes
from shared.runtime.context import ConfigurationError, Listen
from shared.runtime.place import BrokerSilentError, Place


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ServerSelectionTimeoutError("away"), 75),
        (NetworkTimeout("silent"), 75),
        (BrokerSilentError(), 75),
        (TemporarilyUnavailableError("escrow"), 75),
        (ConfigurationError("no file"), 78),
        (WrongPlaceError("another tenant's", "look"), 78),
    ],
)
def test_what_may_pass_is_75_and_what_needs_a_person_is_78(monkeypatch, capsys, error, code):
    """A database, a broker or a key holder that is away is no wrong configuration."""

    def check(*_arguments):
        raise error

    monkeypatch.setattr(place, "PATIENCE_S", 0.0)
    monkeypatch.setattr(Place, "check", check)
    assert processes.run("relay", tenant="elm", services="all", listen=Listen()) == code
    assert capsys.readouterr().err.strip()


def test_who_waits_for_a_broker_that_is_away_is_told_to_stop(monkeypatch):
    """It looks once more at most, and does not keep its process for the rest of its minute."""
    looked, asked = [], Stop()

    def look(*_arguments):
        looked.append(True)
        asked.set()
        raise ConnectionRefusedError

    monkeypatch.setattr(place, "check_vhost", look)
    context = SimpleNamespace(service="consent", settings=SimpleNamespace(amqp_uri="amqp://nobody"))
    with pytest.raises(BrokerSilentError):
        place._check_vhost(context, SimpleNamespace(subscriptions=()), asked)
    assert looked == [True]


def test_what_the_database_refuses_is_not_called_away(monkeypatch):
    """It is a fault, and is seen as one."""

    def check(*_arguments):
        raise OperationFailure("refused", code=121)

    monkeypatch.setattr(Place, "check", check)
    with pytest.raises(OperationFailure):
        processes.run("relay", tenant="elm", services="all", listen=Listen())


@pytest.mark.parametrize(("takes_s", "unfinished"), [(0.0, []), (30.0, ["consent-case"])])
def test_a_batch_that_outlasts_the_grace_is_noted(monkeypatch, takes_s, unfinished):
    """The worker then ends with 75."""
    monkeypatch.setattr(entrypoint, "GRACE_S", 0.2)
    held = threading.Event()
    part = entrypoint.Consume("case")
    part.container = SimpleNamespace(
        service_name="consent",
        spawn_managed_thread=lambda run, identifier: native_threads.spawn(run),
    )
    part._watch = lambda stop, **_: stop
    part._consumer = SimpleNamespace(run=lambda _stop: held.wait(takes_s), consuming=threading.Event())
    part.start()
    part.stop()
    assert (part._unfinished, part._stop.is_set()) == (unfinished, True)
    held.set()
