"""What the forms about papers say; None where one is not whole."""

import re
from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import MultiDict

from services.audit.papers.commands import (
    AgreeWithholding,
    AskWithholding,
    EndWithholding,
    agree_withholding,
    end_withholding,
)
from services.audit.papers.withholding import MOST_ENTRIES
from shared.codelists.lists import get
from shared.contracts.fields import CODE_PATTERN
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.outbox.commands import DomainCommand
from shared.web.pages.dates import day_of, first_instant, typed_day
from shared.web.pages.forms import version_in

Form = MultiDict[str, str]
Made = tuple[DomainCommand, Callable[..., Any]]

WRONG = "Answer each question of this form: which entries, why, and the day from which they are shown again."
_MOST_CHARACTERS = 10_000


def asked_withholding(form: Form, who: Principal) -> AskWithholding | None:
    """Read which entries are to be left out, why, and until when."""
    entries = tuple(dict.fromkeys(form.get("entries", "")[:_MOST_CHARACTERS].split()))
    reason = form.get("reason", "")
    try:
        until = day_of(typed_day(form, "until"))
    except ValueError:
        return None
    whole = 0 < len(entries) <= MOST_ENTRIES and all(re.fullmatch(CODE_PATTERN, one) for one in entries)
    if not whole or until is None or not get("withholding_reason").has(reason):
        return None
    return AskWithholding(
        withholding_id=new_id(), entry_ids=entries, reason=reason, until=first_instant(until), actor_id=who.actor_id
    )


def change_of(form: Form, *, withholding_id: str, who: Principal) -> Made | None:
    """Give what a button asks for, and who carries it out."""
    version = version_in(form)
    if version is None:
        return None
    about: dict[str, Any] = {"withholding_id": withholding_id, "version": version, "actor_id": who.actor_id}
    if form.get("verb") == "agree":
        return AgreeWithholding(**about), agree_withholding
    if form.get("verb") == "end":
        return EndWithholding(**about), end_withholding
    return None
