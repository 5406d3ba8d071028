"""The attackers share no code with what they attack."""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ATTACKERS = ("lp_attacker", "simulating_attacker", "rule_knowing", "naive", "known_failures")


@pytest.mark.parametrize("name", ATTACKERS)
def test_an_attacker_imports_nothing_of_the_product(name):
    """Standard library, numpy, scipy and each other only: no rule of the product is taken over by accident."""
    allowed = {"numpy", "scipy", "collections", "dataclasses", "functools", "itertools", "math", "random"}
    for node in ast.walk(ast.parse((HERE / f"{name}.py").read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names = [] if names == ["tests.attacks"] and {alias.name for alias in node.names} <= set(ATTACKERS) else names
        assert {found.split(".")[0] for found in names} <= allowed
