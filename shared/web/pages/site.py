"""The site of one tenant: which addresses are pages, who may enter, and how every answer is dressed.

Promise: an address below a page set's prefix knows only the session cookie, and without one leads to the sign-in; every
POST carries the token of a form of ours; every answer forbids scripts, frames and whatever comes from elsewhere.
Shown by tests/unit/shared/web/test_pages_site.py.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, g, render_template, request
from werkzeug.exceptions import MethodNotAllowed

from shared.kernel.tenancy import Principal, is_sandbox
from shared.web.large_bodies import most_of_a_file
from shared.web.pages import assets, edge, forms, words
from shared.web.pages.addresses import SIGN_IN, START, Addresses
from shared.web.pages.answers import PAGE_HEADERS, go_to, refusal
from shared.web.pages.grant import GrantFailedError
from shared.web.pages.page_sets import Link, PageSet, Part, SiteSettings
from shared.web.pages.session import Sessions
from shared.web.tokens import TokenVerifier

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HERE = Path(__file__).parent
_MOST_KEPT = 50
_ALL_AT_ONCE, _FIRST = 9, 6
"""How many pages stand side by side at the top; of more than these, how many, while the others are one press away."""

__all__ = ["Link", "PageSet", "Part", "Site", "SiteSettings", "go_to", "signed_in"]


class Site:
    """All pages of one application."""

    def __init__(self, settings: SiteSettings, page_sets: Iterable[PageSet]) -> None:
        """Take the page sets of the services that run here."""
        self.settings = settings
        self.addresses = Addresses(settings.tenant_id, page_sets)
        self.forms = forms.FormChecks(settings.form_key)
        self.sessions: Sessions

    def register(self, app: Flask, verifier: TokenVerifier) -> None:
        """Add every page, the files and what templates call."""
        self.sessions = Sessions(self.settings.tenant_id, verifier)
        app.extensions[edge.EXTENSION] = self.sessions
        base = Blueprint("pages", __name__, template_folder=str(_HERE / "templates"))
        base.add_url_rule(f"{assets.PREFIX}<name>", "asset", assets.serve_asset)
        if self.addresses.own_start:
            base.add_url_rule("/", "start", self._start)
        base.add_url_rule(START, "role", self._role)
        app.register_blueprint(base)
        for pages in self.addresses.page_sets:
            app.register_blueprint(pages.blueprint)
        known = {rule.rule for rule in app.url_map.iter_rules()}
        for prefix in self.addresses.prefixes:
            if prefix not in known:
                # Such as /host, which people type: on to where their role begins.
                app.add_url_rule(prefix, f"pages-{prefix.strip('/')}", self._start)
        app.jinja_env.filters |= {
            "moment": words.moment,
            "day": words.day,
            "period": words.period_words,
            "age": words.age_words,
            "role": words.role_words,
        }
        app.context_processor(self._context)

    def admit(self) -> Response | None:
        """Let a request for a page in, or answer it: sign in first, or: this form is not ours."""
        if isinstance(request.routing_exception, MethodNotAllowed):
            return None  # The router's own 405, with what the address does; no form is looked at.
        who = self.sessions.principal(request)
        if who is not None:
            g.principal = who
            # Else the form could not even be looked at; whose right it is, the server has asked before it took it.
            request.max_content_length = most_of_a_file(request.endpoint) or request.max_content_length
            self._renew()
        if self.addresses.needs_session(request.path) and who is None:
            return self._to_sign_in()
        if request.method not in SAFE_METHODS:
            stranger = who is not None and not self.addresses.may_be_for(request.path, who.role)
            if stranger and forms.same_site(request):
                # Nothing they sent is read: the gateway refuses them, whatever the page says, and audits it.
                g.form_unread = True
                return None
            holder = self.sessions.holder(request) if who is not None else self.sessions.nonce(request)
            if not self.forms.fits(request, holder):
                return refusal(
                    403,
                    "This form is no longer valid",
                    "Nothing was changed. The page was open for too long, or you signed in or out in another window. "
                    "Go back, load the page again, then send the form again.",
                )
            g.idempotency_key = forms.number_of(request)
        return None

    def recognise(self) -> None:
        """Note who is signed in, so that also an address that is no page's is answered in their page's form."""
        who = self.sessions.principal(request)
        if who is not None:
            g.principal = who

    def dress(self, response: Response) -> Response:
        """Give an answer the pages' headers; a problem document becomes a page, unless a machine asks."""
        if response.mimetype == "application/problem+json" and self.addresses.wants_page():
            body = response.get_json()
            page = refusal(response.status_code, body["title"], body["detail"], number=body.get("instance"))
            for name in ("Retry-After", "Allow"):
                if name in response.headers:
                    page.headers[name] = response.headers[name]
            response = page
        for remember in g.pop("page_cookies", ()):
            remember(response)
        for name, value in PAGE_HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def _start(self) -> Response:
        who = signed_in()
        return go_to(self.addresses.home(who.role) if who is not None else SIGN_IN)

    def _role(self) -> str:
        """Say what somebody can do here in their role; where every sign-in ends that has no page of its own."""
        return render_template("alongside/start.html", duty=words.DUTIES.get(_role_of(signed_in())))

    def _renew(self) -> None:
        """Ask for the session's next token where the present one is no longer new; without one the present ends."""
        grant = self.settings.grant
        if grant is None or not self.sessions.is_due(request):
            return
        try:
            token = grant.renew(self.sessions.token(request) or "")
        except GrantFailedError:
            return
        later: list[Callable[[Response], None]] = g.setdefault("page_cookies", [])
        later.append(lambda response: self.sessions.keep(request, response, token))

    def _to_sign_in(self) -> Response:
        if request.method == "POST" and self.addresses.may_lead_to(request.path):
            return self._ask_to_sign_in_again()
        asked = request.path if request.method == "GET" and self.addresses.may_lead_to(request.path) else None
        query = {name: value for name, value in (("next", asked), ("why", self._why_out())) if value}
        return go_to(f"{SIGN_IN}?{urlencode(query)}" if query else SIGN_IN)

    def _ask_to_sign_in_again(self) -> Response:
        """Show the sign-in with what was typed kept in it, if the form was given to the session that ended."""
        kept: list[tuple[str, str]] = []
        if self.forms.fits(request, self.sessions.holder(request)):
            own = (forms.CHECK, forms.NUMBER)
            kept = [(n, v) for n, v in request.form.items(multi=True) if n not in own and n.isidentifier()][:_MOST_KEPT]
        shown = render_template(
            "alongside/sign_in.html",
            error=None,
            roles=(),
            notice="kept" if kept else "ended",
            next=request.path,
            username="",
            kept=kept,
        )
        return Response(shown, status=401, mimetype="text/html")

    def _why_out(self) -> str | None:
        return "ended" if self.sessions.token(request) is not None else None

    def _context(self) -> dict[str, Any]:
        who = signed_in()
        links = [
            link
            for pages in self.addresses.page_sets
            for link in pages.links
            if not link.roles or (who is not None and who.role in link.roles)
        ]
        links.sort(key=lambda link: _role_of(who) not in link.daily)
        first = links if len(links) <= _ALL_AT_ONCE else links[:_FIRST]
        return {
            "asset": assets.asset,
            "place": self.settings.place,
            "sandbox": is_sandbox(self.settings.tenant_id),
            "signed_in": who,
            "can_sign_in": self.settings.grant is not None,
            "kept": (),
            "links": links,
            "first_links": first,
            "link_parts": _by_part(link for link in links if link not in first),
            "all_link_parts": _by_part(links),
            "path": request.path,
            "form_check": self._form_check,
            "form_number": forms.new_number,
            "counted": words.counted,
        }

    def _form_check(self) -> str:
        """Give the token for a form on the page that is being rendered."""
        if signed_in() is not None:
            return self.forms.made_for(g.get("page_holder") or self.sessions.holder(request) or "")
        nonce = self.sessions.nonce(request) or g.get("page_nonce")
        if nonce is None:
            nonce, remember = self.sessions.new_nonce(request)
            g.page_nonce = nonce
            later: list[Callable[[Response], None]] = g.setdefault("page_cookies", [])
            later.append(remember)
        return self.forms.made_for(nonce)


def _by_part(links: Iterable[Link]) -> list[tuple[str, list[Link]]]:
    """Give links under the headings of their parts, in the parts' order."""
    found: dict[Part, list[Link]] = {part: [] for part in Part}
    for link in links:
        found[link.part].append(link)
    return [(part.value, held) for part, held in found.items() if held]


def signed_in() -> Principal | None:
    """Give who is signed in, or None."""
    who: Principal | None = g.get("principal")
    return who


def _role_of(who: Principal | None) -> str:
    return who.role if who is not None else ""
