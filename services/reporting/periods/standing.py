"""How a period stands, in words for its own host: what is next, why it waits, and what changed since it was signed.

Pure rules over what ``PeriodViews.preview`` gives; the sentences say cause and cure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.reporting.periods.readiness import LATE, UNPROVEN
from services.reporting.periods.signature import LAPSED, UNSIGNED
from services.reporting.periods.task import NOT_SENT, SEALED
from shared.codelists.lists import get
from shared.codelists.periods import Period
from shared.codelists.plan import Plan

Kind = Literal["good", "wait", "bad", "plain"]

_NOT_SENT_WORDS = {
    UNSIGNED: (
        "No data lead signed the preview before the seal.",
        "For the next period, sign between its end and its seal. Its page shows both dates beforehand.",
    ),
    LAPSED: (
        "The figures changed after they were signed, so the signature lapsed, and nobody signed again.",
        "For the next period, finish imports and corrections first, then sign, and check its page before the seal.",
    ),
    UNPROVEN: (
        "It was not proven in time that every consent and withdrawal up to the seal had arrived here.",
        "The Connection page shows what is missing. Ask your operator to work through the parked messages.",
    ),
    LATE: (
        "Everything was ready, but the services were not running between the seal and the closing.",
        "Ask your operator why the worker was not running: alongside doctor shows what has stopped.",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one period stands.

    Attributes:
        word: For a label.
        sentence: What this means, and why.
        next_step: What somebody should do; empty if there is nothing to do.
        may_sign: A data lead could sign now.
    """

    word: str
    kind: Kind
    sentence: str
    next_step: str = ""
    may_sign: bool = False


def standing(preview: Mapping[str, Any], now: datetime) -> Standing:
    """Say how a period stands at an instant.

    Args:
        preview: As the API shows it; of a sealed period also ``on_its_way``, halves not yet carried.
        now: By the business clock.
    """
    if preview["state"] == SEALED:
        return _sealed(preview.get("on_its_way", 0))
    if preview["state"] == NOT_SENT:
        cause, cure = _NOT_SENT_WORDS.get(preview["reason"], _NOT_SENT_WORDS[LATE])
        return Standing(
            word="Not sent",
            kind="bad",
            sentence=f"No report was sent for this period, and none can be sent now. {cause}",
            next_step=cure,
        )
    if now < Period.parse(preview["period"]).ends_at():
        return Standing(
            word="In progress", kind="plain", sentence="The period has not ended. These figures will still change."
        )
    if now < preview["seal_at"]:
        return _to_be_signed(preview["signature"], proven=preview.get("may_be_signed", True))
    return _after_the_seal(preview)


def _sealed(on_its_way: int) -> Standing:
    if on_its_way:
        return Standing(
            word="Sealed",
            kind="wait",
            sentence="The report was sealed in two halves and is on its way. It can no longer change.",
            next_step="If it is still on its way after ten minutes, look at the Connection page.",
        )
    return Standing(
        word="Sent",
        kind="good",
        sentence="The report was sealed in two halves, and both have been sent. There is nothing more to do.",
    )


def _to_be_signed(signature: str, *, proven: bool) -> Standing:
    if signature in (UNSIGNED, LAPSED) and not proven:
        return Standing(
            word="Waiting for proof",
            kind="wait",
            sentence="The period has ended. It is not yet proven that everything recorded so far has arrived here. "
            "Until then somebody may be missing from these figures, so they cannot be signed.",
            next_step="Wait a minute or two. If nothing changes, the Connection page shows what is missing.",
        )
    if signature == UNSIGNED:
        return Standing(
            word="To be signed",
            kind="wait",
            sentence="The period has ended. The report is sent only if a data lead signs it before the seal.",
            next_step="A data lead should look at the figures and sign them before the seal.",
            may_sign=True,
        )
    if signature == LAPSED:
        return Standing(
            word="Sign again",
            kind="bad",
            sentence="The figures have changed since they were signed, so the signature lapsed. "
            "Unless somebody signs again, no report will be sent.",
            next_step="A data lead should look at the figures again and sign them before the seal.",
            may_sign=True,
        )
    return Standing(
        word="Signed",
        kind="good",
        sentence="The report is sealed and sent at the seal; nobody has to do anything. "
        "Until then, what survivors decide still applies.",
        may_sign=True,
    )


def _after_the_seal(preview: Mapping[str, Any]) -> Standing:
    waits = "The time of the seal has passed and the report is not sealed yet. "
    if preview["signature"] != "SIGNED":
        cause = _NOT_SENT_WORDS[preview["signature"]][0]
        return Standing(
            word="Not signed in time",
            kind="bad",
            sentence=f"No report can be sent for this period. {cause}",
            next_step=_NOT_SENT_WORDS[preview["signature"]][1],
        )
    if not preview["consent_proven"]:
        return Standing(
            word="Waiting for proof",
            kind="wait",
            sentence=waits + "It is not yet proven that every consent and withdrawal up to the seal has arrived.",
            next_step="Wait a minute or two. If nothing changes, the Connection page shows what is missing.",
        )
    return Standing(
        word="About to be sealed",
        kind="wait",
        sentence=waits + "Everything that it needs has arrived.",
        next_step="Wait a minute. If nothing changes, ask your operator to run: alongside doctor.",
    )


def changes(signed: Mapping[str, Any], later: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """Set the signed figures beside later ones, with the reasons of every difference.

    Args:
        signed: People, tables and left out (by reason) as they were signed.
        later: The same as they are, or as they were sealed.
        plan: For titles and labels.

    Returns:
        Rows that differ, and reasons in words. Only survivors' decisions can make a difference that is sealed: every
        other one makes the signature lapse (``services.reporting.periods.signature``).
    """
    rows = [_row("People counted", "", signed["people"], later["people"])]
    for table in plan.tables:
        rows += [
            _row(table.title, c.label, signed["tables"][table.id][c.code], later["tables"][table.id][c.code])
            for c in table.levels[0].categories
        ]
    words = get("left_out_reason")
    reasons = []
    for code in sorted({*signed["left_out"], *later["left_out"]}):
        more = later["left_out"].get(code, 0) - signed["left_out"].get(code, 0)
        if more:
            reasons.append({"words": words.label(code), "code": code, "more": more})
    return {"rows": [row for row in rows if row["difference"]], "reasons": reasons}


def _row(title: str, label: str, signed: int, later: int) -> dict[str, Any]:
    return {"title": title, "label": label, "signed": signed, "later": later, "difference": later - signed}
