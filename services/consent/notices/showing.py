"""One version as it is shown: in the language that is wanted where somebody reviewed it, in English otherwise."""

from collections.abc import Mapping
from typing import Any

from flask import render_template

from services.consent.notices.rules import ENGLISH, NONE, REVIEWED, SIGNED, SOURCE, Notice
from services.consent.notices.views import NoticeViews
from shared.codelists.lists import get
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway

PATH = "/consents/notices"
READERS = ("HOST_DPO", "HOST_DATA_LEAD", "IMSA", "SUPERVISOR")
WRITER = "HOST_DPO"
CODE = 120
"""Longer than any version's name."""
_REVIEWS = {SOURCE: "the notice itself", NONE: "nobody has reviewed it yet", REVIEWED: "reviewed"}


class Showing:
    """Shows notices."""

    def __init__(self, context: ServiceContext, web: Gateway, views: NoticeViews) -> None:
        """Take whether it is a demonstration, the way to the audit log, and the views."""
        self._settings, self._web, self._views = context.settings, web, views

    def one(self, code: str, language: str, said: Mapping[str, Any], wrong: Mapping[str, str]) -> str:
        """Show one version.

        Whoever looks after the notices reads what is to be reviewed, marked as such; everybody else what may be shown.
        """
        found: Notice = self._web.read("consent:notice:read", code, lambda: self._views.notice(code))
        looks_after = self._web.caller.role == WRITER
        may = found.shown(language, demo=self._settings.demo)
        text = (found.text_in(language) or may) if looks_after else may
        return render_template(
            "consent/notice.html",
            notice=found,
            words=get("consent_purpose").label(found.purpose),
            recipients=get("recipient_class").label(found.recipient_class),
            text=text,
            language=get("language").label(text.language),
            wanted=get("language").label(language) if text.language != language else None,
            review=_REVIEWS.get(text.review, text.review),
            unreviewed=text.review == NONE,
            languages=[(one.language, get("language").label(one.language)) for one in found.texts],
            others=[(c, get("language").label(c)) for c in get("language").codes if c not in (ENGLISH, SIGNED)],
            writes=looks_after and found.replaced_at is None,
            typed=said,
            wrong=wrong,
            path=PATH,
            target=f"{PATH}/{found.id}",
        )


def in_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a version of the list in words."""
    return {
        **row,
        "words": get("consent_purpose").label(row["purpose"]),
        "recipients": get("recipient_class").label(row["recipient_class"]),
        "languages": [
            {"words": get("language").label(one["language"]), "review": _REVIEWS.get(one["review"], one["review"])}
            for one in row["texts"]
        ],
    }
