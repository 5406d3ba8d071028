"""Riddles that people met in pages, errors and documents; none of them may come back."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RIDDLES = (
    "nothing is to do",
    "or about to be",
    "begun anew",
    "anew",
    "is away",
    "are away",
    "stands still",
    "stand still",
    "as things stand",
    "each look is noted",
    "nobody can know",
    "who is no",
    "the page connection",
    "is no legal advice",
    "a no stands already",
    "if it stays so",
    "as it is, nothing will leave",
    "at three in the morning",
)
# On a button; to a survivor "if we write it down only later" is plain.
BUTTON = "Write it down"
FOUND = re.compile(rf"(?<![\w-])((?i:{'|'.join(map(re.escape, RIDDLES))})|{BUTTON})(?![\w-])")


def tracked(*folders):
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


def spoken(source):
    """What a program can say, and the lines that describe its errors: no comment, no other docstring."""
    tree = ast.parse(source)
    silent = set()
    for node in ast.walk(tree):
        error = isinstance(node, ast.ClassDef) and node.name.endswith("Error")
        body = getattr(node, "body", None)
        for n, part in enumerate(body if isinstance(body, list) else []):
            told = isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
            if told and not (error and n == 0):
                silent.add(id(part.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.lineno, node.value


def riddles(text):
    return [m[1].lower() for m in FOUND.finditer(" ".join(text.split()))]


def test_no_riddle_in_what_programs_say():
    """No page, sentence, error or command says one: templates whole, modules by their strings."""
    found = []
    for file in tracked("services", "shared", "client", "deploy"):
        if file.suffix == ".py":
            said = spoken(file.read_text(encoding="utf-8"))
        elif file.suffix in {".html", ".yaml"} and "swagger" not in file.parts:
            said = [(0, file.read_text(encoding="utf-8"))]
        else:
            continue
        found += [(str(file.relative_to(ROOT)), line, word) for line, text in said for word in riddles(text)]
    assert found == []


def test_no_riddle_in_documents():
    """Nor does a document; decisions stay as they were taken, and the reference is made from the code."""
    found = [
        (str(file.relative_to(ROOT)), word)
        for file in tracked("*.md", "docs")
        if file.suffix == ".md" and not {"decisions", "reference"} & set(file.parts) and file.name != "CHANGELOG.md"
        for word in riddles(file.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Something we need is\n    away. Repeat.", ["is away"]),
        ("The relay Stands  still.", ["stands still"]),
        ("consent:gate:state-anew", []),
        ("Keep it away from this machine.", []),
    ],
)
def test_a_riddle_is_seen(text, words):
    """Across a line's end and in capitals; a code that holds such letters is none."""
    assert riddles(text) == words
