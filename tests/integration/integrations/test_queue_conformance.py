"""A reader is run at a real queue: the one that people copy passes, and each broken one fails by its own rule."""

import sys

import pytest

from client.conformance.queue_rules import _FIRST, QUEUE_RULES, check_queue
from deploy.engines.layout import PROJECT_ROOT
from shared.bus.provisioner import BrokerAdmin

# The broker counts what was acknowledged every few seconds, at every rule.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

EXAMPLE = PROJECT_ROOT / "docs" / "examples" / "queue_consumer.py"
SAYS = {word: next(rule.says for rule in QUEUE_RULES if word in rule.says) for word in (
    "by itself", "bounded", "a type", "a version", "killed", "lost connection", "connections",
)}  # fmt: skip


@pytest.fixture
def reader(tmp_path, monkeypatch):
    """The example with one edit, and a database of its own; gives the command that runs it."""
    monkeypatch.setenv("QUEUE_DATABASE", str(tmp_path / "events.db"))

    def make(old="", new=""):
        text = EXAMPLE.read_text()
        assert old in text
        (tmp_path / "reader.py").write_text(text.replace(old, new, 1))
        return f"{sys.executable} -W ignore {tmp_path / 'reader.py'}"

    return make


def test_the_example_passes_and_leaves_nothing_at_the_broker(engines, reader):
    """Every rule; then neither its vhost nor its user is there."""
    admin = BrokerAdmin(engines.rabbit.management_url, *engines.rabbit.admin_credentials())
    try:
        found = list(check_queue(reader(), engines.rabbit))
        assert [one.rule for one in found if not one.passed] == []
        assert len(found) == len(QUEUE_RULES) + 1
        # Other tests' vhosts come and go at the same broker.
        assert not [one for one in admin.management.get("vhosts") if one["name"].startswith("t-check")]
        assert not [one for one in admin.management.get("users?columns=name") if one["name"].startswith("check")]
    finally:
        admin.close()


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("queue = Queue(self.queue, no_declare=True)", "queue = Queue(self.queue)", _FIRST),
        ("prefetch_count=20)]", "prefetch_count=20, no_ack=True)]", SAYS["by itself"]),
        (", prefetch_count=20)]", ")]", SAYS["bounded"]),
        ("        event = json.loads(message.body)\n", '        event = json.loads(message.body)\n        if "for_a_check" in event["type"]:\n            return message.reject()\n', SAYS["a type"]),
        ("        event = json.loads(message.body)\n", '        event = json.loads(message.body)\n        assert not event["type"].endswith(".v999")\n', SAYS["a version"]),
        ("CREATE TABLE IF NOT EXISTS", "CREATE TABLE", SAYS["killed"]),
        ('Consumer(broker, os.environ["QUEUE_NAME"], kept).run()', 'list(Consumer(broker, os.environ["QUEUE_NAME"], kept).consume(limit=None))', SAYS["lost connection"]),
        ("        Consumer(broker,", "        more = [broker.clone() for _ in range(3)]\n        [one.connect() for one in more]\n        Consumer(broker,", SAYS["connections"]),
    ],
    ids=["declares", "no-word", "all-at-once", "throws-away", "version", "killed", "cut", "connections"],
)  # fmt: skip
def test_a_broken_reader_fails_by_its_own_rule(engines, reader, old, new, rule):
    """With the sentence that says what to mend."""
    found = list(check_queue(reader(old, new), engines.rabbit, patience_s=15, only={rule}))
    (failed,) = [one for one in found if not one.passed]
    assert failed.rule == rule
    assert failed.mend
