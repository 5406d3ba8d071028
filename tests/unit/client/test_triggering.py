"""What is made to happen in a demo: by whom, and that it is nobody's record."""

import pytest
from typer.testing import CliRunner

from client import listeners
from client.main import app
from client.stacks import Place
from client.triggering import TRIGGERS, NotTriggeredError, trigger


class Session:
    """One invented person's session; keeps what was asked."""

    def __init__(self, name, asked):
        self._name, self._asked = name, asked

    def get(self, path):
        return {"version": 7}

    def post(self, path, body, *, version=None):
        self._asked.append((self._name, path, body, version))
        return {"id": f"new-{len(self._asked)}"}


@pytest.mark.parametrize("name", ["case.episode_opened", "case.episode_opened.v1", "alongside.case.episode_opened.v1"])
def test_an_episode_opens_for_an_invented_person(name):
    """By the supervisor's ordinary commands, under each spelling of the type."""
    asked = []
    made = trigger(name, lambda who: Session(who, asked))
    assert [(who, path) for who, path, *_ in asked] == [
        ("supervisor", "/v1/survivors"),
        ("supervisor", "/v1/episodes"),
    ]
    assert asked[0][2]["reference"].startswith("INVENTED-")
    assert asked[1][2]["survivor_id"] == "new-1"
    assert made == {
        "type": "alongside.case.episode_opened.v1", "subject": "new-2", "subject_field": "episode_id",
    }  # fmt: skip


def test_an_episode_closes_as_it_was_read():
    """With the version that was read after it was opened."""
    asked = []
    trigger("case.episode_closed", lambda who: Session(who, asked))
    assert asked[-1][1:] == ("/v1/episodes/new-2/close", {"reason": "GOALS_MET_SURVIVOR_DECISION"}, 7)


@pytest.mark.parametrize("name", ["", "case", "case.survivor_erased", "alongside.", "case.episode_opened.v2"])
def test_what_cannot_be_made_is_told_with_what_can(name):
    """Nobody is erased to see an event; nothing is asked."""
    with pytest.raises(NotTriggeredError, match=r"case\.episode_opened\.v1"):
        trigger(name, None)
    assert not any("erased" in known for known in TRIGGERS)


@pytest.mark.parametrize("demo", [True, False])
def test_only_a_demo_has_people_who_do_it(monkeypatch, demo):
    """A stack in service refuses before anybody signs in."""
    asked = []
    place = Place(name="here", url="http://127.0.0.1:1", local=True, demo=demo)
    monkeypatch.setattr(listeners, "place_of", lambda tenant, host: place)
    monkeypatch.setattr("client.stacks.client_of", lambda stack, tenant, name: Session(name, asked))
    monkeypatch.setattr("client.stacks.this_stack", lambda: None)
    done = CliRunner().invoke(app, ["events", "trigger", "case.episode_opened", "-t", "alder"])
    assert (done.exit_code, bool(asked)) == ((0, True) if demo else (1, False))
    assert not demo or "about episode_id new-2" in done.stdout
