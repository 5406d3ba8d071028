"""Whoever asks the database has said how long they wait."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("shared", "services", "deploy", "client")


def clients_without_bound(text):
    """Lines on which a client of the database is made that may wait for ever."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "MongoClient"
        and "timeoutMS" not in {keyword.arg for keyword in node.keywords}
    ]


def test_every_client_of_the_database_has_a_bound():
    """An answer that never comes ends each wait of ours, whoever asks."""
    files = [file for folder in PRODUCT for file in (ROOT / folder).rglob("*.py")]
    found = {
        str(file.relative_to(ROOT)): lines
        for file in files
        if (lines := clients_without_bound(file.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_a_client_without_one_is_seen():
    """The check itself can fail."""
    assert clients_without_bound(
        "c = MongoClient(uri, serverSelectionTimeoutMS=1)\nd = MongoClient(uri, timeoutMS=1)\n"
    ) == [1]
