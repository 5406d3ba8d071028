"""How a reader of a queue is judged: by what the broker counted, rule by rule, whatever became of those before."""

import pytest

from client.conformance import at_broker, queue_rules
from client.conformance.queue_rules import CUT, KILLED, QUEUE_RULES, QueueRule, _Check


class Broker:
    """A queue whose reader acknowledges what it knows; it counts as the broker does."""

    def __init__(self, *, ignores=(), acks=True, prefetch=20, connections=1):
        self.ignores, self.acks, self.prefetch = ignores, acks, prefetch
        self.open, self.count, self.cuts, self.emptied = connections, 0, 0, 0

    def publish(self, events):
        taken = [e for e in events if not any(one in e["type"] for one in self.ignores)]
        self.count += len(taken) if self.acks else 0

    def acknowledged(self):
        return self.count

    def consumers(self):
        return [{"ack_required": self.acks, "prefetch_count": self.prefetch}]

    def connections(self):
        return ["one"] * self.open

    def cut(self):
        self.cuts += self.open > 0
        return self.open > 0

    def empty(self):
        self.emptied += 1

    def until(self, holds, _within_s, _alive):
        return holds()


class EndFailedError(Exception):
    """Planted."""


class Program:
    """A program that runs; it counts how often it was killed."""

    def __init__(self):
        self.kills = self.starts = 0

    def start(self):
        self.starts += 1

    def kill(self):
        self.kills += 1

    def runs(self):
        return True


def failed(broker):
    program = Program()
    check = _Check(broker, program, 1.0)
    assert check.begins()
    found = [check.judge(rule) for rule in QUEUE_RULES]
    assert all(one.mend and one.met for one in found if not one.passed)
    return {one.rule for one in found if not one.passed}, program


def test_a_right_reader_passes_each_rule_and_is_killed_and_cut_once():
    """What it meets on the way is what happens in service."""
    broker = Broker()
    rules, program = failed(broker)
    assert rules == set()
    assert (program.kills, broker.cuts) == (1, 1)
    assert [rule.first for rule in QUEUE_RULES if rule.first] == [KILLED, CUT]


def test_what_is_thrown_away_counts_for_nothing_and_stops_no_other_rule():
    """A type that was not acknowledged fails by its own rule; the queue is emptied and the next one is tried."""
    broker = Broker(ignores=("for_a_check",))
    rules, program = failed(broker)
    assert rules == {"Acknowledges a type that it does not know"}
    assert broker.emptied == 1
    assert program.kills == 2


def test_whoever_takes_all_without_a_word_fails():
    """No acknowledgement: neither the broker's own view nor its count lets that pass."""
    rules, _ = failed(Broker(acks=False))
    assert "Acknowledges by itself what it has kept" in rules
    assert "Takes again what it had not acknowledged when it was killed" in rules


def test_whoever_asks_for_everything_at_once_or_opens_too_much_fails():
    """No prefetch, or as many connections as the broker allows."""
    assert failed(Broker(prefetch=0))[0] == {"Asks for a bounded number at a time"}
    assert failed(Broker(prefetch=queue_rules.MOST_AT_ONCE))[0] == {"Asks for a bounded number at a time"}
    assert failed(Broker(connections=4))[0] == {"Keeps within 4 connections"}


def test_a_connection_that_could_not_be_cut_proves_nothing():
    """The broker listed none: the rule was not tried, so it is not passed."""
    assert "Connects again after a lost connection" in failed(Broker(connections=0))[0]


@pytest.mark.parametrize("fails", ["publisher.close", "queues.remove", "queues.close"])
def test_what_was_made_is_removed_although_an_end_before_it_fails(monkeypatch, fails):
    """The vhost above all: nobody else would ever remove it."""
    done = []

    class Fake:
        amqp_url = management_url = ""
        management = property(lambda self: self)

        def __init__(self, name):
            self.name = name

        def __getattr__(self, verb):
            def act(*_arguments, **_named):
                done.append(f"{self.name}.{verb}")
                if done[-1] == fails:
                    raise EndFailedError
                return ("user", "password")

            return act

    monkeypatch.setattr(at_broker, "BrokerAdmin", lambda *_: Fake("admin"))
    monkeypatch.setattr(at_broker, "EventQueues", lambda *_: Fake("queues"))
    monkeypatch.setattr(at_broker, "Publisher", lambda *_: Fake("publisher"))
    broker = Fake("broker")
    broker.amqp_url = lambda **_: "amqp://"
    with pytest.raises(EndFailedError), at_broker.checked_queue(broker):
        done.clear()
    assert done == ["publisher.close", "queues.remove", "admin.delete", "queues.close", "admin.close"]


def test_each_rule_says_what_to_mend():
    """In one sentence that stands alone."""
    assert all(isinstance(rule, QueueRule) and rule.mend.endswith(".") for rule in QUEUE_RULES)
    assert len({rule.says for rule in QUEUE_RULES}) == len(QUEUE_RULES)
