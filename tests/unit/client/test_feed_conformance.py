"""A consumer of the feed is run against a stand-in: the one that people copy passes, and broken ones fail by rule."""

import sys
import time

import httpx
import pytest
from typer.testing import CliRunner

from client.conformance import feed_rules
from client.conformance.feed_rules import FEED_RULES, check_feed
from client.conformance.programs import NoSuchProgramError
from client.conformance.serving import serving
from client.conformance.stand_in import StandIn
from client.main import app
from deploy.engines.layout import PROJECT_ROOT

# A consumer is given half a minute to ask again, at every rule.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

EXAMPLE = PROJECT_ROOT / "docs" / "examples" / "feed_consumer.py"
UNKNOWN = {"Reads on after a type that it does not know", "Reads on after a version that it does not know"}


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """The example with one edit, and a store of its own; gives the command that runs it."""
    monkeypatch.setenv("ALONGSIDE_STORE", str(tmp_path / "events.sqlite"))

    def make(old="", new=""):
        text = EXAMPLE.read_text()
        assert old in text
        (tmp_path / "consumer.py").write_text(text.replace(old, new, 1))
        return f"{sys.executable} -W ignore {tmp_path / 'consumer.py'}"

    return make


def test_the_example_passes_twice(broken):
    """Also with the store that it has from the first time; and the command says so."""
    command = broken()
    for _ in range(2):
        done = CliRunner().invoke(app, ["consumer", "check", "feed", "--command", command])
        assert done.exit_code == 0, done.stdout
        assert [line.split("  ")[0] for line in done.stdout.splitlines()] == ["passed"] * (len(FEED_RULES) + 2)


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ('    data = event["data"]\n', '    data = event["data"]\n    assert "for_a_check" not in event["type"] and "999" not in event["type"]\n', UNKNOWN),
        ("        start_over(db, http)\n        return\n", "        raise SystemExit(3)\n", {"Takes a snapshot when it is too far behind"}),
        ('        time.sleep(int(answer.headers["Retry-After"]))', "        pass", {"Waits as it is told where no place is free"}),
        ('json={"position": page["next"]}', 'json={"position": page["next"] + 9}', {"Acknowledges nothing that it was not given"}),
        ("INSERT OR IGNORE INTO cursor VALUES (1, 0);", "INSERT OR REPLACE INTO cursor VALUES (1, 0);", {"Reads on where it was after it was killed"}),
    ],
    ids=["unknown", "too-old", "rush", "too-far", "forgets"],
)  # fmt: skip
def test_a_broken_consumer_fails_by_its_own_rule(broken, old, new, rules):
    """And the rules after it are tried, with the program started again where it ended."""
    found = list(check_feed(broken(old, new), patience_s=20))
    assert len(found) == len(FEED_RULES) + 2
    assert {one.rule for one in found if not one.passed} == rules
    assert all(one.mend for one in found if not one.passed)


def test_a_program_that_ends_at_once_fails_the_first_rule():
    """Without a wait."""
    began = time.monotonic()
    (found,) = check_feed(f"{sys.executable} -c pass")
    assert (found.passed, found.met) == (False, "your program ended")
    assert time.monotonic() - began < feed_rules.PATIENCE_S


@pytest.mark.parametrize("command", ["", "/no/such/program", 'python "'])
def test_a_command_that_is_none_is_refused(command):
    """With what one looks like."""
    with pytest.raises(NoSuchProgramError):
        list(check_feed(command))


def test_the_command_line_wants_one_with_the_other():
    """A feed without a program, or a program with an address: exit code 2."""
    for words in (["feed"], ["http://127.0.0.1:1/", "--command", "x"]):
        assert CliRunner().invoke(app, ["consumer", "check", *words]).exit_code == 2


def test_the_stand_in_is_for_its_own_consumer_alone():
    """On this machine, by the key that it drew; what it cannot read it refuses, and goes on."""
    feed = StandIn()
    with serving(feed) as url, httpx.Client(base_url=url, trust_env=False) as http:
        assert httpx.URL(url).host == "127.0.0.1"
        form = {"grant_type": "client_credentials", "client_id": feed.client_id, "client_secret": "another"}
        asked = [
            http.post("/v1/token", data=form), http.get("/v1/events"), http.get("/v1/events/snapshot"),
            http.put("/v1/event-consumers/x", json={}), http.post("/v1/event-consumers/x/ack", json={"position": 1}),
        ]  # fmt: skip
        assert [one.status_code for one in asked] == [401] * 5
        token = http.post("/v1/token", data={**form, "client_secret": feed.client_secret}).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        assert http.get("/v1/events", params={"after": "x"}).status_code == 422
        assert http.post("/v1/event-consumers/x/ack", content=b"[").status_code == 422
        assert http.get("/v1/survivors").status_code == 404
        assert http.get("/v1/events").json()["items"] == []
