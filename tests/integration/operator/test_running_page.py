"""The operator's page: what stands still, why, and the line that mends it; the same as doctor and readiness say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from shared.bus.codec import Envelope
from shared.bus.names import PARKING
from shared.bus.publisher import Outgoing, Publisher
from shared.bus.topology import topology_of
from shared.kernel.ids import new_id
from shared.runtime.facts import CERTIFICATE_SOON_S, Fact, Seen
from shared.runtime.operator.standing import Operations, _certificate, troubled
from shared.runtime.silence import OLD_ROW_S
from tests.kit.page_browser import Browser, audited, words

pytestmark = pytest.mark.integration
PAGE = "/running"


def browser_of(board, role):
    return Browser(SimpleNamespace(app=board.app, login=lambda _role: board.person(role)), role)


def look(host, **contexts):
    found = {**host.contexts, **contexts}
    topology = topology_of(host.tenant, host.reporting.settings.ladder)
    return Operations(host.tenant, found, topology).look()


def finding(standings, service, what):
    (standing,) = [s for s in standings if s.service == service]
    (found,) = [f for f in standing.findings if f.what == what]
    return found


def row(host, *, age, status="NEW", route="local"):
    """Plant a row of that age in reporting's outbox; nobody relays in this test."""
    at = datetime.now(UTC) - age
    digits = f"{int(at.timestamp() * 1000):012x}"
    row_id = f"{digits[:8]}-{digits[8:]}{new_id()[13:]}"
    host.database["outbox"].insert_one({"_id": row_id, "status": status, "route": route, "events": []})
    return row_id


class TestOfAHost:
    def test_when_all_is_well_it_says_so(self, host):
        """One sentence above, and a table for the broker and each service."""
        page = Browser(host, "HOST_ADMIN").get(PAGE)
        assert page.status_code == 200
        shown = words(page.text)
        for word in ("Message broker", "Identity", "Reporting", "Database Ready", "Parked messages None"):
            assert word in shown

    def test_a_fact_that_waits_too_long_is_held_up(self, host):
        """A minute is the limit of doctor and of the alert; a younger one is being sent."""
        young = row(host, age=timedelta(seconds=5))
        what = "Facts for its own services"
        assert finding(look(host), "reporting", what).kind == "wait"
        old = row(host, age=timedelta(seconds=OLD_ROW_S + 60))
        found = finding(look(host), "reporting", what)
        shown = words(Browser(host, "HOST_ADMIN").get(PAGE).text)
        host.database["outbox"].delete_many({"_id": {"$in": [young, old]}})
        assert (found.word, found.cure) == ("Held up", "alongside doctor")
        assert "the oldest for 2 minutes" in found.known
        assert "1 thing needs attention" in shown
        assert "What to do: alongside doctor" in shown

    def test_parked_messages_need_a_person(self, host, eventually):
        """Counted at the broker, with the line that lists them."""
        uri = host.reporting.settings.amqp_uri
        user = {"user_id": f"{host.tenant}.reporting", "delivery_mode": 2}
        publisher = Publisher(uri)
        envelope = Envelope(routing_key="reporting", headers={}, properties=user, body=b"{}")
        publisher.publish([Outgoing(exchange=PARKING, envelope=envelope, mandatory=True)])
        publisher.close()
        eventually(lambda: finding(look(host), "reporting", "Parked messages").kind == "bad")
        found = finding(look(host), "reporting", "Parked messages")
        assert found.known == "1 message"
        assert found.cure == f"alongside parked list --tenant {host.tenant}"

    def test_a_broker_that_is_away_is_a_finding_not_an_error(self, host):
        """The page still comes and says that commands are accepted all the same."""
        away = {
            name: replace(c, settings=replace(c.settings, amqp_uri="amqp://x:y@127.0.0.1:9/none"))
            for name, c in host.contexts.items()
        }
        found = finding(look(host, **away), "message broker", "Connection")
        assert (found.word, found.kind) == ("No answer", "bad")
        assert "kept and sent later" in found.cause

    def test_it_agrees_with_readiness(self, host, eventually):
        """A database that is another tenant's: both say no, by the same check."""
        marker = host.database["marker"]
        marker.update_one({"_id": "marker"}, {"$set": {"tenant_id": "somebody"}})
        try:
            # An answer is given for half a second, however many ask.
            eventually(lambda: host.app.test_client().get("/readyz").status_code == 503)
            ready = host.app.test_client().get("/readyz")
            shown = words(Browser(host, "HOST_ADMIN").get(PAGE).text)
        finally:
            marker.update_one({"_id": "marker"}, {"$set": {"tenant_id": host.tenant}})
        assert ready.status_code == 503
        assert ready.json["checks"]["database-reporting"] is False
        assert "The database of reporting does not answer, or belongs to another tenant" in shown

    @pytest.mark.parametrize("role", ["IMSA", "HOST_DPO", "HOST_DATA_LEAD"])
    def test_others_get_what_an_unknown_address_gives(self, host, role):
        """Only whoever runs it."""
        browser = Browser(host, role)
        assert browser.get(PAGE).status_code == browser.get("/running/nowhere").status_code == 404
        assert PAGE not in browser.get("/host/periods").text

    def test_each_look_is_audited_and_needs_a_session(self, host):
        """By whom, before the page leaves."""
        assert host.app.test_client().get(PAGE).status_code == 303
        before = len(audited(host, action="reporting:running:read"))
        Browser(host, "HOST_ADMIN").get(PAGE)
        entries = audited(host, action="reporting:running:read", actor_id=host.people["HOST_ADMIN"])
        assert len(entries) == before + 1


class TestOfTheBoard:
    def test_it_knows_of_hosts_only_what_the_board_may(self, host, board):
        """Its own services, and where the four words about each host stand; no name of a host."""
        page = browser_of(board, "PLATFORM_OPERATOR").get(PAGE)
        assert page.status_code == 200
        shown = words(page.text)
        assert "on time, late, not sent, or needs attention" in shown
        assert str(host.tenant) not in page.text

    @pytest.mark.parametrize("role", ["STATISTICIAN", "RELEASE_APPROVER", "DATA_GUARDIAN"])
    def test_others_do_not_see_it(self, board, role):
        """Those who sign have the work pages."""
        assert browser_of(board, role).get(PAGE).status_code == 404


class TestCertificates:
    @pytest.mark.parametrize(
        ("left_s", "word"),
        [
            (float("-inf"), "Unreadable"),
            (-1.0, "Ended"),
            (CERTIFICATE_SOON_S - 1, "Ends soon"),
            (CERTIFICATE_SOON_S, "Good"),
        ],
    )
    def test_two_weeks_are_soon(self, left_s, word):
        """As the alert has it; what is not good has a cure."""
        (found,) = _certificate(Seen(fact=Fact.CERTIFICATE_ENDING, value=left_s, service="case", about="board"))
        assert found.word == word
        assert bool(found.cure) == (word != "Good")


def test_only_what_somebody_must_mend_is_counted(host):
    """What mends itself is shown, not counted."""
    young = row(host, age=timedelta(seconds=1))
    standings = look(host)
    host.database["outbox"].delete_one({"_id": young})
    waiting = [f for s in standings for f in s.findings if f.kind == "wait"]
    assert waiting
    assert troubled(standings) == sum(f.kind == "bad" for s in standings for f in s.findings)
