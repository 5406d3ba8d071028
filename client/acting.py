"""As whom and where a command acts: said before the command, so that every command has it.

``alongside --demo …`` acts as the invented people of a demo, ``alongside --url https://… …`` at an API elsewhere;
without them a command acts as the person who signed in, at this machine's own stack.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated

import typer

from client.alongside_client import PlainAddressError
from client.alongside_client.sending import checked


@dataclass(frozen=True, kw_only=True)
class Acting:
    """What was said before the command.

    Attributes:
        demo: Whether the invented people act, instead of who signed in.
        url: Address of the API, if it is not this machine's own stack.
    """

    demo: bool = False
    url: str | None = None


_SAID = ContextVar("said before the command", default=Acting())  # noqa: B039  It is frozen.


def register(app: typer.Typer) -> None:
    """Add the options that every command has."""
    app.callback()(choose)


def choose(
    *,
    demo: Annotated[
        bool,
        typer.Option(
            "--demo", envvar="ALONGSIDE_DEMO", help="Act as the invented people of a demo, not as who signed in."
        ),
    ] = False,
    url: Annotated[
        str | None,
        typer.Option("--url", envvar="ALONGSIDE_URL", help="Address of an API elsewhere; no stack is needed here."),
    ] = None,
) -> None:
    """Run, watch and use an Alongside pilot."""
    if url and demo:
        raise typer.BadParameter(
            "Invented people are of this machine's own demo: leave out --demo or --url, or unset ALONGSIDE_DEMO or "
            "ALONGSIDE_URL."
        )
    try:
        address = checked(url, allow_plain=False) if url else None
    except PlainAddressError as error:
        raise typer.BadParameter(f"--url: {error}") from error
    _SAID.set(Acting(demo=demo, url=address))


def acting() -> Acting:
    """Give what was said before the command that runs."""
    return _SAID.get()
