"""Commands for sandboxes: an id that says what it is, and a life that happens in a sandbox alone."""

import pytest
from typer.testing import CliRunner

from client import sandboxes
from client.main import app
from client.sandboxes import NotASandboxError, SandboxNameError, check_name, sessions_of
from client.triggering import TRIGGERS


class Session:
    """One invented person's session; everything is taken."""

    def get(self, path):
        return {"version": 1}

    def post(self, path, body, *, version=None):
        return {"id": "new"}


@pytest.mark.parametrize(("name", "sandbox"), [("try", True), ("mysandbox", True), ("sandboxtry", False)])
def test_a_name_that_says_something_else_is_refused(name, sandbox):
    """Neither a sandbox that looks like a host, nor a host that looks like a sandbox."""
    with pytest.raises(SandboxNameError):
        check_name(name, sandbox=sandbox)
    words = ["tenant", "add", name, "--name", "x", "--nation", "WALES", *(["--sandbox"] if sandbox else [])]
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, SandboxNameError)


def test_a_name_that_says_what_it_is_is_taken():
    """Each in its own way."""
    check_name("sandboxtry", sandbox=True)
    check_name("alder", sandbox=False)


def test_nothing_invented_is_made_elsewhere():
    """Not in a demo's host, and not in a host in service: before anybody signs in."""
    with pytest.raises(NotASandboxError):
        sessions_of("alder")
    for command in (["sandbox", "fill"], ["sandbox", "live"]):
        done = CliRunner().invoke(app, [*command, "--tenant", "alder"])
        assert isinstance(done.exception, NotASandboxError)


def test_each_kind_of_thing_happens_in_turn_and_so_often_as_was_said():
    """With a pause between two, and none after the last."""
    told, paused = [], []
    made = sandboxes._happen(
        lambda _who: Session(), len(TRIGGERS) + 1, every_s=2.0, told=told.append, sleep=paused.append
    )
    assert sum(made.values()) == len(told) == len(TRIGGERS) + 1
    assert min(made.values()) == 1
    assert paused == [2.0] * len(TRIGGERS)


@pytest.mark.parametrize(
    "words",
    [
        ["live", "--every", "0"],
        ["live", "--every", "3601"],
        ["live", "--every", "inf"],
        ["live", "--count", "10001"],
        ["fill", "--people", "201"],
    ],
)
def test_what_would_be_a_load_test_or_never_go_on_is_refused(words):
    """A slow life, bounded."""
    assert CliRunner().invoke(app, ["sandbox", *words, "--tenant", "sandboxtry"]).exit_code == 2
