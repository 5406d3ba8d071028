"""The site of one tenant: which addresses are pages, who may enter, and how every answer is dressed.

Promise: an address below a page set's prefix knows only the session cookie, and without one leads to the sign-in; every
POST carries the token of a form of ours; every answer forbids scripts, frames and whatever comes from elsewhere.
Shown by tests/unit/shared/web/test_pages_site.py.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, g, render_template, request
from werkzeug.exceptions import MethodNotAllowed

from shared.kernel.tenancy import RESERVED, Principal, TenantId
from shared.web.pages import assets, edge, forms, words
from shared.web.pages.grant import Grant, GrantFailedError
from shared.web.pages.session import Sessions
from shared.web.tokens import TokenVerifier

SIGN_IN, SIGN_OUT, START = "/sign-in", "/sign-out", "/start"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PAGE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    # A form's POST must say where it stood; nothing is said to other sites.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}

_HERE = Path(__file__).parent
_MOST_KEPT = 50
_GOOD_NEXT = re.compile(r"/[A-Za-z0-9/_.-]{0,199}")


@dataclass(frozen=True, kw_only=True)
class Link:
    """One entry of the navigation.

    Attributes:
        path: Address; it is the current one below itself too.
        roles: Who sees it; empty for everybody, signed in or not.
    """

    path: str
    words: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PageSet:
    """The pages of one service.

    Attributes:
        blueprint: A plain Flask one; its routes call ``Gateway.require``, ``read`` and ``command`` as the API's do.
        prefixes: Address beginnings that need a session, such as ``/host``.
        open_paths: Whole addresses that need none, such as ``/``, or all below one, such as ``/enrol/*``; who is signed
            in is known there too.
        roles: Who has something to see here; also what the sign-in offers where somebody must choose a role.
        home: Where somebody with one of these roles begins.
        begins: Whose sign-in ends there, where it is not the first page that each of ``roles`` needs; None for all.
    """

    blueprint: Blueprint
    prefixes: tuple[str, ...]
    open_paths: tuple[str, ...] = ()
    roles: tuple[str, ...]
    home: str
    begins: tuple[str, ...] | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SiteSettings:
    """What a site needs besides its page sets.

    Attributes:
        place: Whose site it is, in words.
        form_key: 32 secret bytes for the forms' tokens alone.
        grant: Who knows the passwords; None where this process was told of nobody.
    """

    tenant_id: TenantId
    place: str
    form_key: bytes
    grant: Grant | None


class Site:
    """All pages of one application."""

    def __init__(self, settings: SiteSettings, page_sets: Iterable[PageSet]) -> None:
        """Take the page sets of the services that run here."""
        self.settings = settings
        self.page_sets: Sequence[PageSet] = tuple(page_sets)
        self.forms = forms.FormChecks(settings.form_key)
        self._prefixes = (START, *(prefix for pages in self.page_sets for prefix in pages.prefixes))
        opened = {path for pages in self.page_sets for path in pages.open_paths}
        self._open_below = tuple(path[:-1] for path in opened if path.endswith("*"))
        self._open = {path for pages in self.page_sets for path in pages.open_paths} | {SIGN_IN, SIGN_OUT}
        self._own_start = "/" not in self._open
        if self._own_start:
            self._open.add("/")
        self.sessions: Sessions

    def wants_page(self) -> bool:
        """Whether an error is shown as a page: on an address of ours unless JSON is preferred, elsewhere if HTML is."""
        accepted = request.accept_mimetypes
        html = accepted["text/html"]
        machine = max(accepted["application/problem+json"], accepted["application/json"])
        if request.path.startswith("/v1/"):
            return False
        return html >= machine if self.covers(request.path) else html > machine

    def covers(self, path: str) -> bool:
        """Whether an address is a page's."""
        is_open = path in self._open or path.startswith((assets.PREFIX, *self._open_below))
        return is_open or self._needs_session(path)

    def register(self, app: Flask, verifier: TokenVerifier) -> None:
        """Add every page, the files and what templates call."""
        self.sessions = Sessions(self.settings.tenant_id, verifier)
        app.extensions[edge.EXTENSION] = self.sessions
        base = Blueprint("pages", __name__, template_folder=str(_HERE / "templates"))
        base.add_url_rule(f"{assets.PREFIX}<name>", "asset", assets.serve_asset)
        if self._own_start:
            base.add_url_rule("/", "start", self._start)
        base.add_url_rule(START, "role", self._role)
        app.register_blueprint(base)
        for pages in self.page_sets:
            app.register_blueprint(pages.blueprint)
        known = {rule.rule for rule in app.url_map.iter_rules()}
        for prefix in self._prefixes:
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
            self._renew()
        if self._needs_session(request.path) and who is None:
            return self._to_sign_in()
        if request.method not in SAFE_METHODS:
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
        if response.mimetype == "application/problem+json" and self.wants_page():
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

    def home(self, role: str) -> str:
        """Give where somebody of a role begins."""
        fitting = [
            pages.home for pages in self.page_sets if role in (pages.roles if pages.begins is None else pages.begins)
        ]
        return fitting[0] if fitting else START

    def may_lead_to(self, path: str) -> bool:
        """Whether a sign-in may go on to an address: a page of ours that needs a session, nothing else."""
        return bool(_GOOD_NEXT.fullmatch(path)) and "//" not in path and self._needs_session(path)

    def may_enter(self, path: str, role: str) -> bool:
        """Whether an address is of use to a role, so that a sign-in may end there."""
        fitting = [p for p in self.page_sets if any(path == x or path.startswith(x + "/") for x in p.prefixes)]
        return path == START or any(role in pages.roles for pages in fitting)

    def roles(self) -> tuple[str, ...]:
        """Give every role in which somebody may sign in here; those with pages of their own come first."""
        with_pages = (role for pages in self.page_sets for role in pages.roles)
        here = words.CENTRE_ROLES if self.settings.tenant_id in RESERVED else words.HOST_ROLES
        known = (role for role in with_pages if role in here)
        return tuple(dict.fromkeys((*known, *here)))

    def _needs_session(self, path: str) -> bool:
        return any(path == prefix or path.startswith(prefix + "/") for prefix in self._prefixes)

    def _start(self) -> Response:
        who = signed_in()
        return go_to(self.home(who.role) if who is not None else SIGN_IN)

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
        if request.method == "POST" and self.may_lead_to(request.path):
            return self._ask_to_sign_in_again()
        asked = request.path if request.method == "GET" and self.may_lead_to(request.path) else None
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
            for pages in self.page_sets
            for link in pages.links
            if not link.roles or (who is not None and who.role in link.roles)
        ]
        return {
            "asset": assets.asset,
            "place": self.settings.place,
            "signed_in": who,
            "can_sign_in": self.settings.grant is not None,
            "kept": (),
            "links": links,
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


def signed_in() -> Principal | None:
    """Give who is signed in, or None."""
    who: Principal | None = g.get("principal")
    return who


def _role_of(who: Principal | None) -> str:
    return who.role if who is not None else ""


def go_to(path: str) -> Response:
    """Lead a browser on to an address of ours; after a form, so that loading again repeats nothing."""
    return Response(status=303, headers={"Location": path})


def refusal(status: int, title: str, words_: str, *, number: str | None = None) -> Response:
    """Make a page that says what went wrong and what to do."""
    shown = render_template("alongside/refusal.html", title=title, words=words_, number=number)
    return Response(shown, status=status, mimetype="text/html")
