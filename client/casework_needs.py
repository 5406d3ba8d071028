"""Commands of needs and risks: list, as each stands, weigh, correct, take back.

What is said of a person comes from a file or from standard input: a risk on a command line could be read by others on
the machine.
"""

from typing import Annotated

import typer

from client.casework_outcomes import (
    Clear,
    Episode,
    Kept,
    Why,
    WhyBack,
    corrected,
    correction,
    listed,
    path_of,
    taken_back,
    written,
)
from client.casework_words import Words, read_words
from client.shown import Output, Tenant
from client.stacks import host_client

Now = Annotated[bool, typer.Option("--now", help="Only each as it stands.")]
_WEIGHED = ("about", "level", "view", "on", "words")
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


def weigh_need(episode: Episode, tenant: Tenant, words: Words = None, output: Output = "text") -> None:
    """Weigh a need: about and level, and perhaps view, on and words; what was weighed before stays to be seen."""
    written(tenant, path_of(episode, "needs"), read_words(words, _WEIGHED), output)


def correct_need(
    *,
    episode: Episode,
    kept: Kept,
    tenant: Tenant,
    why: Why,
    words: Words = None,
    clear: Clear = None,
    output: Output = "text",
) -> None:
    """Correct a need; what is left out stays, and what stood there stays to be seen."""
    corrected(tenant, path_of(episode, "needs", kept), correction(read_words(words, _WEIGHED), clear, why), output)


def take_need_back(episode: Episode, kept: Kept, tenant: Tenant, why: WhyBack, output: Output = "text") -> None:
    """Take back a need that is not theirs; what stood there stays to be seen."""
    taken_back(tenant, path_of(episode, "needs", kept), why, output)


def risks(*, episode: Episode, tenant: Tenant, now: Now = False, output: Output = "text") -> None:
    """List every weighing of somebody's risks; the words themselves only with -o json."""
    _list(tenant, path_of(episode, "risks"), output, now=now)


def weigh_risk(episode: Episode, tenant: Tenant, words: Words = None, output: Output = "text") -> None:
    """Weigh a risk, as a need; nobody is told by it, so an immediate one needs your safeguarding procedure."""
    written(tenant, path_of(episode, "risks"), read_words(words, _WEIGHED), output)


def correct_risk(
    *,
    episode: Episode,
    kept: Kept,
    tenant: Tenant,
    why: Why,
    words: Words = None,
    clear: Clear = None,
    output: Output = "text",
) -> None:
    """Correct a risk; what is left out stays, and what stood there stays to be seen."""
    corrected(tenant, path_of(episode, "risks", kept), correction(read_words(words, _WEIGHED), clear, why), output)


def take_risk_back(episode: Episode, kept: Kept, tenant: Tenant, why: WhyBack, output: Output = "text") -> None:
    """Take back a risk that is not theirs; what stood there stays to be seen."""
    taken_back(tenant, path_of(episode, "risks", kept), why, output)


def _list(tenant: str, path: str, output: str, *, now: bool) -> None:
    client = host_client(tenant, "advocate")
    rows = client.get(f"{path}/now")["items"] if now else client.items(path)
    listed(rows, _SHOWN, output, "Nothing is written down yet.")
