"""The page of one person's needs and risks: what stands, their own view beside it, and everything older.

Promise: nothing is added up; an immediate risk says what to do, since no program tells anybody. Shown by
tests/integration/pages/test_need_pages.py.
"""

from pathlib import Path
from typing import Any

from flask import Blueprint, render_template, request

from services.case.needs.commands import CorrectNeed, CorrectRisk, TakeNeedBack, TakeRiskBack, WeighNeed, WeighRisk
from services.case.needs.documents import NEED_KIND, RISK_KIND
from services.case.needs.rules import IMMEDIATE, Need, histories
from services.case.needs.schemas import LONGEST_WORDS, NeedSchema, RiskSchema
from services.case.needs.words import weighed_words
from services.case.outcomes.forms import Ask
from services.case.outcomes.shown import KeptPages, Shown
from services.case.outcomes.views import KeptViews, Row
from services.case.outcomes.words import coded
from services.case.support.admission import CASEWORK, PATH, Admission
from services.case.survivors.rules import ADVOCATE
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway
from shared.web.pages.site import PageSet

_PERSON = f"{PATH}/<uuid:survivor_id>"


class NeedPages:
    """One person's needs and risks at one look."""

    def __init__(self, context: ServiceContext, web: Gateway, admission: Admission) -> None:
        """Take case's context, the way to its committer, and who may act."""
        self._web = web
        self._admission = admission
        self._needs, self._risks = KeptViews(context, NEED_KIND), KeptViews(context, RISK_KIND)

    def show(self, survivor_id: Any) -> str:
        """Show them."""
        who, key = self._admission.about(survivor_id, "case:need:list")
        person, is_open, kinds = self._web.read("case:need:list", key, lambda: self._load(who, key))
        return render_template(
            "case/needs.html",
            person=person,
            base=f"{PATH}/{key}",
            kinds=kinds,
            immediate=any(one["now"]["level"] == IMMEDIATE for one in kinds[0]["each"]),
            writes=who.role == ADVOCATE and is_open,
            done=request.args.get("done", "")[:20],
        )

    def _load(self, who: Principal, key: str) -> tuple[Row, bool, list[Row]]:
        ids = [row["id"] for row in self._admission.episodes_of(who, key)]
        is_open = bool(self._admission.open_episodes_of(who, key))
        kinds = [self._part("risks", self._risks, key, ids), self._part("needs", self._needs, key, ids)]
        return self._admission.survivors.survivor(key), is_open, kinds

    @staticmethod
    def _part(many: str, views: KeptViews[Any], key: str, ids: list[str]) -> Row:
        kept: list[Need] = views.of_person(key, ids)
        rows = {row["id"]: weighed_words(row, many) for row in views.rows(kept)}
        each = [
            {"now": rows[one.now.id], "earlier": [rows[before.id] for before in one.earlier]} for one in histories(kept)
        ]
        return {"many": many, "each": each, "all": list(rows.values())}


def pages(context: ServiceContext, web: Gateway) -> PageSet:
    """Build the pages."""
    admission = Admission(context, web)
    blueprint = Blueprint("needs", __name__, template_folder=str(Path(__file__).parent / "templates"))
    blueprint.get(f"{_PERSON}/needs")(NeedPages(context, web, admission).show)
    for shown in (_need_pages(), _risk_pages()):
        KeptPages(context, web, admission, shown).add_to(blueprint)
    return PageSet(blueprint=blueprint, prefixes=(), roles=CASEWORK, home=PATH, begins=())


def _asks(about: Ask, level: str, view: str) -> tuple[Ask, ...]:
    return (
        about,
        Ask(name="level", label="How you weigh it", mend="Choose how you weigh it.", codes=coded(level)),
        Ask(
            name="view",
            label="How they see it",
            mend="Choose how they see it from the list, or leave it out.",
            codes=coded(view),
            nothing="Nobody wrote it down",
            hint="Ask them. Do not guess it from what you think.",
        ),
        Ask(
            name="on",
            label="Day of the talk",
            mend="Give a day that has been, such as 4 8 2026, or leave it out.",
            is_day=True,
            hint="Leave it out if nobody knows.",
        ),
        Ask(
            name="words",
            label="Note",
            mend=f"Write it in at most {LONGEST_WORDS} letters.",
            longest=LONGEST_WORDS,
            hint="Only what has to be kept. If they ask you not to write something down, do not.",
        ),
    )


def _need_pages() -> Shown:
    about = Ask(name="about", label="What it is about", mend="Choose what it is about.", codes=coded("advocacy_area"))
    asks = _asks(about, "need_level", "need_view")
    return Shown(
        one="need",
        many="needs",
        back="needs",
        title="What they need",
        intro="Weigh one need now. What was weighed before stays to be seen.",
        writes=WeighNeed,
        corrects=CorrectNeed,
        takes_back=TakeNeedBack,
        schema=NeedSchema,
        asks=lambda _who, _key: asks,
        words=lambda row: weighed_words(row, "needs"),
    )


def _risk_pages() -> Shown:
    about = Ask(name="about", label="What endangers them", mend="Choose what endangers them.", codes=coded("risk_type"))
    asks = _asks(about, "risk_level", "risk_view")
    return Shown(
        one="risk",
        many="risks",
        back="needs",
        title="What endangers them",
        intro="Weigh one risk now. Nobody is told by it: if it is immediate, follow the safeguarding procedure "
        "of your organisation at once.",
        writes=WeighRisk,
        corrects=CorrectRisk,
        takes_back=TakeRiskBack,
        schema=RiskSchema,
        asks=lambda _who, _key: asks,
        words=lambda row: weighed_words(row, "risks"),
    )
