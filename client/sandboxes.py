"""Sandboxes: hosts of invented people, for integrators to try with; and what happens there when somebody asks for it.

Promise: whether a host is a sandbox is said by its id and by nothing else, so it can never become one or cease to be
one; what is made here is made in a sandbox alone. Shown by tests/unit/client/test_sandbox_commands.py.
"""

import itertools
import time
from collections.abc import Callable
from functools import cache, partial
from typing import Annotated, Any

import typer

from client.shown import Output, Tenant, out, show_json
from client.stacks import invented, place_of
from client.triggering import TRIGGERS, Sessions, short, trigger
from shared.kernel.errors import InvalidInputError
from shared.kernel.tenancy import SANDBOX, is_sandbox

MOST_PEOPLE, MOST_EVENTS = 200, 10_000
SHORTEST_S, LONGEST_S = 0.2, 3_600.0
"""Between two happenings: it is a life, not a load test, and not asleep."""

sandboxes = typer.Typer(help="Sandboxes: hosts of invented people, to try with.", no_args_is_help=True)


class SandboxNameError(InvalidInputError):
    """A host's id and what was asked for differ about whether it is a sandbox."""

    code = "sandbox-name"

    def __init__(self, *, wanted: bool) -> None:
        """Say how each is made."""
        super().__init__(
            f"A sandbox is known by its id for ever, so its id begins with {SANDBOX}, such as {SANDBOX}try."
            if wanted
            else f"An id that begins with {SANDBOX} is a sandbox's: say --sandbox, or give the host another id."
        )


class NotASandboxError(InvalidInputError):
    """Invented records are made in a sandbox alone."""

    code = "not-a-sandbox"

    def __init__(self) -> None:
        """Say how to get one."""
        super().__init__(
            f"This host is no sandbox, and nothing was made. Add one with: alongside tenant add {SANDBOX}try --sandbox "
            "--name 'Try it' --nation ENGLAND"
        )


def register(app: typer.Typer) -> None:
    """Add the commands."""
    sandboxes.command("fill")(fill)
    sandboxes.command("live")(live)
    app.add_typer(sandboxes, name="sandbox")


def check_name(name: str, *, sandbox: bool) -> None:
    """Check that the id of a host to be added says what it is.

    Raises:
        SandboxNameError: It does not.
    """
    if is_sandbox(name) != sandbox:
        raise SandboxNameError(wanted=sandbox)


def fill(
    tenant: Tenant,
    people: Annotated[int, typer.Option(min=1, max=MOST_PEOPLE, help="Invented people to add.")] = 12,
    output: Output = "text",
) -> None:
    """Add invented people to a sandbox: some with support that goes on, some whose support ended, some who decided."""
    _show(_happen(sessions_of(tenant), people, every_s=0.0), output)


def live(
    tenant: Tenant,
    every: Annotated[float, typer.Option(min=SHORTEST_S, max=LONGEST_S, help="Seconds between two happenings.")] = 5.0,
    count: Annotated[int, typer.Option(min=1, max=MOST_EVENTS, help="End after so many.")] = 100,
    output: Output = "text",
) -> None:
    """Let something invented happen in a sandbox again and again, slowly, until it has been often enough or Ctrl-C."""
    told = (lambda made: out.print(f"{made['type']}  {made['subject']}", soft_wrap=True)) if output == "text" else None
    _show(_happen(sessions_of(tenant), count, every_s=every, told=told), output)


def sessions_of(tenant: str) -> Sessions:
    """Give the sessions of a sandbox's invented people, each signed in once.

    Raises:
        NotASandboxError: It is another host.
    """
    if not is_sandbox(tenant):
        raise NotASandboxError
    return cache(partial(invented, place_of(tenant, host=True), tenant))


def _happen(
    sessions: Sessions,
    times: int,
    *,
    every_s: float,
    told: Callable[[dict[str, str]], None] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, int]:
    """Let each kind of thing happen in turn; give how often each did."""
    made = dict.fromkeys(map(short, TRIGGERS), 0)
    for number, event_type in enumerate(itertools.islice(itertools.cycle(TRIGGERS), times)):
        if number and every_s:
            sleep(every_s)
        one = trigger(event_type, sessions)
        made[short(event_type)] += 1
        if told is not None:
            told(one)
    return made


def _show(made: dict[str, Any], output: str) -> None:
    if output == "json":
        show_json({"made": made})
    else:
        out.print(f"Done: {sum(made.values())} invented happenings.")
