"""Commands about erasures of survivors' keys; a job carries them out by itself."""

from typing import Annotated

import typer

from client.shown import Output, show_json, show_rows
from client.stacks import running_stack
from deploy.stack.erasures import erasure_status

erase = typer.Typer(help="Erasures of survivors' keys.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    erase.callback()(_erasures)
    erase.command("status")(show_erasures)
    app.add_typer(erase, name="erase")


def _erasures() -> None:
    """Show erasures of survivors' keys; a job carries them out, nobody has to start it."""


def show_erasures(
    tenant: Annotated[str, typer.Option("--tenant", "-t", help="The tenant's short id.")], output: Output = "text"
) -> None:
    """Show how far the erasures of a tenant are: step and generations, never whom they are about."""
    content = erasure_status(running_stack(tenant), tenant)
    if output == "json":
        show_json(content)
    else:
        show_rows([content], tuple(content), title="Erasures")
