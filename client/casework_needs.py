"""Commands of needs and risks: list, as each stands, weigh, correct, take back."""

from typing import Annotated, Any

import typer

from client.casework_outcomes import Clear, Episode, Kept, On, Why, WhyBack, corrected, listed, path_of, taken_back
from client.casework_words import Words, read_words, tell
from client.shown import Output, Tenant
from client.stacks import host_client

Now = Annotated[bool, typer.Option("--now", help="Only each as it stands.")]
NeedAbout = Annotated[str | None, typer.Option("--about", help="A code of advocacy_area.")]
NeedLevel = Annotated[str | None, typer.Option("--level", help="A code of need_level.")]
NeedView = Annotated[str | None, typer.Option("--view", help="How they see it: a code of need_view.")]
RiskAbout = Annotated[str | None, typer.Option("--about", help="A code of risk_type.")]
RiskLevel = Annotated[str | None, typer.Option("--level", help="A code of risk_level.")]
RiskView = Annotated[str | None, typer.Option("--view", help="How they see it: a code of risk_view.")]
_WORDS = ("words",)
_SHOWN = ("id", "on", "about", "level", "view", "state")


def register(casework: typer.Typer) -> None:
    """Add the commands."""
    casework.command("needs")(needs)
    casework.command("weigh-need")(weigh_need)
    casework.command("correct-need")(correct_need)
    casework.command("take-need-back")(take_need_back)
    casework.command("risks")(risks)
    casework.command("weigh-risk")(weigh_risk)
    casework.command("correct-risk")(correct_risk)
    casework.command("take-risk-back")(take_risk_back)


def needs(*, episode: Episode, tenant: Tenant, now: Now = False, output: Output = "text") -> None:
    """List every weighing of somebody's needs; the words themselves only with -o json."""
    _list(tenant, path_of(episode, "needs"), output, now=now)


def weigh_need(
    *,
    episode: Episode,
    tenant: Tenant,
    about: Annotated[str, typer.Option(help="A code of advocacy_area.")],
    level: Annotated[str, typer.Option(help="A code of need_level.")],
    view: NeedView = None,
    on: On = None,
    words: Words = None,
    output: Output = "text",
) -> None:
    """Weigh a need; what was weighed before stays to be seen."""
    body = _said(about=about, level=level, view=view, on=on, words=words)
    tell(host_client(tenant, "advocate").post(path_of(episode, "needs"), body), "Written", output)


def correct_need(
    *,
    episode: Episode,
    kept: Kept,
    tenant: Tenant,
    why: Why,
    about: NeedAbout = None,
    level: NeedLevel = None,
    view: NeedView = None,
    on: On = None,
    words: Words = None,
    clear: Clear = None,
    output: Output = "text",
) -> None:
    """Correct a need; what is left out stays, and what stood there stays to be seen."""
    body = {**_said(about=about, level=level, view=view, on=on, words=words), "clear": clear or [], "why": why}
    corrected(tenant, path_of(episode, "needs", kept), body, output)


def take_need_back(episode: Episode, kept: Kept, tenant: Tenant, why: WhyBack, output: Output = "text") -> None:
    """Take back a need that is not theirs; what stood there stays to be seen."""
    taken_back(tenant, path_of(episode, "needs", kept), why, output)


def risks(*, episode: Episode, tenant: Tenant, now: Now = False, output: Output = "text") -> None:
    """List every weighing of somebody's risks; the words themselves only with -o json."""
    _list(tenant, path_of(episode, "risks"), output, now=now)


def weigh_risk(
    *,
    episode: Episode,
    tenant: Tenant,
    about: Annotated[str, typer.Option(help="A code of risk_type.")],
    level: Annotated[str, typer.Option(help="A code of risk_level.")],
    view: RiskView = None,
    on: On = None,
    words: Words = None,
    output: Output = "text",
) -> None:
    """Weigh a risk; nobody is told by it, so an immediate one needs your safeguarding procedure."""
    body = _said(about=about, level=level, view=view, on=on, words=words)
    tell(host_client(tenant, "advocate").post(path_of(episode, "risks"), body), "Written", output)


def correct_risk(
    *,
    episode: Episode,
    kept: Kept,
    tenant: Tenant,
    why: Why,
    about: RiskAbout = None,
    level: RiskLevel = None,
    view: RiskView = None,
    on: On = None,
    words: Words = None,
    clear: Clear = None,
    output: Output = "text",
) -> None:
    """Correct a risk; what is left out stays, and what stood there stays to be seen."""
    body = {**_said(about=about, level=level, view=view, on=on, words=words), "clear": clear or [], "why": why}
    corrected(tenant, path_of(episode, "risks", kept), body, output)


def take_risk_back(episode: Episode, kept: Kept, tenant: Tenant, why: WhyBack, output: Output = "text") -> None:
    """Take back a risk that is not theirs; what stood there stays to be seen."""
    taken_back(tenant, path_of(episode, "risks", kept), why, output)


def _said(*, words: Any, **codes: str | None) -> dict[str, Any]:
    return {**codes, **read_words(words, _WORDS)}


def _list(tenant: str, path: str, output: str, *, now: bool) -> None:
    client = host_client(tenant, "advocate")
    rows = client.get(f"{path}/now")["items"] if now else client.items(path)
    listed(rows, _SHOWN, output, "Nothing is written down yet.")
