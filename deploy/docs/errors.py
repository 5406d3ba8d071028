"""The page of errors: every class that is raised on purpose, read from the source so that nothing is imported."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from deploy.docs.markdown import code, page, sentence, table
from deploy.engines.layout import PROJECT_ROOT

ROOT_CLASS = "AlongsideError"
PACKAGES = ("shared", "services", "deploy", "client")
_FAMILIES = {
    "PreconditionRequiredError": "428",
    "PreconditionFailedError": "412",
    "IdempotencyKeyMissingError": "400",
    "NotFoundError": "404",
    "InvalidInputError": "422",
    "RuleViolationError": "409",
    "TemporarilyUnavailableError": "503; a message is tried again",
    "PoisonMessageError": "a message is parked",
}
"""What each family becomes at the edges; a class stands under the first of its ancestors that is here."""

_INTRODUCTION = (
    "Every error that the product raises on purpose. Over HTTP it is an `application/problem+json` document (RFC "
    "9457) whose "
    "`code` is listed here; a missing and a hidden thing give one and the same 404, `not-found`. The sentence says "
    "what is wrong "
    "and how to mend it; `…` stands for a name, a number or an id, never for what a person wrote. Anything "
    "unforeseen is "
    "`internal-fault`, 500, with a request id and no more."
)


@dataclass(kw_only=True)
class ErrorClass:
    """One class of error as its source has it.

    Attributes:
        module: Where it stands, such as ``services.board.errors``.
        bases: Names of its bases.
        sentences: What it says; ``…`` for each value.
    """

    name: str
    module: str
    bases: tuple[str, ...]
    code: str | None
    about: str
    sentences: list[str] = field(default_factory=list)


def errors_page() -> str:
    """Write the page."""
    found = error_classes()
    rows = [
        (code(code_of(error, found)), edge_of(error, found), error.about, " ".join(error.sentences))
        for error in sorted(found.values(), key=lambda e: (code_of(e, found), e.module, e.name))
    ]
    return page("Errors", _INTRODUCTION, table(("code", "becomes", "what", "it says"), rows))


@cache
def error_classes() -> dict[str, ErrorClass]:
    """Give every error of the product by module and name, those included that only stand for a family.

    Read once, since the code stays as it is while we run.
    """
    trees = {module: ast.parse(file.read_text(encoding="utf-8")) for module, file in _modules()}
    classes: dict[str, ErrorClass] = {}
    for module, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                classes[f"{module}:{node.name}"] = _read(node, module)
    ours = {ROOT_CLASS}
    while True:
        more = {c.name for c in classes.values() if ours & set(c.bases)} - ours
        if not more:
            break
        ours |= more
    found = {place: c for place, c in classes.items() if c.name in ours}
    for module, tree in trees.items():
        _collect_raised(tree, module, found)
    return found


def code_of(error: ErrorClass, found: dict[str, ErrorClass]) -> str:
    """Give an error's code, its own or the nearest ancestor's."""
    return error.code or next((code_of(base, found) for base in _bases(error, found)), "error")


def edge_of(error: ErrorClass, found: dict[str, ErrorClass]) -> str:
    """Say what becomes of an error at the edges."""
    if error.name in _FAMILIES:
        return _FAMILIES[error.name]
    return next((edge for base in _bases(error, found) if (edge := edge_of(base, found))), "")


def _bases(error: ErrorClass, found: dict[str, ErrorClass]) -> Iterator[ErrorClass]:
    for name in error.bases:
        yield from [c for c in found.values() if c.name == name][:1]


def _modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for file in sorted((PROJECT_ROOT / package).rglob("*.py")):
            # The client library's errors mirror those of the API under other names.
            if "alongside_client" in file.parts:
                continue
            yield ".".join(file.relative_to(PROJECT_ROOT).with_suffix("").parts), file


def _read(node: ast.ClassDef, module: str) -> ErrorClass:
    error = ErrorClass(
        name=node.name,
        module=module,
        bases=tuple(_last_word(base) for base in node.bases),
        code=None,
        about=sentence(ast.get_docstring(node)),
    )
    for part in node.body:
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Constant) and _is_code(part):
            error.code = str(part.value.value)
        if isinstance(part, ast.FunctionDef) and part.name == "__init__":
            said = [_said(call) for call in ast.walk(part) if isinstance(call, ast.Call) and _is_super_init(call)]
            error.sentences += [text for text in said if text.strip("… ")]
    return error


def _collect_raised(tree: ast.Module, module: str, found: dict[str, ErrorClass]) -> None:
    """Add the sentences that stand where an error is raised rather than in its class."""
    named = {error.name: error for error in found.values() if not error.sentences}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _last_word(node.func) in named:
            error = found.get(f"{module}:{_last_word(node.func)}") or named[_last_word(node.func)]
            text = _said(node)
            if " " in text.strip("… ") and text not in error.sentences:
                error.sentences.append(text)


def _is_code(assignment: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "code" for target in assignment.targets)


def _is_super_init(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"


def _said(call: ast.Call) -> str:
    return "".join(_words(call.args[0])) if call.args else ""


def _words(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from _words(part)
    else:
        yield "…"


def _last_word(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        return _last_word(node.value)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
