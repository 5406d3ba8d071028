"""The sign-in and sign-out pages: one plain sentence whatever was wrong, and no word about whether somebody exists."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, g, render_template, request

from shared.web.pages.grant import Credentials, GrantFailedError, Why
from shared.web.pages.session import holder_of
from shared.web.pages.site import Site, go_to

_SENTENCES: dict[Why, str] = {
    "WRONG": "The user name or the password is not right. Check both and try again.",
    "TOO_MANY": "There were too many attempts. Wait a quarter of an hour, then try again.",
    "CHOOSE_ROLE": "Choose the role in which you want to act, and give your password again.",
    "AWAY": "Signing in is not possible at the moment. Try again in a few minutes.",
}
_STATUSES: dict[Why, HTTPStatus] = {
    "WRONG": HTTPStatus.UNAUTHORIZED,
    "TOO_MANY": HTTPStatus.TOO_MANY_REQUESTS,
    "CHOOSE_ROLE": HTTPStatus.UNPROCESSABLE_ENTITY,
    "AWAY": HTTPStatus.SERVICE_UNAVAILABLE,
}
_LONGEST = 1_000
KEPT = "kept_"


def build_sign_in(site: Site) -> Blueprint:
    """Build both pages of a site."""
    blueprint = Blueprint("browser", __name__)

    @blueprint.get("/sign-in")
    def sign_in() -> Any:
        """Ask for user name and password."""
        who = g.get("principal")
        if who is not None:
            return go_to(_goal(site, who.role))
        notice = request.args.get("why")
        return _form(site, notice=notice if notice in ("ended", "out", "enrolled") else None)

    @blueprint.post("/sign-in")
    def take_credentials() -> Any:
        """Begin a session."""
        role = request.form.get("role") or None
        credentials = Credentials(
            username=request.form.get("username", "")[:_LONGEST],
            password=request.form.get("password", "")[:_LONGEST],
            role=role if role in site.addresses.roles() else None,
        )
        try:
            token = _token(site, credentials)
            who = site.sessions.verified(token)
        except GrantFailedError as error:
            response = Response(_form(site, error=error), status=_STATUSES[error.why], mimetype="text/html")
            if error.retry_after_s is not None:
                response.headers["Retry-After"] = str(error.retry_after_s)
            return response
        goal, kept = _goal(site, who.role), _kept()
        if kept and goal == request.values.get("next", ""):
            g.principal, g.page_holder = who, holder_of(token)
            response = Response(render_template("alongside/resume.html", goal=goal, kept=kept), mimetype="text/html")
        else:
            response = go_to(goal)
        site.sessions.begin(request, response, token)
        return response

    @blueprint.get("/sign-out")
    def ask_to_sign_out() -> Any:
        """Offer to sign out; a link alone must not do it."""
        if g.get("principal") is None:
            return go_to("/sign-in")
        return render_template("alongside/sign_out.html")

    @blueprint.post("/sign-out")
    def sign_out() -> Any:
        """End the session in this browser."""
        response = go_to("/sign-in?why=out")
        site.sessions.end(request, response)
        return response

    return blueprint


def _token(site: Site, credentials: Credentials) -> str:
    if site.settings.grant is None:
        raise GrantFailedError("AWAY")
    if not credentials.username or not credentials.password:
        raise GrantFailedError("WRONG")
    return site.settings.grant.token(credentials)


def _goal(site: Site, role: str) -> str:
    wanted = request.values.get("next", "")
    return (
        wanted
        if site.addresses.may_lead_to(wanted) and site.addresses.may_enter(wanted, role)
        else site.addresses.home(role)
    )


def _kept() -> list[tuple[str, str]]:
    """Give what was typed into a form whose session ended; its fields came with the sign-in under other names."""
    return [
        (n[len(KEPT) :], v)
        for n, v in request.form.items(multi=True)
        if n.startswith(KEPT) and n[len(KEPT) :].isidentifier()
    ]


def _form(site: Site, *, error: GrantFailedError | None = None, notice: str | None = None) -> str:
    wanted = request.values.get("next", "")
    return render_template(
        "alongside/sign_in.html",
        error=_SENTENCES[error.why] if error is not None else None,
        roles=site.addresses.roles() if error is not None and error.why == "CHOOSE_ROLE" else (),
        notice=notice,
        next=wanted if site.addresses.may_lead_to(wanted) else "",
        username=request.form.get("username", "")[:_LONGEST],
        kept=_kept(),
    )
