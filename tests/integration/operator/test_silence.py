"""Silence is not health: two minutes without a mark that counts are never "up to date", wherever one looks.

That doctor and the alerts say so too stands in test_same_facts.py.
"""

from datetime import UTC, datetime, timedelta

import pytest

from shared.bus.topology import topology_of
from shared.kernel.tenancy import TenantId
from shared.runtime.operator.standing import Operations
from shared.runtime.silence import heard, sources_of
from tests.kit.page_browser import Browser, words

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
TOPOLOGY = topology_of(TenantId("alder"))


def stream(source, through):
    return {
        "_id": source,
        "version": 1,
        "contiguous": 1,
        "above": [],
        "applied_through": through,
        "source_applied": {},
        "pending": [],
    }


def look(host, *, up_s):
    topology = topology_of(host.tenant, host.reporting.settings.ladder)
    operations = Operations(host.tenant, host.contexts, topology)
    operations._look._began -= up_s
    (standing,) = [s for s in operations.look() if s.service == "reporting"]
    (found,) = [f for f in standing.findings if f.what == "Heard from consent"]
    return found


def real_time(host):
    """As in service, where no clock was ever moved."""
    host._clock_file.unlink(missing_ok=True)
    for context in host.contexts.values():
        context.clock._read_at = -1.0


class TestHeard:
    def test_every_service_that_is_heard_has_an_age(self):
        """Of the newest moment through which all is here; of one that was never heard, how long it could have been."""
        ages = heard([stream("case", NOW - timedelta(seconds=30))], TOPOLOGY, "consent", now=NOW, up_s=500.0)
        never = {"case": 500.0, "integrations": 500.0, "reporting": 500.0}
        assert ages == {**never, "case": 30.0}
        assert heard([], TOPOLOGY, "consent", now=NOW, up_s=500.0) == never
        assert heard([stream("case", None)], TOPOLOGY, "consent", now=NOW, up_s=500.0) == never

    def test_skipped_days_of_a_demo_are_no_silence(self):
        """Ten days on, ten seconds after the clock was moved: ten seconds, until a mark of the new days comes."""
        streams = [stream("case", NOW)]
        later = NOW + timedelta(days=10)
        assert heard(streams, TOPOLOGY, "consent", now=later, up_s=5e6, steady_s=10.0)["case"] == 10.0
        assert heard(streams, TOPOLOGY, "consent", now=later, up_s=5e6, steady_s=500.0)["case"] == 500.0

    def test_who_hears_nobody_is_never_silent(self):
        """Identity hears no other service."""
        assert sources_of(TOPOLOGY, "identity") == []
        assert "consent" in sources_of(TOPOLOGY, "reporting")


@pytest.mark.integration
class TestPages:
    @pytest.mark.parametrize(("age_s", "kind"), [(100, "good"), (125, "bad")])
    def test_running_is_red_after_two_minutes(self, host, age_s, kind):
        """Whoever was killed: a worker that applies nothing, a relay that sends nothing."""
        real_time(host)
        host.prove(datetime.now(UTC) - timedelta(seconds=age_s))
        found = look(host, up_s=1000)
        host.database["streams"].delete_many({})
        assert found.kind == kind
        assert (found.word == "Up to date") == (kind == "good")

    @pytest.mark.parametrize(("up_s", "kind"), [(10, "good"), (130, "bad")])
    def test_who_was_never_heard_is_no_good_sign(self, host, up_s, kind):
        """A worker that never came up leaves nothing to read; that was no line at all, and so green."""
        real_time(host)
        host.database["streams"].delete_many({})
        assert look(host, up_s=up_s).kind == kind

    def test_both_pages_say_so(self, host):
        """The operator's and the host's own, of one silence."""
        real_time(host)
        host.prove(datetime.now(UTC) - timedelta(minutes=6))
        shown = words(Browser(host, "HOST_ADMIN").get("/running").text)
        own = words(Browser(host, "HOST_DATA_LEAD").get("/host/connection").text)
        host.database["streams"].delete_many({})
        assert "Heard from consent Behind" in shown
        assert "Last mark from consent Silent" in own
        assert "Consent is proven up to Behind" in own
