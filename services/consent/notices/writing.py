"""The forms of whoever looks after the notices: each carries out the API's own command; what was typed stays."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import render_template, request
from marshmallow import Schema

from services.consent.notices.commands import (
    AddTranslation,
    PublishNotice,
    ReviewTranslation,
    add_translation,
    publish_notice,
    review_translation,
)
from services.consent.notices.forms import read, typed
from services.consent.notices.rules import ENGLISH
from services.consent.notices.schemas import PublishSchema, ReviewSchema, TranslationSchema
from services.consent.notices.showing import CODE, PATH, WRITER, Showing
from shared.codelists.lists import get
from shared.kernel.errors import InvalidInputError, RuleViolationError
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.answers import ask_again
from shared.web.pages.site import go_to

_FIRST = {"purpose": "AGGREGATE_STATISTICS", "recipient_class": "PROJECT_BOARD"}


class Writing:
    """Publishes, translates and reviews from pages."""

    def __init__(self, context: ServiceContext, web: Gateway, showing: Showing) -> None:
        """Take whether it is a demonstration, the way to the committer, and what shows a version again."""
        self._settings, self._web, self._showing = context.settings, web, showing

    def ask_for_notice(self) -> str:
        """Ask for the words of the next version."""
        self._web.require(WRITER)
        return _publishing(_FIRST, {})

    def publish(self) -> Any:
        """Publish it."""
        said, wrong = self._carry_out(PublishNotice, publish_notice, PublishSchema())
        return ask_again(_publishing(said, wrong)) if wrong else go_to(f"{PATH}?done=yes")

    def translate(self, code: str) -> Any:
        """Add a translation."""
        key = code[:CODE]
        said, wrong = self._carry_out(AddTranslation, add_translation, TranslationSchema(), code=key)
        return ask_again(self._showing.one(key, ENGLISH, said, wrong)) if wrong else _back(key, said["language"])

    def review(self, code: str) -> Any:
        """Note a review."""
        key = code[:CODE]
        said, wrong = self._carry_out(ReviewTranslation, review_translation, ReviewSchema(), code=key)
        return ask_again(self._showing.one(key, said["language"], {}, wrong)) if wrong else _back(key, said["language"])

    def _carry_out(
        self, kind: Callable[..., Any], by: Callable[..., Answer], schema: Schema, **more: str
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Carry a form out; give what was typed, and a sentence for whatever is to be mended."""
        who = self._web.require(WRITER)
        said = typed(request.form, schema)
        body, wrong = read(said, schema)
        if body is None:
            return said, wrong
        command = kind(**body, **more, actor_id=who.actor_id)
        run: Callable[[UnitOfWork], Answer] = partial(by, command, demo=self._settings.demo)
        try:
            self._web.carry_out(command, run)
        except (InvalidInputError, RuleViolationError) as error:
            return said, {"text": str(error)}
        return said, {}


def _publishing(said: dict[str, Any], wrong: dict[str, str]) -> str:
    lists = {name: get(name) for name in ("consent_purpose", "recipient_class")}
    return render_template(
        "consent/publish.html",
        typed=said,
        wrong=wrong,
        path=PATH,
        **{name: [(code, codes.label(code)) for code in codes.codes] for name, codes in lists.items()},
    )


def _back(code: str, language: str) -> Any:
    return go_to(f"{PATH}/{code}?language={language}")
