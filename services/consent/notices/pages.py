"""The pages of notices: every version, one to read and to print, and the forms of whoever looks after them.

Promise: the same rights, commands and audited reads as the API's; on paper it names neither this software nor what kind
of help it is about; what nobody reviewed is shown to nobody who decides. Shown by
tests/integration/pages/test_notice_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.consent.notices.rules import ENGLISH
from services.consent.notices.showing import CODE, PATH, READERS, WRITER, Showing, in_words
from services.consent.notices.views import NoticeViews
from services.consent.notices.writing import Writing
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.lists import wanted_part
from shared.web.pages.site import Link, PageSet, Part

_WORD = 80


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    views = NoticeViews(context.client[context.database_name])
    showing = Showing(context, web, views)
    writing = Writing(context, web, showing)
    folder = str(Path(__file__).parent / "templates")
    blueprint = Blueprint("notice-pages", __name__, url_prefix=PATH, template_folder=folder)

    @blueprint.get("")
    def notices() -> str:
        """Show every version."""
        who, part = web.require(*READERS), wanted_part()
        page = web.read("consent:notice:list", "list", lambda: views.notices(part))
        return render_template(
            "consent/notices.html",
            notices=[in_words(row) for row in page.items],
            next=page.next,
            first=part.after is None,
            writes=who.role == WRITER,
            done="done" in request.args,
            path=PATH,
        )

    @blueprint.get("/<code>")
    def notice(code: str) -> Any:
        """Show one version in one language, to read, to have read out and to print."""
        web.require(*READERS)
        return showing.one(code[:CODE], request.args.get("language", ENGLISH)[:_WORD], {}, {})

    blueprint.get("/publish")(writing.ask_for_notice)
    blueprint.post("/publish")(writing.publish)
    blueprint.post("/<code>/translations")(writing.translate)
    blueprint.post("/<code>/reviews")(writing.review)
    return PageSet(
        blueprint=blueprint,
        prefixes=(PATH,),
        roles=READERS,
        home=PATH,
        begins=(),
        links=(
            Link(
                path=PATH,
                words="Notices",
                part=Part.CONSENT,
                does="What people are told before they are asked, in each language.",
                roles=READERS,
            ),
        ),
    )
