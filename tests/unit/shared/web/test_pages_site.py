"""The pages' site with one invented page set and no database."""

import io
import os
import re
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Blueprint, g, request
from werkzeug.test import EnvironBuilder

from shared.kernel.errors import NotFoundError
from shared.kernel.tenancy import Principal, TenantId
from shared.keys.spool import spool_of
from shared.web import tokens
from shared.web.app import create_app
from shared.web.pages import assets, words
from shared.web.pages.grant import Credentials, GrantFailedError
from shared.web.pages.remote_grant import PlainRegisterError, RemoteGrant
from shared.web.pages.site import Link, PageSet, Site, SiteSettings
from shared.web.tokens import TokenIssuer, TokenVerifier

HOST, OTHER = TenantId("host"), TenantId("other")
KEYS = {HOST: Ed25519PrivateKey.generate(), OTHER: Ed25519PrivateKey.generate()}
LOCAL = {"base_url": "http://127.0.0.1:8000"}
COOKIE = "alongside-host-session"


def token(tenant=HOST, role="HOST_DATA_LEAD", session=None):
    issuer = TokenIssuer(KEYS[tenant].private_bytes_raw().hex(), issuer=str(tenant))
    who = Principal(actor_id="a-1", tenant_id=tenant, organisation_id="o-1", role=role)
    return issuer.issue(who, session=session)


class PlantedGrant:
    """Knows one password; whatever else is asked it refuses in the way that is planted."""

    why = "WRONG"
    role = "HOST_DATA_LEAD"
    session = None
    renewed = 0

    def token(self, credentials):
        if credentials.password == "right":
            return token(role=self.role, session=self.session)
        raise GrantFailedError(self.why, retry_after_s=9 if self.why == "TOO_MANY" else None)

    def renew(self, presented):
        self.renewed += 1
        if self.why == "SUSPENDED":
            raise GrantFailedError("WRONG")
        return token(role=self.role, session=tokens.session_of(presented))


def blueprint(done):
    pages = Blueprint("things", __name__)

    @pages.get("/host/things")
    def things():
        return f"<!doctype html><p>Things of {g.principal.role}</p>"

    @pages.post("/host/things")
    def add():
        done.append(g.idempotency_key)
        return "done"

    @pages.get("/host/missing")
    def missing():
        raise NotFoundError

    return pages


@pytest.fixture
def site():
    done = []
    grant = PlantedGrant()
    roles = ("HOST_DATA_LEAD", "HOST_DPO")
    things = PageSet(
        blueprint=blueprint(done), prefixes=("/host",), roles=roles, home="/host/things",
        links=(Link(path="/host/things", words="Things", roles=roles, does="Look at things."),),
    )  # fmt: skip
    settings = SiteSettings(tenant_id=HOST, place="Host <One>", form_key=b"k" * 32, grant=grant)
    public = KEYS[HOST].public_key().public_bytes_raw().hex()
    app = create_app(
        title="A host", tenant_id=HOST, blueprints=[], ready_checks={}, site=Site(settings, [things]),
        verifier=TokenVerifier([public], tenant_id=HOST, issuer="host"),
    )  # fmt: skip
    app.extensions["planted"] = (done, grant)
    return app


def check_of(answer):
    return re.search(r'name="form_check" value="([0-9a-f]{64})"', answer.text)[1]


def sign_in(http, typed="right", **options):
    check = check_of(http.get("/sign-in", **options))
    form = {"username": "a@host.example", "password": typed, "form_check": check}
    return http.post("/sign-in", data=form, **options)


def test_a_form_s_file_never_lies_open_on_the_disk(site):
    """It may be a whole export of survivors: a small one stays in memory, a large one is sealed."""

    def kept(content):
        form = EnvironBuilder(method="POST", data={"file": (io.BytesIO(content), "export.csv")})
        stream = site.request_class(form.get_environ()).files["file"].stream
        assert stream.read() == content
        return stream

    with pytest.raises(OSError, match="fileno"):
        kept(b"Planted name").fileno()
    spool = spool_of(kept(b"Planted name" * 100_000))
    assert b"Planted" not in os.pread(spool._file.fileno(), 2_000_000, 0)


class TestSession:
    def test_a_page_leads_to_the_sign_in_and_the_sign_in_back_to_the_page(self, site):
        """Only to a page of ours: any other address is dropped."""
        http = site.test_client()
        answer = http.get("/host/things", **LOCAL)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=%2Fhost%2Fthings")
        form = http.get(answer.headers["Location"], **LOCAL)
        data = {"username": "a", "password": "right", "form_check": check_of(form), "next": "/host/things"}
        assert http.post("/sign-in", data=data, **LOCAL).headers["Location"] == "/host/things"
        for elsewhere in (
            "//evil.example",
            "https://evil.example",
            "/v1/me",
            "/host//evil",
            "/sign-out",
            "/host/../x y",
        ):
            http = site.test_client()
            data["form_check"] = check_of(http.get("/sign-in", **LOCAL))
            answer = http.post("/sign-in", data={**data, "next": elsewhere}, **LOCAL)
            assert answer.headers["Location"] == "/host/things"

    def test_the_cookie_is_out_of_every_script_s_and_other_site_s_reach(self, site):
        """HttpOnly and strict everywhere; Secure under a __Host- name wherever there can be TLS."""
        local = sign_in(site.test_client(), **LOCAL).headers.getlist("Set-Cookie")
        (mine,) = [c for c in local if c.startswith(f"{COOKIE}=")]
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in mine.split(";")}
        assert "Secure" not in mine
        away = sign_in(site.test_client(), base_url="https://pages.host.example").headers.getlist("Set-Cookie")
        (mine,) = [c for c in away if c.startswith(f"__Host-{COOKIE}=")]
        assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in mine.split(";")}
        assert "Domain" not in mine

    def test_a_foreign_an_ended_and_a_broken_cookie_are_no_session(self, site, monkeypatch):
        """Each leads to the sign-in, with a kind word where a session ended."""
        ended = token()
        for value in (token(OTHER), "nonsense", ""):
            http = site.test_client()
            http.set_cookie(COOKIE, value, domain="127.0.0.1")
            assert http.get("/host/things", **LOCAL).status_code == 303
        later = time.time() + tokens.LIFETIME_S + 1
        monkeypatch.setattr(tokens.time, "time", lambda: later)
        http = site.test_client()
        http.set_cookie(COOKIE, ended, domain="127.0.0.1")
        answer = http.get("/host/things", **LOCAL)
        assert "why=ended" in answer.headers["Location"]
        assert "session ended" in http.get(answer.headers["Location"], **LOCAL).text

    def test_a_page_takes_no_bearer_token_and_the_api_no_cookie(self, site):
        """So that no form of another site reaches the API, and no stolen page URL a token."""
        http = site.test_client()
        assert http.get("/host/things", headers={"Authorization": f"Bearer {token()}"}, **LOCAL).status_code == 303
        sign_in(http, **LOCAL)
        assert http.get("/host/things", **LOCAL).text.endswith("Things of HOST_DATA_LEAD</p>")
        assert http.get("/v1/things", **LOCAL).status_code == 401

    def test_signing_out_ends_the_session_here(self, site):
        """A link alone does not: it asks first."""
        http = site.test_client()
        sign_in(http, **LOCAL)
        page = http.get("/sign-out", **LOCAL)
        assert http.get("/host/things", **LOCAL).status_code == 200
        http.post("/sign-out", data={"form_check": check_of(page)}, **LOCAL)
        assert http.get("/host/things", **LOCAL).status_code == 303


class TestSignIn:
    @pytest.mark.parametrize(
        ("why", "status"), [("WRONG", 401), ("TOO_MANY", 429), ("CHOOSE_ROLE", 422), ("AWAY", 503)]
    )
    def test_a_refusal_is_one_sentence_and_never_repeats_the_password(self, site, why, status):
        """The user name stays, so that it need not be typed again; a role is asked for only where one must be."""
        site.extensions["planted"][1].why = why
        answer = sign_in(site.test_client(), typed="se<cret", **LOCAL)
        assert answer.status_code == status
        assert "se&lt;cret" not in answer.text
        assert "se<cret" not in answer.text
        assert answer.text.count("govuk-error-summary__list") == 1
        assert ('name="role"' in answer.text) == (why == "CHOOSE_ROLE")
        assert (answer.headers.get("Retry-After") == "9") == (why == "TOO_MANY")

    def test_a_register_that_is_away_is_said_to_be(self):
        """The board's sign-in asks another server; that it is down is no wrong password."""
        asked = Credentials(username="a", password="b", role=None)
        with pytest.raises(GrantFailedError) as raised:
            RemoteGrant("http://127.0.0.1:9", audience="board").token(asked)
        assert raised.value.why == "AWAY"

    @pytest.mark.parametrize(
        "url",
        [
            "http://register.example", "http://10.0.0.5:8080", "http://127.0.0.1.example", "http://localhost.example",
            "http://centre-api:8080", "ftp://127.0.0.1", "//127.0.0.1", "register.example", "http://0.0.0.0:1", "http://[::2]",
        ],
    )  # fmt: skip
    def test_a_register_is_asked_by_https_only(self, url):
        """A password crosses no network in the clear; only this machine's own address may be plain."""
        with pytest.raises(PlainRegisterError, match="https"):
            RemoteGrant(url, audience="board")

    @pytest.mark.parametrize(
        "url",
        [
            "https://register.example",
            "http://127.0.0.1:27412",
            "http://127.8.8.8",
            "http://[::1]:80",
            "http://localhost:1/",
        ],
    )
    def test_https_and_this_machine_are_taken(self, url):
        """As in a stack on one machine."""
        assert RemoteGrant(url, audience="board")


class TestForms:
    def test_a_form_needs_the_check_that_was_given_to_this_session(self, site):
        """Without one, with another session's, or from another site's page nothing is done."""
        mine, other = site.test_client(), site.test_client()
        sign_in(mine, **LOCAL)
        sign_in(other, **LOCAL)
        check, foreign = (check_of(http.get("/sign-out", **LOCAL)) for http in (mine, other))
        assert check != foreign
        for data, headers in (
            ({}, {}),
            ({"form_check": foreign}, {}),
            ({"form_check": check}, {"Origin": "https://evil.example"}),
            ({"form_check": check}, {"Origin": "null"}),
            ({"form_check": check}, {"Sec-Fetch-Site": "cross-site"}),
        ):
            answer = mine.post("/host/things", data=data, headers=headers, **LOCAL)
            assert answer.status_code == 403
            assert "no longer valid" in answer.text
        assert site.extensions["planted"][0] == []
        answer = mine.post(
            "/host/things", data={"form_check": check}, headers={"Origin": "http://127.0.0.1:8000"}, **LOCAL
        )
        assert answer.text == "done"

    @pytest.mark.parametrize(
        ("role", "headers", "is_read"),
        [
            ("HOST_DATA_LEAD", {}, True),
            ("HOST_DATA_LEAD", {"Origin": "https://evil.example"}, False),
            ("SUPERVISOR", {}, False),
            ("SUPERVISOR", {"Origin": "https://evil.example"}, False),
        ],
    )
    def test_nothing_is_read_of_who_can_have_no_right_here(self, site, role, headers, is_read):
        """A file of a role that has no such page is not taken apart; from another site's page nobody's is."""
        read = []
        site.after_request(lambda answer: read.append("form" in request.__dict__) or answer)
        http = site.test_client()
        http.set_cookie(COOKIE, token(role=role), domain="127.0.0.1")
        form = {"file": (io.BytesIO(b"x" * 1000), "export.csv")}
        http.post("/host/things", data=form, headers=headers, **LOCAL)
        assert read == [is_read]
        assert site.extensions["planted"][0] == []

    def test_the_form_s_number_is_the_commands_and_only_if_it_is_one(self, site):
        """Sending a form twice is one command; a made-up number is none."""
        http = site.test_client()
        sign_in(http, **LOCAL)
        check = check_of(http.get("/sign-out", **LOCAL))
        for number in ("0192a3b4-0000-7000-8000-000000000000", "x" * 36, ""):
            http.post("/host/things", data={"form_check": check, "form_number": number}, **LOCAL)
        assert site.extensions["planted"][0] == ["0192a3b4-0000-7000-8000-000000000000", None, None]


class TestStart:
    @pytest.mark.parametrize("role", [*words.HOST_ROLES, *words.CENTRE_ROLES])
    def test_no_sign_in_ends_in_nothing_here(self, site, role):
        """Each role ends on a page that says who one is and what one does here, whatever was asked for before."""
        site.extensions["planted"][1].role = role
        for wanted in ("", "/host/things", "/host", "/start"):
            http = site.test_client()
            form = http.get("/sign-in", **LOCAL)
            data = {"username": "a", "password": "right", "form_check": check_of(form), "next": wanted}
            goal = http.post("/sign-in", data=data, **LOCAL).headers["Location"]
            page = http.get(goal, follow_redirects=True, **LOCAL)
            assert page.status_code == 200
            assert ("Things of" in page.text) == (role in ("HOST_DATA_LEAD", "HOST_DPO") and wanted != "/start")
            if "Things of" not in page.text:
                assert words.DUTIES[role].partition("'")[0] in page.text

    def test_the_beginning_of_an_address_works_signed_in_and_out(self, site):
        """People type /host."""
        http = site.test_client()
        assert http.get("/host", **LOCAL).headers["Location"] == "/sign-in?next=%2Fhost"
        sign_in(http, **LOCAL)
        assert http.get("/host", **LOCAL).headers["Location"] == "/host/things"

    def test_whoever_is_signed_out_sees_where_to_sign_in(self, site):
        """On every page but the sign-in itself; whoever is signed in sees their role and the way out."""
        http = site.test_client()
        assert 'href="/sign-in"' in http.get("/nowhere", headers=BROWSER, **LOCAL).text
        assert 'href="/sign-in"' not in http.get("/sign-in", **LOCAL).text
        sign_in(http, **LOCAL)
        start = http.get("/start", **LOCAL).text
        assert "Data lead" in start
        assert 'href="/sign-in"' not in start


class TestRenewal:
    @pytest.fixture
    def signed_in(self, site):
        """A browser's session that began now; gives the client and the grant."""
        grant = site.extensions["planted"][1]
        grant.session = tokens.new_session()
        http = site.test_client()
        sign_in(http, **LOCAL)
        return http, grant

    def after(self, monkeypatch, seconds):
        later = time.time() + seconds
        monkeypatch.setattr(tokens.time, "time", lambda: later)

    def test_a_session_that_is_used_does_not_end(self, signed_in, monkeypatch):
        """Every few minutes a page brings the next token; forms that stood open since before are still ours."""
        http, grant = signed_in
        check = check_of(http.get("/sign-out", **LOCAL))
        assert grant.renewed == 0
        for minutes in (6, 6, 6, 6):
            self.after(monkeypatch, minutes * 60)
            assert http.get("/host/things", **LOCAL).status_code == 200
        assert grant.renewed == 4
        assert http.post("/host/things", data={"form_check": check}, **LOCAL).text == "done"

    def test_a_session_that_is_not_renewed_ends_with_its_token(self, signed_in, monkeypatch):
        """Such as of a person who was suspended: a quarter of an hour at most."""
        http, grant = signed_in
        grant.why = "SUSPENDED"
        self.after(monkeypatch, 6 * 60)
        assert http.get("/host/things", **LOCAL).status_code == 200
        self.after(monkeypatch, 10 * 60)
        assert http.get("/host/things", **LOCAL).status_code == 303

    def test_a_token_of_the_api_is_never_renewed(self, site, monkeypatch):
        """It names no session."""
        http, grant = site.test_client(), site.extensions["planted"][1]
        sign_in(http, **LOCAL)
        self.after(monkeypatch, 6 * 60)
        assert http.get("/host/things", **LOCAL).status_code == 200
        assert grant.renewed == 0

    def test_a_page_warns_before_the_session_ends_and_offers_to_stay(self, signed_in):
        """Without a script; in a new tab, so that what was typed stays."""
        http, _ = signed_in
        page = http.get("/start", **LOCAL).text
        assert "session ends in about three minutes" in page
        assert re.search(r'href="/start" target="_blank" rel="noopener"', page)
        style = (Path(assets.__file__).parent / "static/alongside.css").read_text(encoding="utf-8")
        assert "animation: as-ending 1ms linear 720s forwards" in style
        assert tokens.LIFETIME_S == 15 * 60

    def test_what_was_typed_survives_the_session_s_end(self, site, signed_in, monkeypatch):
        """It is shown after the sign-in and sent when the person says so, to the same address, once."""
        http, _ = signed_in
        done = site.extensions["planted"][0]
        check = check_of(http.get("/sign-out", **LOCAL))
        self.after(monkeypatch, 16 * 60)
        typed = {
            "form_check": check,
            "form_number": "0192a3b4-0000-7000-8000-000000000000",
            "text": "two <words>\nand more",
            "looked": "yes",
        }
        refused = http.post("/host/things", data=typed, **LOCAL)
        assert (refused.status_code, done) == (401, [])
        assert "what you wrote is kept" in refused.text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', refused.text))
        assert hidden["kept_text"] == "two &lt;words&gt;\nand more"
        assert "kept_form_check" not in hidden
        site.extensions["planted"][1].session = tokens.new_session()
        form = {**hidden, "kept_text": typed["text"], "username": "a", "password": "right"}
        again = http.post("/sign-in", data=form, **LOCAL)
        assert again.status_code == 200
        assert 'action="/host/things"' in again.text
        assert "two &lt;words&gt;" in again.text
        sent = {"form_check": check_of(again), "text": typed["text"], "looked": "yes"}
        assert http.post("/host/things", data=sent, **LOCAL).text == "done"
        assert len(done) == 1

    def test_a_forged_form_is_not_kept(self, signed_in, monkeypatch):
        """Only what stood in a form that was given to the session that ended, on a page of ours."""
        http, _ = signed_in
        check = check_of(http.get("/sign-out", **LOCAL))
        self.after(monkeypatch, 16 * 60)
        for data, headers in (
            ({"text": "evil"}, {}),
            ({"text": "evil", "form_check": check}, {"Sec-Fetch-Site": "cross-site"}),
        ):
            refused = http.post("/host/things", data=data, headers=headers, **LOCAL)
            assert refused.status_code == 401
            assert "evil" not in refused.text


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
MACHINE = {"Accept": "application/json"}
UNKNOWN = (
    "/nowhere",
    "/hosts",
    "/host.php",
    "/.env",
    "/docs/nowhere",
    "/start/x",
    "/static/alongside/nothing.css",
    "/sign-in/x",
)


class TestUnknownAddresses:
    def told(self, answer):
        """What differs from one request to the next is left out."""
        return re.sub(
            r'<span class="as-number">.*?</span>|value="[0-9a-f]*"|"(instance|trace_id)":"[^"]*"', "", answer.text
        )

    @pytest.mark.parametrize(("headers", "kind"), [(BROWSER, "text/html"), (MACHINE, "application/problem+json")])
    def test_all_give_the_same_404_in_the_form_that_is_asked_for(self, site, headers, kind):
        """Signed in or not, below a page's address or beside it; the API's own addresses stay a machine's."""
        for signed in (False, True):
            http, texts = site.test_client(), set()
            if signed:
                sign_in(http, **LOCAL)
            for path in (*UNKNOWN, *(("/host/nowhere",) if signed else ())):
                answer = http.get(path, headers=headers, **LOCAL)
                if not signed and path.startswith("/start"):
                    assert answer.status_code == 303
                    continue
                assert (answer.status_code, answer.mimetype) == (404, kind), path
                texts.add(self.told(answer))
            assert len(texts) == 1
        assert site.test_client().get("/v1/nowhere", headers=headers, **LOCAL).mimetype == "application/problem+json"

    @pytest.mark.parametrize(("headers", "kind"), [(BROWSER, "text/html"), (MACHINE, "application/problem+json")])
    @pytest.mark.parametrize("path", ["/", "/host/things", "/sign-in", "/start", "/healthz", "/docs/reference"])
    def test_a_wrong_method_is_405_and_says_what_there_is(self, site, path, headers, kind):
        """Not a form that is no longer valid, and not a sign-in."""
        answer = site.test_client().delete(path, headers=headers, **LOCAL)
        assert (answer.status_code, answer.mimetype) == (405, kind)
        assert "GET" in answer.headers["Allow"]


class TestAnswers:
    def test_every_answer_forbids_scripts_frames_and_other_sites(self, site):
        """Pages, refusals and redirects alike; no page holds a style or script of its own."""
        http = site.test_client()
        for path in ("/", "/sign-in", "/host/things", "/host/nowhere"):
            answer = http.get(path, **LOCAL)
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; ")
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert answer.headers["Cache-Control"] == "no-store"
            assert not re.search(r"<script|style=|<style|https?://", answer.text)

    def test_what_goes_wrong_is_a_page(self, site):
        """Unknown and hidden addresses give the same words; names of places are escaped."""
        http = site.test_client()
        sign_in(http, **LOCAL)
        texts = []
        for path in ("/host/nowhere", "/host/missing"):
            answer = http.get(path, **LOCAL)
            assert (answer.status_code, answer.mimetype) == (404, "text/html")
            texts.append(re.sub(r'<span class="as-number">.*?</span>|value="[0-9a-f]*"', "", answer.text))
        assert texts[0] == texts[1]
        assert "Host &lt;One&gt;" in texts[0]

    def test_a_day_is_written_in_words(self):
        """A date as it is; an instant by London's day, also in summer time."""
        late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
        assert words.day(date(2027, 3, 31)) == '<time datetime="2027-03-31">31 March 2027</time>'
        assert words.day(date(2026, 7, 1)) == words.day(late) == '<time datetime="2026-07-01">1 July 2026</time>'

    def test_files_are_kept_for_a_year_under_the_address_of_their_content(self, site):
        """And for a moment under any other; only our own few files can be asked for."""
        http = site.test_client()
        answer = http.get(assets.asset("alongside.css"), **LOCAL)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "max-age=300" in http.get(f"{assets.PREFIX}alongside.css?v=old", **LOCAL).headers["Cache-Control"]
        assert http.get(f"{assets.PREFIX}ORIGIN.txt", **LOCAL).status_code == 404

    def test_the_vendored_look_is_nobody_else_s_identity(self):
        """No font, crown, crest or file from elsewhere came with the style sheet."""
        folder = Path(assets.__file__).parent / "static"
        style = (folder / "govuk-frontend.css").read_text(encoding="utf-8")
        assert not re.search(r"@font-face|url\(|GDS Transport|crown|crest|logotype", style)
        assert {p.suffix for p in folder.iterdir()} == {".css", ".svg", ".txt"}
