"""Commands that let an integrator try a receiver with a running host: forward its events, and make one happen."""

import os
from dataclasses import asdict
from typing import Annotated

import typer

from client.conformance.posting import Receiver, read_key
from client.consumer import SECRET
from client.listening import NAME, Forwarded, Listener, check_local
from client.people import As, administrator_of
from client.shown import Output, Tenant, out, show_json, talk
from client.stacks import invented, place_of
from client.triggering import trigger as make_happen
from services.integrations.webhooks.signing import HMAC, draw_key


def listen(  # noqa: PLR0917  The command line gives each by its name.
    tenant: Tenant,
    forward_to: Annotated[str, typer.Option("--forward-to", help="A receiver on this machine itself.")],
    name: Annotated[str, typer.Option(help=f"The consumer whose cursor is kept: {NAME}, or {NAME}- and more.")] = NAME,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many events.")] = None,
    by: As = None,
    output: Output = "text",
) -> None:
    """Forward each new event to a receiver on this machine, signed, until Ctrl-C."""
    check_local(forward_to)
    key = read_key(os.environ.get(SECRET), otherwise=lambda: draw_key(HMAC))
    receiver = Receiver(forward_to, key)
    listener = Listener(administrator_of(tenant, by), receiver, name=name)
    listener.begin()
    # Not to standard output, which may be kept.
    talk.print(f"The receiver verifies by: {key.shown}", soft_wrap=True)

    def told(one: Forwarded) -> None:
        if output == "json":
            show_json(asdict(one))
        else:
            more = f" at try {one.tries}" if one.tries > 1 else ""
            out.print(f"{one.position}  {one.type}  {one.status}{more}", soft_wrap=True)

    done = 0
    while count is None or done < count:
        done += listener.forward(told)


def trigger(
    event_type: Annotated[str, typer.Argument(metavar="TYPE", help="Such as case.episode_opened.")],
    tenant: Tenant,
    output: Output = "text",
) -> None:
    """Make an invented thing happen in a demo or a sandbox, so that its event comes."""
    place = place_of(tenant, host=True)
    made = make_happen(event_type, lambda name: invented(place, tenant, name))
    if output == "json":
        show_json(made)
    else:
        out.print(f"Done. {made['type']} comes soon, about {made['subject_field']} {made['subject']}.", soft_wrap=True)
