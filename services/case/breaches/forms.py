"""What the forms of a breach say; None where one is not whole."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from services.case.breaches.commands import (
    ChangeBreach,
    CloseBreach,
    JudgeBreach,
    NamePeople,
    NoteTold,
    ReportBreach,
    close_breach,
    judge_breach,
    name_people,
    note_told,
    report_breach,
)
from shared.codelists.lists import get
from shared.kernel.tenancy import Principal
from shared.web.pages.dates import day_of, first_instant, typed_day
from shared.web.pages.forms import version_in

Form = MultiDict[str, str]
Made = tuple[ChangeBreach, Callable[..., Any]]

WRONG = "Choose an answer to each question of this form. Nothing was changed."
WRONG_DAY = "Write the day on which somebody here first knew as day, month and year, or leave it empty for just now."
_ID_CHARACTERS = 36


def contents_of(form: Form) -> tuple[str, ...] | None:
    """Read what was in it."""
    return _codes(form, "contents", "breach_content")


def aware_at_of(form: Form) -> datetime | None:
    """Read when the host knew: from a day its beginning, so that the hours never run out too late; None for now.

    Raises:
        ValueError: There is no such day.
    """
    day = day_of(typed_day(form, "aware"))
    return None if day is None else first_instant(day)


def change_of(form: Form, *, breach_id: str, person: str | None, who: Principal) -> Made | None:
    """Give what a form asks for, and who carries it out.

    Args:
        person: Whom the form names, as it was found; None where it names nobody.
    """
    version = version_in(form)
    if version is None:
        return None
    about: dict[str, Any] = {"breach_id": breach_id, "version": version, "actor_id": who.actor_id}
    make = {"judge": _judge, "told": _told, "report": _report, "close": _close}.get(form.get("verb", ""))
    if make is not None:
        return make(form, about)
    if form.get("verb") == "people" and person:
        return NamePeople(**about, survivor_ids=(person,)), name_people
    return None


def _judge(form: Form, about: dict[str, Any]) -> Made | None:
    risk, contents = form.get("risk", ""), contents_of(form)
    if not contents or not get("breach_risk").has(risk):
        return None
    return JudgeBreach(**about, risk=risk, contents=contents), judge_breach


def _told(form: Form, about: dict[str, Any]) -> Made | None:
    told, survivor_id = form.get("told", ""), form.get("survivor", "")[:_ID_CHARACTERS]
    if not get("breach_told").has(told):
        return None
    return NoteTold(**about, survivor_id=survivor_id, told=told), note_told


def _report(form: Form, about: dict[str, Any]) -> Made | None:
    late, also_told = form.get("late", "") or None, _codes(form, "also_told", "breach_also_told")
    if also_told is None or (late is not None and not get("breach_late").has(late)):
        return None
    return ReportBreach(**about, reported_at=None, late=late, also_told=also_told), report_breach


def _close(form: Form, about: dict[str, Any]) -> Made | None:
    remedies = _codes(form, "remedies", "breach_remedy")
    return (CloseBreach(**about, remedies=remedies), close_breach) if remedies else None


def _codes(form: Form, name: str, list_name: str) -> tuple[str, ...] | None:
    said = tuple(dict.fromkeys(form.getlist(name)))
    return said if all(get(list_name).has(code) for code in said) else None
