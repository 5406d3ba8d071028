"""What every page's answer has: headers that forbid whatever comes from elsewhere, and ways on."""

from http import HTTPStatus

from flask import Response, render_template

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


def go_to(path: str) -> Response:
    """Lead a browser on to an address of ours; after a form, so that loading again repeats nothing."""
    return Response(status=303, headers={"Location": path})


def ask_again(page: str) -> Response:
    """Show a form once more, with what is not right about it; nothing was changed."""
    return Response(page, status=HTTPStatus.UNPROCESSABLE_ENTITY, mimetype="text/html")


def refusal(status: int, title: str, words_: str, *, number: str | None = None) -> Response:
    """Make a page that says what went wrong and what to do."""
    shown = render_template("alongside/refusal.html", title=title, words=words_, number=number)
    return Response(shown, status=status, mimetype="text/html")
