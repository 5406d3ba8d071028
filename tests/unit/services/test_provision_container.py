"""The container that provisions a compose stack: nothing starts it again, so it asks an engine more than once."""

import pytest
from pymongo.errors import AutoReconnect

from deploy.containers import provision


@pytest.fixture
def engine(monkeypatch):
    """An engine that does not answer for so many attempts; with the attempts that were made."""
    attempts = []

    def does_not_answer(times):
        def run(_options):
            attempts.append(1)
            if len(attempts) <= times:
                raise AutoReconnect("planted-address")

        monkeypatch.setattr(provision, "run", run)
        return attempts

    monkeypatch.setattr(provision, "_PAUSE_S", 0.0)
    return does_not_answer


def test_an_engine_that_is_away_for_a_moment_is_asked_again(engine):
    """An engine under load, or one that begins, does not end the start of the whole stack."""
    attempts = engine(2)
    assert provision.main(["stack"]) == 0
    assert len(attempts) == 3


def test_one_that_stays_away_is_named_and_the_wait_ends(engine, monkeypatch, capsys):
    """Code 3 with what to do, and nothing of an address."""
    monkeypatch.setattr(provision, "PATIENCE_S", 0.0)
    engine(10)
    assert provision.main(["stack"]) == 3
    said = capsys.readouterr().err
    assert "Run this again" in said
    assert "planted-address" not in said
