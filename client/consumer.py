"""Commands for integrators: try a receiver of one's own with invented events before it is added."""

import os
import textwrap
from collections.abc import Iterator
from typing import Annotated

import typer

from client.conformance.feed_rules import check_feed
from client.conformance.posting import Receiver, read_key
from client.conformance.queue_rules import check_queue
from client.conformance.rules import Finding
from client.conformance.rules import check as check_receiver
from client.shown import Output, out, show_json
from client.stacks import running_stack
from services.integrations.webhooks.signing import HMAC, KINDS, draw_key
from shared.kernel.exits import EXIT_REFUSED

SECRET = "WEBHOOK_SECRET"  # noqa: S105  The variable's name, not a secret.
FEED, QUEUE = "feed", "queue"
_WIDTH = 80

consumer = typer.Typer(help="Consumers: try a receiver of your own with invented events.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    consumer.command("check")(check)
    consumer.command("secret")(secret)
    app.add_typer(consumer, name="consumer")


def secret(
    signature: Annotated[str, typer.Option(help="HMAC with a shared secret, or ED25519 with a public key.")] = HMAC,
    output: Output = "text",
) -> None:
    """Draw a key for a test; it is no key of any webhook."""
    if signature not in KINDS:
        raise typer.BadParameter(f"Say --signature {' or '.join(KINDS)}.")
    key = draw_key(signature)
    if output == "json":
        show_json({"receiver": key.shown, "check": key.secret})
        return
    out.print("For your receiver, which verifies by it:")
    out.print(f"  {key.shown}", soft_wrap=True)
    out.print(f"For alongside consumer check, in {SECRET}:")
    out.print(f"  {key.secret}", soft_wrap=True)


def check(
    target: Annotated[
        str, typer.Argument(help="Your receiver's address, such as http://127.0.0.1:8000/in; or: feed; or: queue")
    ],
    command: Annotated[
        str | None,
        typer.Option("--command", help="With feed and queue: what starts your consumer, such as: python consumer.py"),
    ] = None,
    output: Output = "text",
) -> None:
    """Try a consumer of your own by each rule, with invented events only; 0 if all passed.

    A receiver's events are signed with WEBHOOK_SECRET. A consumer of the feed is started against a stand-in of a host,
    with ALONGSIDE_URL, ALONGSIDE_CLIENT_ID and ALONGSIDE_CLIENT_SECRET in its environment, and is killed at the end. A
    reader of a queue is started with QUEUE_URL and QUEUE_NAME of a queue that is made for the check at the broker of
    this machine's own stack, and removed again.
    """
    if (target in {FEED, QUEUE}) != (command is not None):
        raise typer.BadParameter(f"Say --command with {FEED} and {QUEUE}, and only with them.")
    if command is not None and target == QUEUE:
        _show(check_queue(command, running_stack().engines.rabbit), output)
    elif command is not None:
        _show(check_feed(command), output)
    else:
        _show(check_receiver(Receiver(target, read_key(os.environ.get(SECRET)))), output)


def _show(found: Iterator[Finding], output: str) -> None:
    findings = []
    for finding in found:
        findings.append(finding)
        if output == "json":
            continue
        out.print(f"{'passed' if finding.passed else 'failed'}  {finding.rule}", soft_wrap=True, markup=False)
        if not finding.passed:
            said = f"{finding.met[0].upper()}{finding.met[1:]}. {finding.mend}"
            text = textwrap.fill(said, _WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 8)
            out.print(text, soft_wrap=True, markup=False)
    if output == "json":
        show_json({"items": [one.row() for one in findings]})
    if not all(one.passed for one in findings):
        raise typer.Exit(EXIT_REFUSED)
