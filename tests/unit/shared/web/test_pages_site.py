"""The pages' site with one invented page set and no database."""

import re
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Blueprint, g

from shared.kernel.errors import NotFoundError
from shared.kernel.tenancy import Principal, TenantId
from shared.web import tokens
from shared.web.app import create_app
from shared.web.pages import assets
from shared.web.pages.grant import Credentials, GrantFailedError
from shared.web.pages.remote_grant import PlainRegisterError, RemoteGrant
from shared.web.pages.site import Link, PageSet, Site, SiteSettings
from shared.web.tokens import TokenIssuer, TokenVerifier

HOST, OTHER = TenantId("host"), TenantId("other")
KEYS = {HOST: Ed25519PrivateKey.generate(), OTHER: Ed25519PrivateKey.generate()}
LOCAL = {"base_url": "http://127.0.0.1:8000"}
COOKIE = "alongside-host-session"


def token(tenant=HOST, role="HOST_DATA_LEAD"):
    issuer = TokenIssuer(KEYS[tenant].private_bytes_raw().hex(), issuer=str(tenant))
    return issuer.issue(Principal(actor_id="a-1", tenant_id=tenant, organisation_id="o-1", role=role))


class PlantedGrant:
    """Knows one password; whatever else is asked it refuses in the way that is planted."""

    why = "WRONG"

    def token(self, credentials):
        if credentials.password == "right":
            return token()
        raise GrantFailedError(self.why, retry_after_s=9 if self.why == "TOO_MANY" else None)


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
        links=(Link(path="/host/things", words="Things", roles=roles),),
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

    def test_the_form_s_number_is_the_commands_and_only_if_it_is_one(self, site):
        """Sending a form twice is one command; a made-up number is none."""
        http = site.test_client()
        sign_in(http, **LOCAL)
        check = check_of(http.get("/sign-out", **LOCAL))
        for number in ("0192a3b4-0000-7000-8000-000000000000", "x" * 36, ""):
            http.post("/host/things", data={"form_check": check, "form_number": number}, **LOCAL)
        assert site.extensions["planted"][0] == ["0192a3b4-0000-7000-8000-000000000000", None, None]


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
