"""What the forms of copies say; None where one is not whole."""

import re
from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import MultiDict

from services.case.access.commands import (
    AgreeLeftOut,
    CollectPart,
    FindSafe,
    GiveCopy,
    LeaveOut,
    LookThrough,
    OnCopy,
    ShowAgain,
    agree_left_out,
    collect_part,
    find_safe,
    give_copy,
    leave_out,
    look_through,
    show_again,
)
from services.case.access.schemas import MOST_AT_ONCE
from shared.codelists.lists import get
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.web.pages.forms import version_in

Form = MultiDict[str, str]
Made = tuple[OnCopy, Callable[..., Any]]

WRONG = "Choose an answer to each question of this form. Nothing was changed."
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
_QUESTIONS = ("way_confirmed", "not_forced", "safe_to_keep")


def about(form: Form, *, copy_id: str, survivor_id: str, who: Principal) -> dict[str, Any] | None:
    """Give what every command about a copy says; None where the form's version is none."""
    version = version_in(form)
    if version is None:
        return None
    return {
        "rights_case_id": copy_id,
        "survivor_id": survivor_id,
        "version": version,
        "actor_id": who.actor_id,
        "role": who.role,
    }


def on_copy(form: Form, said: dict[str, Any]) -> Made | None:
    """Give what a button on a copy's page asks for, and who carries it out."""
    verb = form.get("verb")
    if verb == "safe" and all(form.get(one) in {"yes", "no"} for one in _QUESTIONS):
        return FindSafe(**{**said, **{one: form.get(one) == "yes" for one in _QUESTIONS}}), find_safe
    if verb == "give" and get("rights_told").has(form.get("how", "")):
        return GiveCopy(**said, how=form["how"]), give_copy
    return None


def on_part(form: Form, said: dict[str, Any], party: str) -> Made | None:
    """Give what a button on a part's page asks for."""
    verb = form.get("verb")
    if verb == "collect":
        return CollectPart(**said, party=party), collect_part
    if verb == "look-through":
        return LookThrough(**said, party=party), look_through
    if verb != "leave-out":
        return None
    numbers, reason = form.getlist("numbers"), form.get("reason", "")
    whole = form.get("whole") == "yes"
    known = all(_NUMBER.fullmatch(one) for one in numbers) and get("access_left_out").has(reason)
    if not known or len(numbers) > MOST_AT_ONCE or whole == bool(numbers):
        return None
    asked = LeaveOut(
        **said,
        left_out_id=new_id(),
        party=party,
        numbers=tuple(int(one) for one in numbers),
        whole=whole,
        reason=reason,
    )
    return asked, leave_out


def on_left_out(form: Form, said: dict[str, Any], left_out_id: str) -> Made | None:
    """Give what a button beside something that waits for a second reader asks for."""
    if form.get("verb") == "agree":
        return AgreeLeftOut(**said, left_out_id=left_out_id), agree_left_out
    if form.get("verb") == "show":
        return ShowAgain(**said, left_out_id=left_out_id), show_again
    return None
