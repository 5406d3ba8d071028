"""The host's pages over the real identity, database and broker."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.identity.sessions.sign_in import FAILURE_LIMIT
from services.reporting.connection.views import Connection
from shared.bus.codec import Envelope
from shared.bus.names import PARKING
from shared.bus.publisher import Outgoing, Publisher
from shared.kernel.tenancy import Principal
from shared.web.tokens import TokenIssuer
from tests.kit.host_place import ENDED, PERIOD, PLAN, SEAL
from tests.kit.page_browser import Browser, audited, fields_of, words

PAGE = f"/host/periods/{PERIOD}"
SIGN = f"{PAGE}/sign-off"
PAGES = ("/host/periods", PAGE, "/host/connection")


@pytest.fixture
def to_sign(host):
    """The host five days before the seal of a populated period."""
    host.at(SEAL - timedelta(days=5))
    host.open_task()
    host.populate()
    host.prove(SEAL - timedelta(days=5, minutes=1))
    return host


class TestPreview:
    def test_it_shows_exactly_what_would_leave(self, to_sign):
        """Every figure and every reason of the API's preview stands on the page, and no other."""
        preview = to_sign.reporting_views.preview(PERIOD)
        page = Browser(to_sign, "HOST_DATA_LEAD").get(PAGE).text
        assert "people counted</dt><dd>23</dd>" in page
        shown = re.findall(
            r'<th scope="row" class="govuk-table__header as-label">(.*?)<svg.*?<td[^>]*>(\d+)</td>', page, re.DOTALL
        )
        expected = [
            (c.label, str(preview["figures"]["tables"][table.id][c.code]))
            for table in PLAN.tables
            for c in table.levels[0].categories
        ]
        assert [(html.unescape(label.strip()), number) for label, number in shown] == expected
        for row in preview["figures"]["left_out"]:
            assert f"{row['words']} {row['episodes']}" in words(page)

    def test_no_identifier_of_a_person_stands_on_any_page(self, to_sign):
        """Neither a survivor's random ids nor anybody's of staff, in whatever state the period is."""
        browser = Browser(to_sign, "HOST_DATA_LEAD")
        texts = [browser.get(path).text for path in PAGES]
        texts.append(browser.send(PAGE, SIGN, looked="yes").text)
        texts += [browser.get(path).text for path in PAGES]
        seal_with_changes(to_sign)
        texts += [browser.get(path).text for path in PAGES]
        stored = list(to_sign.database["contributions"].find())
        ids = {d["_id"] for d in stored} | {d["person_id"] for d in stored} | set(to_sign.people.values())
        ids |= {to_sign.login(role) for role in to_sign.people}
        assert len(ids) > 60
        assert [i for i in ids for text in texts if i in text] == []

    def test_names_are_escaped(self, to_sign):
        """A host's name is data."""
        page = Browser(to_sign, "HOST_DPO").get(PAGE).text
        assert "<Rowan>" not in page
        assert "Host &lt;Rowan&gt; &amp; Co" in page

    def test_every_look_is_audited_as_the_api_s_is(self, to_sign):
        """By whom, at what, before the page leaves."""
        browser = Browser(to_sign, "HOST_DPO")
        for path in PAGES:
            assert browser.get(path).status_code == 200
        actor = to_sign.people["HOST_DPO"]
        for action, what in (
            ("reporting:period:list", "list"),
            ("reporting:period:preview", PERIOD),
            ("reporting:connection:read", "connection"),
        ):
            assert len(audited(to_sign, action=action, object_id=what, actor_id=actor, outcome="ALLOWED")) == 1


class TestRights:
    @pytest.mark.parametrize("path", [*PAGES, "/host/periods/1999"])
    def test_a_role_without_the_right_gets_what_an_unknown_address_gives(self, to_sign, path):
        """And the attempt at a real page is audited."""
        browser = Browser(to_sign, "IMSA")
        answers = [browser.get(p) for p in (path, "/host/nowhere")]
        assert [a.status_code for a in answers] == [404, 404]
        seen, unknown = (re.sub(r'as-number">.*?<|value="\w*"| aria-current="\w+"', "", a.text) for a in answers)
        assert seen == unknown
        assert audited(to_sign, actor_id=to_sign.people["IMSA"], outcome="REFUSED")

    def test_who_may_look_may_not_sign(self, to_sign):
        """The page offers no form, and one that is sent all the same finds nothing."""
        browser = Browser(to_sign, "HOST_DPO")
        page = browser.get(PAGE).text
        assert SIGN not in page
        assert "Only a data lead can sign" in page
        fields = fields_of(page, "/sign-out")
        digest = to_sign.reporting_views.preview(PERIOD)["digest"]
        number = "0192a3b4-0000-7000-8000-000000000000"
        assert browser.post(SIGN, **fields, form_number=number, looked="yes", digest=digest).status_code == 404
        assert to_sign.database["sign_offs"].count_documents({}) == 0

    def test_a_token_of_another_key_in_the_cookie_is_no_session(self, to_sign):
        """However well it is made: the page is not shown, and nothing is read."""
        issuer = TokenIssuer(Ed25519PrivateKey.generate().private_bytes_raw().hex(), issuer=str(to_sign.tenant))
        forged = issuer.issue(
            Principal(actor_id="a", tenant_id=to_sign.tenant, organisation_id="o", role="HOST_DATA_LEAD")
        )
        browser = Browser(to_sign)
        browser.http.set_cookie(f"alongside-{to_sign.tenant}-session", forged, domain="127.0.0.1")
        for path in PAGES:
            assert browser.get(path).status_code == 303
        assert audited(to_sign) == []


class TestSignIn:
    def test_failures_count_as_the_token_endpoint_s_do(self, host):
        """Ten wrong passwords at the page close the login at the page and at the API alike."""
        login = f"nobody-{host.tenant}@host.example"
        browser = Browser(host)
        for _ in range(FAILURE_LIMIT):
            answer = browser.send("/sign-in", "/sign-in", username=login, password="wrong password")
            assert answer.status_code == 401
        answer = browser.send("/sign-in", "/sign-in", username=login, password="wrong password")
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 900
        api = browser.post("/v1/token", grant_type="password", username=login, password="wrong password")
        assert api.status_code == 429

    def test_an_unknown_login_a_wrong_password_and_none_read_alike(self, host):
        """One plain sentence."""
        browser = Browser(host)
        pages = {
            words(browser.send("/sign-in", "/sign-in", username=name, password=typed).text)
            for name, typed in ((host.login("IMSA"), "wrong password"), ("nobody@host.example", "x"), ("", ""))
        }
        assert len(pages) == 1


class TestSigning:
    def test_a_data_lead_signs_what_was_looked_at(self, to_sign):
        """The form is the API's own command; sent twice it is one."""
        browser = Browser(to_sign, "HOST_DATA_LEAD")
        fields = fields_of(browser.get(PAGE).text, SIGN)
        answers = [browser.post(SIGN, **fields, looked="yes") for _ in range(2)]
        assert [a.headers["Location"] for a in answers] == [f"{PAGE}?done=signed#signature"] * 2
        signed = to_sign.database["sign_offs"].find_one()
        assert (signed["actor_id"], signed["people"]) == (to_sign.people["HOST_DATA_LEAD"], 23)
        assert len(audited(to_sign, action="reporting:period:sign-off", outcome="ALLOWED")) == 1
        assert "Signed by you on 10 January 2027" in words(browser.get(PAGE).text)
        assert "Signed by a data lead" in words(Browser(to_sign, "HOST_ADMIN").get(PAGE).text)

    def test_figures_that_changed_meanwhile_are_shown_and_not_signed(self, to_sign):
        """The sentence says what to do, and the form below holds what is true now."""
        browser = Browser(to_sign, "HOST_DATA_LEAD")
        old = fields_of(browser.get(PAGE).text, SIGN)
        to_sign.release()
        answer = browser.post(SIGN, **old, looked="yes")
        assert answer.status_code == 409
        assert "changed since you looked" in words(answer.text)
        assert to_sign.database["sign_offs"].count_documents({}) == 0
        assert browser.post(SIGN, **fields_of(answer.text, SIGN), looked="yes").status_code == 303
        assert to_sign.database["sign_offs"].find_one()["people"] == 24

    @pytest.mark.parametrize("moment", [ENDED - timedelta(days=1), SEAL + timedelta(seconds=1)])
    def test_signing_is_possible_between_the_end_and_the_seal_alone(self, to_sign, moment):
        """An old form says why not; the page itself offers none."""
        browser = Browser(to_sign, "HOST_DATA_LEAD")
        fields = fields_of(browser.get(PAGE).text, SIGN)
        to_sign.at(moment)
        answer = browser.post(SIGN, **fields, looked="yes")
        assert answer.status_code == 409
        assert "cannot be signed now" in words(answer.text)
        assert SIGN not in answer.text
        assert to_sign.database["sign_offs"].count_documents({}) == 0

    @pytest.mark.parametrize(
        "spoilt", [{"form_check": "0" * 64}, {"form_check": ""}, {"looked": ""}, {"form_number": "x"}]
    )
    def test_a_form_that_is_not_whole_signs_nothing(self, to_sign, spoilt):
        """Without our check, our number or the tick."""
        browser = Browser(to_sign, "HOST_DATA_LEAD")
        fields = fields_of(browser.get(PAGE).text, SIGN)
        assert browser.post(SIGN, **{**fields, "looked": "yes", **spoilt}).status_code in (400, 403, 409)
        assert to_sign.database["sign_offs"].count_documents({}) == 0

    def test_another_session_s_form_is_refused(self, to_sign):
        """A check is good for the session that it was made for."""
        fields = fields_of(Browser(to_sign, "HOST_DATA_LEAD").get(PAGE).text, SIGN)
        answer = Browser(to_sign, "HOST_DATA_LEAD").post(SIGN, **fields, looked="yes")
        assert answer.status_code == 403
        assert "no longer valid" in answer.text


def seal_with_changes(host):
    """After the signature one person withdraws and one agrees; then the seal."""
    some = next(c for c in host.database["contributions"].find() if c["versions"][0]["state"] == "RELEASED")
    other = next(c for c in host.database["contributions"].find() if c["versions"][0]["reason"] == "UNKNOWN")
    host.withhold("WITHDRAWN", contribution_id=some["_id"], recorded=-2)
    host.release(contribution_id=other["_id"], decided=-2, gender="MALE")
    host.at(SEAL + timedelta(minutes=1))
    host.prove(SEAL + timedelta(minutes=1))
    host.run_clock()


class TestAfterTheSeal:
    def test_sealed_figures_stand_beside_the_signed_ones_with_the_reasons(self, to_sign):
        """Each figure that differs, and each reason of a difference."""
        browser = Browser(to_sign, "HOST_DATA_LEAD")
        browser.send(PAGE, SIGN, looked="yes")
        seal_with_changes(to_sign)
        signed, sealed = to_sign.database["sign_offs"].find_one(), to_sign.database["vectors"].find_one()
        shown = words(browser.get(PAGE).text)
        assert "How the sealed figures differ from the signed ones" in shown
        for table in PLAN.tables:
            for c in table.levels[0].categories:
                before, after = signed["counts"][table.id][c.code], sealed["counts"][table.id][c.code]
                row = f"{table.title}: {c.label} {before} {after}"
                assert (row in shown) == (before != after)
        assert "Changed their mind: 1 episode more left out" in shown
        assert "Nobody has asked yet: 1 episode fewer left out" in shown

    def test_it_says_sent_only_once_both_halves_have_left(self, to_sign):
        """Sealed is not sent while the courier still holds a half."""
        browser = Browser(to_sign, "HOST_DATA_LEAD")
        browser.send(PAGE, SIGN, looked="yes")
        seal_with_changes(to_sign)
        assert "is on its way" in words(browser.get(PAGE).text)
        carried = to_sign.database["outbox"].find_one({"route": "board"})
        to_sign.database["outbox"].update_one({"_id": carried["_id"]}, {"$set": {"status": "SENT"}})
        assert "is on its way" in words(browser.get(PAGE).text)
        to_sign.database["outbox"].update_many({}, {"$set": {"status": "SENT"}})
        assert "both have been sent" in words(browser.get(PAGE).text)

    def test_a_period_that_was_not_sent_says_what_was_missing(self, to_sign):
        """The true cause, not only that it is too late, and what to do the next time."""
        to_sign.at(SEAL + timedelta(days=4))
        to_sign.run_clock()
        shown = words(Browser(to_sign, "HOST_DATA_LEAD").get(PAGE).text)
        assert "No data lead signed the preview before the seal." in shown
        assert "What to do: For the next period, sign between its end and its seal." in shown
        assert "Not sent" in words(Browser(to_sign, "HOST_DPO").get("/host/periods").text)

    def test_facts_after_the_signature_ask_for_another(self, to_sign):
        """The signature lapsed, and the form is there again."""
        browser = Browser(to_sign, "HOST_DATA_LEAD")
        browser.send(PAGE, SIGN, looked="yes")
        to_sign.release(recorded=-4)
        page = browser.get(PAGE).text
        assert "Sign again" in words(page)
        assert browser.send(PAGE, SIGN, looked="yes").status_code == 303


def finding(host, name):
    return next(f for f in Connection(host.reporting).findings() if f.name.startswith(name))


class TestConnection:
    def test_an_empty_host_is_told_what_it_waits_for(self, host):
        """No task, no mark: each with a cause and a cure."""
        shown = words(Browser(host, "HOST_ADMIN").get("/host/connection").text)
        for sentence in ("Not received", "Not yet", "None yet", "alongside doctor"):
            assert sentence in shown
        assert "No period is open yet" in words(Browser(host, "HOST_ADMIN").get("/host/periods").text)

    def test_parked_messages_are_counted_at_the_broker(self, to_sign):
        """With the service's own rights, which do not let it read them."""
        assert finding(to_sign, "Parked").word == "None"
        uri = to_sign.reporting.settings.amqp_uri
        envelope = Envelope(
            routing_key="reporting", headers={}, properties={"user_id": f"{to_sign.tenant}.reporting"}, body=b"{}"
        )
        publisher = Publisher(uri)
        publisher.publish([Outgoing(exchange=PARKING, envelope=envelope, mandatory=True)])
        publisher.close()
        found = finding(to_sign, "Parked")
        assert (found.kind, found.value) == ("bad", "1 parked")
        assert "alongside parked list" in found.cure

    def test_a_broker_that_is_away_is_said_to_be(self, to_sign):
        """The page still comes, and says that nothing is lost."""
        away = replace(to_sign.reporting.settings, amqp_uri="amqp://x:y@127.0.0.1:9/none")
        found = Connection(replace(to_sign.reporting, settings=away)).findings()
        assert {f.name: f.word for f in found}["Parked messages"] == "Not known"

    def test_halves_that_wait_are_counted_by_route_with_the_oldest(self, to_sign):
        """Each of the two servers for itself."""
        Browser(to_sign, "HOST_DATA_LEAD").send(PAGE, SIGN, looked="yes")
        assert finding(to_sign, "On its way to the project board").word == "All sent"
        seal_with_changes(to_sign)
        to_sign.database["outbox"].update_one({"route": "custodian"}, {"$set": {"status": "SENT"}})
        board = finding(to_sign, "On its way to the project board")
        assert board.value.startswith("1 waiting")
        assert datetime.now(UTC) - board.at < timedelta(minutes=5)
        assert finding(to_sign, "On its way to the custodian").word == "All sent"
