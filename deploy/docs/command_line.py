"""The page of the command line, from the commands themselves."""

import importlib
from collections.abc import Iterator
from typing import Any

import typer

from deploy.docs.markdown import code, one_line, page, table
from shared.kernel.exits import MEANINGS

_INTRODUCTION = (
    "`alongside` is `.venv/bin/python -m client.main` in a copy of the code. `-o json` gives JSON on standard "
    "output; talk goes "
    f"to standard error. Exit codes: {'; '.join(f'{code} {meaning}' for code, meaning in MEANINGS.items())}. "
    "`ALONGSIDE_HOME` and `ALONGSIDE_PORT_BASE` say which stack is meant ([configuration](configuration.md))."
)
_BEFORE = (
    "A command of a host or of the board acts as the person who signed in with `alongside sign-in`. These options stand "
    "before the command: `alongside --url https://alongside.example people list --tenant hazel`."
)


def command_line_page() -> str:
    """Write the page."""
    app = typer.main.get_command(importlib.import_module("client.main").app)
    return page(
        "Command line",
        _INTRODUCTION,
        _BEFORE,
        table(("option", "what"), _rows([p for p in app.params if p.name != "help"])),
        *(_one(words, command) for words, command in commands()),
    )


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Give every command that does something, with the words that call it."""
    # The client stands above deploy and is never imported by it: it is found by name, as the installed script does.
    app = importlib.import_module("client.main").app
    yield from _below(("alongside",), typer.main.get_command(app))


def _below(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield words, command
        return
    for name, below in sorted(inner.items()):
        yield from _below((*words, name), below)


def _one(words: tuple[str, ...], command: Any) -> str:
    shown = [p for p in command.params if p.name != "help"]
    arguments = " ".join(_argument(p) for p in shown if p.param_type_name == "argument")
    options = [p for p in shown if p.param_type_name == "option"]
    rows = _rows(shown)
    head = f"## {' '.join(words[1:])}\n\n{one_line(command.help or '').replace('``', '`')}"
    usage = f"```text\n{' '.join((*words, arguments)).strip()}{' [options]' if options else ''}\n```"
    return "\n\n".join(part for part in (head, usage, table(("argument or option", "what"), rows)) if part)


def _rows(parameters: list[Any]) -> list[tuple[str, str]]:
    return [
        (code(_argument(p) if p.param_type_name == "argument" else ", ".join((*p.opts, *p.secondary_opts))), _about(p))
        for p in parameters
    ]


def _argument(parameter: Any) -> str:
    name = str(parameter.metavar or parameter.name).upper()
    return name if parameter.required else f"[{name}]"


def _about(parameter: Any) -> str:
    parts = [one_line(str(getattr(parameter, "help", None) or ""))]
    if parameter.param_type_name == "option":
        if parameter.required:
            parts.append("Needed.")
        elif isinstance(parameter.default, (str, int)) and not isinstance(parameter.default, bool):
            parts.append(f"Otherwise: {code(parameter.default)}.")
    return " ".join(part if part.endswith((".", "?")) else f"{part}." for part in parts if part)
