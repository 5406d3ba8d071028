"""What docstrings promise is shown by a test that exists."""

import ast
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROMISE = re.compile(r"^\s*Promises?:", re.MULTILINE)
NAMED = re.compile(r"tests/[\w/]+\.py|\btest_\w+")


def tracked(*folders):
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / line for line in listed if line.endswith(".py") and (ROOT / line).is_file()]


def docstrings(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""


def is_there(name, modules, functions):
    return (ROOT / name).is_file() if name.startswith("tests/") else name in modules | functions


def test_every_promise_names_its_test():
    """A promise that nothing shows is a wish: its docstring names a test module or a test."""
    product = tracked("services", "shared", "deploy", "client")
    silent = [
        str(path.relative_to(ROOT))
        for path in product
        for text in docstrings(path)
        if PROMISE.search(text) and not NAMED.search(text)
    ]
    assert silent == []


def test_every_test_that_is_named_is_there():
    """A renamed or deleted test takes no promise with it unseen; comments that name a test are read too."""
    tests = tracked("tests")
    modules = {path.stem for path in tests}
    functions = {
        node.name
        for path in tests
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    named = re.compile(r"tests/[\w/]+\.py|``(test_\w+)``")
    missing = [
        f"{path.relative_to(ROOT)}: {found.group(1) or found.group(0)}"
        for path in tracked("services", "shared", "deploy", "client")
        for found in named.finditer(path.read_text(encoding="utf-8"))
        if not is_there(found.group(1) or found.group(0), modules, functions)
    ]
    assert missing == []
